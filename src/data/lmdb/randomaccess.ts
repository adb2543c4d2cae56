import { fail } from '../../common/error.ts';
import type { RandomAccess } from '../../common/files.ts';

export type { RandomAccess } from '../../common/files.ts';

/** A `Blob`, such as the `File` that a person chose in the browser. Errors, when it is read, call it `name`. */
export function blobAccess(blob: Blob, name: string): RandomAccess {
  return {
    size: blob.size,
    async read(offset, length) {
      try {
        return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      } catch {
        return fail(name, 'it can be read no longer', 'choose it again: it was changed or moved since');
      }
    },
  };
}

/** Bytes in memory. */
export function bytesAccess(bytes: Uint8Array): RandomAccess {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) };
}
