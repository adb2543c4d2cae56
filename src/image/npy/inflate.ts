import { Unzlib } from 'fflate';
import { fail } from '../../common/error.ts';
import { count } from '../../common/format.ts';

/** The most bytes that compressed arrays may become: a few kilobytes could be made to fill any memory. */
export const MOST_INFLATED = 2 ** 30;

/** Bytes that zlib compressed. Errors name `where`: they are none, or become too many. */
export function inflated(bytes: Uint8Array, where: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let [size, ended] = [0, false];
  const stream = new Unzlib((part, final) => {
    size += part.length;
    if (size > MOST_INFLATED)
      fail(where, `it becomes more than ${count(MOST_INFLATED)} bytes`, 'check that it is the right file');
    parts.push(part);
    ended = final;
  });
  try {
    // Some at a time, so that too many are noticed before they are all there.
    for (let at = 0; at < bytes.length; at += 2 ** 16)
      stream.push(bytes.subarray(at, at + 2 ** 16), at + 2 ** 16 >= bytes.length);
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    if (typeof code !== 'number') throw error;
    fail(where, `it cannot be decompressed: ${message}`, 'the file is damaged');
  }
  if (!ended) fail(where, 'it ends in the middle', 'the file is damaged');
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
