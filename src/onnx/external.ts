import { fail } from '../common/error.ts';
import type { ExternalData, ExternalFile, LaterBytes } from './weights.ts';

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
  const { later } = file;
  let total = 0;
  const once = <T>(read: (offset: number, length: number) => T) => {
    const parts = new Map<string, T>();
    return (offset: number, length: number): T => {
      const place = `${offset} ${length}`;
      const known = parts.get(place);
      if (known) return known;
      total += length;
      if (total > size) fail(location, `weights in it overlap: they take more than its ${size} bytes`);
      const bytes = read(offset, length);
      parts.set(place, bytes);
      return bytes;
    };
  };
  return { size, read: once(file.read), later: later && once<LaterBytes>(later) };
}
