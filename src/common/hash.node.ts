import { createHash } from 'node:crypto';
import { readParts } from './file.node.ts';

/** SHA-256 of a text, in hexadecimal. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** SHA-256 of a file's bytes, however many, in hexadecimal. Errors name the path; the reason of `signal`, once it is aborted. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of readParts(path)) {
    signal?.throwIfAborted();
    hash.update(bytes);
  }
  return hash.digest('hex');
}
