import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { failPath } from './errno.node.ts';

/** SHA-256 of a text, in hexadecimal. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** SHA-256 of a file's bytes, however many, in hexadecimal. Errors name the path. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 2 ** 20 }))
      hash.update(bytes as Uint8Array);
  } catch (error) {
    failPath(path, error);
  }
  return hash.digest('hex');
}
