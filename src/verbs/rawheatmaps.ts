import { rows } from '../classifier/index.ts';
import { fail } from '../common/error.ts';
import { readText } from '../common/files.ts';
import { firstNotFinite } from '../common/finite.ts';
import { float32, type Tensor } from '../graph/index.ts';
import { type ChannelOrder, readMat, readNpy, readNpz, readRawHeatmap } from '../image/index.ts';
import type { Host } from './host.ts';
import type { Wanted } from './paths.ts';

/** Files of raw heatmaps, as they are looked for in folders: the LRP Toolbox's text is known by the end of its name. */
export const rawHeatmaps: Wanted = {
  what: 'raw heatmaps',
  is: (path) => /(\.np[yz]|\.mat|_rawhm\.txt)$/i.test(path),
};

const ending = /(_rawhm)?\.[^.]*$/i;

/** Each heatmap once where it lies beside itself in several formats: not the text, which has six digits, but the other. */
export function withoutCopies(paths: readonly string[]): string[] {
  const exact = new Set(paths.filter((path) => !isText(path)).map((path) => path.replace(ending, '')));
  return paths.filter((path) => !isText(path) || !exact.has(path.replace(ending, '')));
}

const isText = (path: string): boolean => !/\.(np[yz]|mat)$/i.test(path);

/** A photo's name, without its ending; the same for both of Adience's pictures of a face. */
export const photoKey = (name: string): string =>
  name.replace(/(?:landmark|coarse_tilt)_aligned_face\./, 'face.');

/** One heatmap of a file. */
export interface RawHeatmap {
  /** Of the photo, as far as the file tells: its own name, with the array's or the number in it where there are several. */
  readonly name: string;
  /** 1×C×H×W. */
  readonly relevance: Tensor<'float32'>;
}

/**
 * The heatmaps in a file: `.npy`, `.npz`, `.mat` (N×C×H×W, C×H×W, H×W, or with up to four channels last), else the LRP Toolbox's
 * text. Errors: another array, one that is not finite, no such file.
 */
export async function readRawHeatmaps(path: string, order: ChannelOrder, host: Host): Promise<RawHeatmap[]> {
  const stem = host.files.basename(path).replace(ending, '');
  if (isText(path)) {
    const text = await readText(host.files, path, 'a heatmap');
    return [{ name: stem, relevance: readRawHeatmap(text, path, order) }];
  }
  const bytes = await host.files.read(path);
  if (/\.npy$/i.test(path)) return named(stem, asMaps(readNpy(bytes, path), path));
  const arrays = /\.npz$/i.test(path) ? readNpz(bytes, path) : readMat(bytes, path);
  return [...arrays].flatMap(([key, array]) =>
    named(arrays.size === 1 ? stem : `${stem}_${key}`, asMaps(array, `${path}: ${key}`)),
  );
}

const named = (name: string, maps: readonly Tensor<'float32'>[]): RawHeatmap[] =>
  maps.map((relevance, i) => ({ name: maps.length === 1 ? name : `${name}_${i}`, relevance }));

/** Channels come last only where there are few of them and the place for channels holds more. */
const fewChannels = 4;

/** An array as maps 1×C×H×W. Errors name `where`: another shape, a value that is not finite. */
export function asMaps({ shape, data }: Tensor, where: string): Tensor<'float32'>[] {
  const values = data instanceof Float32Array ? data : Float32Array.from(data, Number);
  const bad = firstNotFinite(values);
  if (bad >= 0) fail(where, `element ${bad} is ${values[bad]}`, 'give finite numbers');
  const batch = shape.length === 4 ? shape : shape.length === 3 ? [1, ...shape] : [1, 1, ...shape];
  if (batch.length !== 4 || batch.includes(0)) {
    fail(
      where,
      `expected relevance N×C×H×W, C×H×W or H×W, got [${shape}]`,
      'give raw relevance as explain writes it',
    );
  }
  const [n, second, third, last] = batch as [number, number, number, number];
  const isLast = shape.length > 2 && last <= fewChannels && second > fewChannels;
  const all = isLast
    ? float32([n, last, second, third], channelsFirst(values, n, second * third, last))
    : float32(batch, values);
  return Array.from({ length: n }, (_, i) => rows(all, i, i + 1));
}

/** N×P×C → N×C×P. */
function channelsFirst(values: Float32Array, n: number, pixels: number, channels: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < n; i++)
    for (let p = 0; p < pixels; p++)
      for (let c = 0; c < channels; c++)
        out[(i * channels + c) * pixels + p] = values[(i * pixels + p) * channels + c];
  return out;
}
