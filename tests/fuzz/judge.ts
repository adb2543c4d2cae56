import { LimnError } from '../../src/common/error.ts';
import { FILE, type Format } from './format.ts';

/** How a reader came to its end: what a bug is called, or undefined where there is none. */
export async function complaint(
  { read, nameless = false }: Format,
  bytes: Uint8Array,
): Promise<string | undefined> {
  try {
    await read(bytes);
    return undefined;
  } catch (error) {
    return wrongIn(error, nameless);
  }
}

/** What is wrong with an error: it is not limn's, has more than one line, or does not say which file is damaged. */
function wrongIn(error: unknown, nameless: boolean): string | undefined {
  if (!(error instanceof LimnError)) return signatureOf(error);
  const { message } = error;
  if (message.includes('\n')) return `several lines: ${message}`;
  return nameless || message.includes(FILE) ? undefined : `names no file: ${message}`;
}

/** What is the same of one bug whatever the file: the error without numbers and names, and where it was thrown. */
function signatureOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const frame =
    error.stack?.split('\n').find((line) => /\s+at /.test(line) && !/node:internal/.test(line)) ?? '';
  const text = error.message
    .replace(/\d+/g, '0')
    .replace(/'[^']*'|"[^"]*"/g, "'…'")
    .slice(0, 120);
  return `${error.name}: ${text} ${frame.trim()}`;
}
