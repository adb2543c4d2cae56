import { jsonToStdout, type Said, toStdout } from './terminal.ts';

/** Prints a result; the only thing that goes to stdout. */
export function print(...parts: readonly Said[]): void {
  toStdout(...parts);
}

export function printJson(value: unknown): void {
  jsonToStdout(value);
}
