import { jsonToStdout, toStdout } from './terminal.ts';

/** Prints a result; the only thing that goes to stdout. */
export function print(text: string): void {
  toStdout(text);
}

export function printJson(value: unknown): void {
  jsonToStdout(value);
}
