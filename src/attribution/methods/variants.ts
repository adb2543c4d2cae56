import { rowSize, rows } from '../../classifier/rows.ts';
import { ordered } from '../../common/ordered.ts';
import { float32, size, type Tensor } from '../../graph/index.ts';
import type { Runs } from '../prepared.ts';

export interface Variants<R> extends Runs {
  /** How many changed copies of every image. */
  readonly count: number;
  /** Writes the `variant`-th copy of an image to `out`. */
  readonly make: (original: Float32Array, variant: number, out: Float32Array, image: number) => void;
  /** Runs copies whose originals are the images `owners`. */
  readonly run: (copies: Tensor<'float32'>, owners: readonly number[]) => Promise<R>;
  /** Takes from a run's result what belongs to its `row`-th copy. Called in order, variant by variant. */
  readonly use: (result: R, row: number, image: number, variant: number) => void;
}

/** Runs many changed copies of each image in batches: what methods of many passes have in common. */
export async function overVariants<R>(input: Tensor<'float32'>, v: Variants<R>): Promise<void> {
  const images = input.shape[0];
  const n = rowSize(input);
  const total = images * v.count;
  function* batches() {
    for (let from = 0; from < total; from += v.batch) {
      const jobs = Array.from({ length: Math.min(v.batch, total - from) }, (_, i) => ({
        image: (from + i) % images,
        variant: Math.floor((from + i) / images),
      }));
      const copies = float32([jobs.length, ...input.shape.slice(1)], new Float32Array(jobs.length * n));
      jobs.forEach(({ image, variant }, row) => {
        v.make(
          rows(input, image, image + 1).data,
          variant,
          copies.data.subarray(row * n, (row + 1) * n),
          image,
        );
      });
      yield { jobs, copies };
    }
  }
  const run = async ({
    jobs,
    copies,
  }: {
    jobs: { image: number; variant: number }[];
    copies: Tensor<'float32'>;
  }) => {
    const owners = jobs.map((job) => job.image);
    return { jobs, result: await v.run(copies, owners) };
  };
  for await (const { jobs, result } of ordered(batches(), run, v.parallel)) {
    jobs.forEach(({ image, variant }, row) => {
      v.use(result, row, image, variant);
    });
  }
}

/** Weighted sums of rows in double precision, one per image. */
export function accumulator(images: number): {
  add(image: number, row: Float32Array, weight: number): void;
  /** The sums as a batch of this shape. */
  sums(shape: readonly number[]): Tensor<'float32'>;
} {
  const totals: Float64Array[] = [];
  return {
    add(image, row, weight) {
      totals[image] ??= new Float64Array(row.length);
      const total = totals[image];
      for (let i = 0; i < row.length; i++) total[i] += weight * row[i];
    },
    sums(shape) {
      const out = float32(shape, new Float32Array(size(shape)));
      totals.forEach((total, image) => {
        out.data.set(total, (image * out.data.length) / images);
      });
      return out;
    },
  };
}
