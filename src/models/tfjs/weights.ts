import { fail } from '../../common/error.ts';
import { firstNotFinite } from '../../common/finite.ts';
import { float16 } from '../../common/half.ts';
import { parseJson } from '../../common/json.ts';
import { quoted } from '../../common/quoted.ts';
import { size, type Tensor, tensor } from '../../graph/index.ts';

/** One entry of a TensorFlow.js weights manifest. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number };
}

/** Bytes per stored element. */
const widths: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  float16: 2,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/**
 * Weights in TensorFlow.js' format: a JSON manifest (a file of its own, or the `weightsManifest` of a `model.json`) and the
 * bytes of all its shards, joined. Quantised weights, stored as whole numbers q, are returned as q · scale + min, those
 * stored with 16 bits as 32, whole numbers as floats. Errors name the file, the weights and the byte offset.
 */
export function readTfjsWeights(
  manifest: string,
  bytes: Uint8Array,
  files: { readonly manifest: string; readonly weights: string },
): Map<string, Tensor<'float32'>> {
  const weights = new Map<string, Tensor<'float32'>>();
  let offset = 0;
  for (const entry of entriesOf(manifest, files.manifest)) {
    const stored = entry.quantization?.dtype ?? entry.dtype;
    const width =
      widths[stored] ??
      fail(`${files.manifest}: ${quoted(entry.name)}`, `weights of type ${stored} are not supported`);
    const count = size(entry.shape);
    const end = offset + count * width;
    if (end > bytes.length) {
      fail(
        `${files.weights}: byte ${bytes.length}`,
        `truncated: ${quoted(entry.name)} ends at byte ${end}`,
        'fetch it again',
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, count * width);
    const { scale = 1, min = 0 } = entry.quantization ?? {};
    const take = reader(view, stored);
    const data = Float32Array.from({ length: count }, (_, i) => take(i) * scale + min);
    const bad = firstNotFinite(data);
    if (bad >= 0) fail(`${files.weights}: ${quoted(entry.name)}`, `element ${bad} is ${data[bad]}`);
    weights.set(entry.name, tensor('float32', entry.shape, data));
    offset = end;
  }
  if (offset !== bytes.length) {
    fail(
      `${files.weights}: byte ${offset}`,
      `${bytes.length - offset} bytes that the manifest does not speak of`,
    );
  }
  return weights;
}

/** The stored elements by their place, as little-endian bytes have them. */
function reader(view: DataView, stored: string): (i: number) => number {
  switch (stored) {
    case 'float32':
      return (i) => view.getFloat32(4 * i, true);
    case 'int32':
      return (i) => view.getInt32(4 * i, true);
    case 'float16':
      return (i) => float16(view.getUint16(2 * i, true));
    case 'uint16':
      return (i) => view.getUint16(2 * i, true);
    default:
      return (i) => view.getUint8(i);
  }
}

function entriesOf(text: string, file: string): Entry[] {
  const { value: json } = parseJson(text, file, 'fetch it again');
  const groups = Array.isArray(json) ? json : fail(file, 'this is no TensorFlow.js weights manifest');
  return groups.flatMap((group) => {
    const entries: unknown = group?.weights;
    if (!Array.isArray(entries) || !entries.every(isEntry)) {
      return fail(file, 'this is no TensorFlow.js weights manifest');
    }
    return entries;
  });
}

function isEntry(value: unknown): value is Entry {
  const { name, shape, dtype, quantization } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>;
  // Weights stored as 16-bit floats have no scale.
  const { scale = 1, min = 0 } = (quantization ?? {}) as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    typeof dtype === 'string' &&
    Array.isArray(shape) &&
    shape.every((n) => Number.isSafeInteger(n) && n >= 0) &&
    typeof scale === 'number' &&
    typeof min === 'number'
  );
}
