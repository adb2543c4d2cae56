import type { FillerParameter } from '../../caffe/index.ts';
import { fail } from '../../common/error.ts';
import { nearest } from '../../common/nearest.ts';
import { fillUniform, nameHash } from '../../common/random.ts';
import { size } from '../../graph/index.ts';
import { fillBilinear } from './bilinear.ts';
import { fan } from './fan.ts';
import { fillGaussian, thinOut } from './gaussian.ts';

/** One blob to fill. */
interface Blank {
  readonly out: Float32Array;
  readonly shape: readonly number[];
  readonly filler: FillerParameter;
  readonly seed: number;
  readonly stream: number;
  readonly where: string;
}

/** Caffe's fillers, by their type. */
const fillers: Readonly<Record<string, (blank: Blank) => void>> = {
  constant: ({ out, filler }) => out.fill(filler.value),
  uniform({ out, filler: { min, max }, seed, stream, where }) {
    if (!(min <= max)) fail(where, `a filler's min ${min} is above its max ${max}`, 'exchange them');
    fillUniform(out, seed, stream, min, max);
  },
  gaussian({ out, shape, filler, seed, stream, where }) {
    fillGaussian(out, filler, seed, stream, where);
    if (filler.sparse !== -1) thinOut(out, filler.sparse, shape[0] ?? 1, seed, stream + sparseStream, where);
  },
  /** Glorot and Bengio 2010. */
  xavier({ out, shape, filler, seed, stream }) {
    const limit = Math.sqrt(3 / fan(shape, filler.varianceNorm));
    fillUniform(out, seed, stream, -limit, limit);
  },
  /** He et al. 2015. */
  msra({ out, shape, filler, seed, stream, where }) {
    const std = Math.sqrt(2 / fan(shape, filler.varianceNorm));
    fillGaussian(out, { mean: 0, std }, seed, stream, where);
  },
  /** Each row, all that one output is made of, adds up to 1. */
  positive_unitball({ out, shape, seed, stream }) {
    fillUniform(out, seed, stream, 0, 1);
    const length = out.length / (shape[0] ?? 1);
    for (let start = 0; start < out.length; start += length) {
      const row = out.subarray(start, start + length);
      const sum = row.reduce((total, value) => total + value, 0);
      for (let i = 0; i < length; i++) row[i] /= sum;
    }
  },
  bilinear: ({ out, shape, where }) => fillBilinear(out, shape, where),
};

/** Which numbers are 0 is drawn apart from the numbers. Blobs of a layer are fewer than this by far. */
const sparseStream = 2 ** 20 * 2 ** 32;

/** The random stream of a layer's blob, which follows from its place alone: other layers do not change it. */
export const streamOf = (layer: string, blob: number): number => blob * 2 ** 32 + nameHash(`fill:${layer}`);

/**
 * New values for a blob, always the same for one seed and stream; without a filler, zeros. `where` names the blob in
 * errors: an unknown type of filler, numbers that it cannot take.
 */
export function fill(
  shape: readonly number[],
  filler: FillerParameter | undefined,
  seed: number,
  stream: number,
  where: string,
): Float32Array {
  const out = new Float32Array(size(shape));
  if (!filler) return out;
  const { type, sparse } = filler;
  if (!Object.hasOwn(fillers, type)) {
    const near = nearest(type, Object.keys(fillers));
    const fix = near ? `did you mean ${near}?` : `known: ${Object.keys(fillers).join(', ')}`;
    fail(where, `unknown filler '${type}'`, fix);
  }
  if (sparse !== -1 && type !== 'gaussian') {
    fail(where, `a filler of type ${type} cannot be sparse`, 'only gaussian can');
  }
  fillers[type]({ out, shape, filler, seed, stream, where });
  return out;
}
