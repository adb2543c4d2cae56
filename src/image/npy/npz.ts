import { unzipSync } from 'fflate';
import { fail } from '../../common/error.ts';
import { count } from '../../common/format.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { MOST_INFLATED } from './inflate.ts';
import { readNpy } from './npy.ts';

/**
 * The arrays of a NumPy archive (`numpy.savez`, `savez_compressed`) by name, in its order; what else is in it is passed over.
 * Errors name `name`, and the array: no archive, a damaged one, more than a gibibyte of arrays.
 */
export function readNpz(bytes: Uint8Array, name: string): Map<string, Tensor> {
  let inflated = 0;
  const filter = ({ name: file, originalSize }: { readonly name: string; readonly originalSize: number }) => {
    if (!file.endsWith('.npy')) return false;
    inflated += originalSize;
    if (inflated > MOST_INFLATED)
      fail(name, `more than ${count(MOST_INFLATED)} bytes of arrays`, 'give some of them at a time');
    return true;
  };
  const files = unzipped(bytes, filter, name);
  const arrays = new Map(
    Object.entries(files).map(([file, content]) => {
      const key = file.slice(0, -'.npy'.length);
      return [key, readNpy(content, `${name}: ${key}`)] as const;
    }),
  );
  if (arrays.size === 0) fail(name, 'no arrays in it', 'give an archive that numpy.savez wrote');
  return arrays;
}

function unzipped(
  bytes: Uint8Array,
  filter: (file: { readonly name: string; readonly originalSize: number }) => boolean,
  name: string,
): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    // Its own errors are of class Error and have a code; others are from the filter.
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    if (typeof code !== 'number') throw error;
    return fail(name, `no archive, or a damaged one: ${message}`, 'give an archive that numpy.savez wrote');
  }
}
