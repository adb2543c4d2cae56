import { basename, extname } from 'node:path';
import { jsonToStdout, toStdout } from './terminal.ts';

/** Names for what is made of several files: their own without folder and ending, numbered where two are alike. */
export function stems(paths: readonly string[]): string[] {
  const used = new Set<string>();
  return paths.map((path) => {
    const stem = basename(path, extname(path)) || 'photo';
    let name = stem;
    for (let i = 2; used.has(name.toLowerCase()); i++) name = `${stem}-${i}`;
    used.add(name.toLowerCase());
    return name;
  });
}

/** A layer's or value's name as a file name: `inception_3a/1x1` → `inception_3a_1x1`. */
export const fileName = (name: string): string => name.replace(/[^\w.+-]/g, '_').replace(/^\.+/, '_') || '_';

/** Prints a result; the only thing that goes to stdout. */
export function print(text: string): void {
  toStdout(text);
}

export function printJson(value: unknown): void {
  jsonToStdout(value);
}
