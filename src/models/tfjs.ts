import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import { size, type Tensor, tensor } from '../graph/index.ts';

/** One entry of a TensorFlow.js weights manifest. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

/** Bytes per stored element. */
const widths: Readonly<Record<string, number>> = { float32: 4, uint8: 1, uint16: 2 };

/**
 * Weights in TensorFlow.js' format: a JSON manifest and one file of bytes (its shards joined). Quantised weights,
 * stored as whole numbers q, are returned as q · scale + min. Errors name the file, the weights and the byte offset.
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
        'reinstall the package',
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, count * width);
    const { scale, min } = entry.quantization ?? { scale: 1, min: 0 };
    const data = Float32Array.from({ length: count }, (_, i) => element(view, i, width) * scale + min);
    const bad = data.findIndex((value) => !Number.isFinite(value));
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

function element(view: DataView, i: number, width: number): number {
  if (width === 4) return view.getFloat32(4 * i, true);
  return width === 2 ? view.getUint16(2 * i, true) : view.getUint8(i);
}

function entriesOf(text: string, file: string): Entry[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    fail(file, 'malformed JSON', 'reinstall the package');
  }
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
  const { scale, min } = (quantization ?? { scale: 1, min: 0 }) as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    typeof dtype === 'string' &&
    Array.isArray(shape) &&
    shape.every((n) => Number.isSafeInteger(n) && n >= 0) &&
    typeof scale === 'number' &&
    typeof min === 'number'
  );
}
