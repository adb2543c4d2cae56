import { fail } from '../common/error.ts';
import type { ExternalData, ExternalFile } from './weights.ts';

/**
 * Opens a file once, however many tensors it holds, and reads each place of it once, however many share it. Errors:
 * tensors that overlap, of which a small file could hold more than fits into memory.
 */
export function openedOnce(externalData: ExternalData): ExternalData {
  const files = new Map<string, Uint8Array | ExternalFile>();
  return (location) => {
    const found = files.get(location) ?? readOnce(externalData(location), location);
    files.set(location, found);
    return found;
  };
}

function readOnce(file: Uint8Array | ExternalFile, location: string): Uint8Array | ExternalFile {
  if (file instanceof Uint8Array) return file;
  const { size } = file;
  const parts = new Map<string, Uint8Array>();
  let total = 0;
  return {
    size,
    read(offset, length) {
      const place = `${offset} ${length}`;
      const known = parts.get(place);
      if (known) return known;
      total += length;
      if (total > size) fail(location, `weights in it overlap: they take more than its ${size} bytes`);
      const bytes = file.read(offset, length);
      parts.set(place, bytes);
      return bytes;
    },
  };
}
