import { describe, expect, it } from 'vitest';
import { argmax } from '../../src/classifier/rank.ts';
import { LimnError } from '../../src/common/error.ts';
import { type PictureSample, type Predicted, type Predictor, predict } from '../../src/evaluation/index.ts';
import { float32, type Preprocessing } from '../../src/graph/index.ts';
import { type Image, image, preprocess } from '../../src/image/index.ts';

const how: Preprocessing = {
  resize: { height: 6, width: 7, mode: 'stretch' },
  crop: { height: 4, width: 4 },
  channels: 'rgb',
  mean: [100],
};

/** A picture of noise that its number decides. */
function picture(n: number): Image {
  const out = image(6 + (n % 3), 8);
  for (let i = 0; i < out.data.length; i++) out.data[i] = (i * 31 + n * 17 + ((i * n) % 7) * 11) % 256;
  return out;
}

/** What the stand-in for a network computes of one input: three sums over parts of it. */
const scoresOf = (input: ArrayLike<number>, factor: number): number[] => {
  const sums = [0, 0, 0];
  for (let i = 0; i < input.length; i++) sums[(i * 7) % 3] += (input[i] * factor * ((i % 5) + 1)) / 100;
  return sums;
};

interface Watch {
  runs: number[];
  running: number;
  most: number;
}

function standIn(
  watch: Watch,
  {
    batch = 'N',
    factor = 1,
    preprocessing = how,
  }: { batch?: number | string; factor?: number; preprocessing?: Preprocessing } = {},
): Predictor {
  return {
    name: 'stand-in',
    head: { name: 'class', output: 'y', kind: 'classes' },
    input: { name: 'x', type: 'float32', shape: [batch, 3, 4, 4] },
    preprocessing,
    async run({ shape: [n], data }) {
      watch.most = Math.max(watch.most, ++watch.running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      watch.running--;
      watch.runs.push(n);
      const each = data.length / n;
      const rows = Array.from({ length: n }, (_, i) =>
        scoresOf(data.subarray(i * each, (i + 1) * each), factor),
      );
      return float32([n, 3], rows.flat());
    },
  };
}

const watching = (): Watch => ({ runs: [], running: 0, most: 0 });

async function* samples(
  count: number,
  decoded: number[] = [],
  bad: readonly number[] = [],
): AsyncGenerator<PictureSample> {
  for (let n = 0; n < count; n++) {
    yield {
      name: `${n}`,
      picture: async () => {
        decoded.push(n);
        if (bad.includes(n)) throw new LimnError(`${n}`, 'no picture');
        return picture(n);
      },
    };
  }
}

async function all<T>(parts: AsyncIterable<T[]>): Promise<T[]> {
  const out: T[] = [];
  for await (const part of parts) out.push(...part);
  return out;
}

/** One picture after the other, one crop after the other. */
function literal(
  n: number,
  crops: 'center' | 'ten' | 'published',
  factor = 1,
): { scores: number[]; single?: number } {
  const input = preprocess([picture(n)], how, { crops });
  const count = input.shape[0];
  const each = input.data.length / count;
  const rows = Array.from({ length: count }, (_, i) =>
    scoresOf(input.data.subarray(i * each, (i + 1) * each), factor).map(Math.fround),
  );
  const scores = [0, 1, 2].map((i) => rows.reduce((sum, row) => sum + row[i], 0) / count);
  if (count === 1) return { scores };
  const corner = preprocess([picture(n)], how, { crops: 'published' });
  return { scores, single: argmax(scoresOf(corner.data, factor)) };
}

const options = { crops: 'center', batch: 4, workers: 2, decoders: 3 } as const;
const saidOf = <T>(predicted: Predicted<T>) =>
  'predictions' in predicted ? predicted.predictions : predicted.error.message;

describe('predict', () => {
  it.each(['center', 'ten', 'published'] as const)(
    'answers in order what every %s crop says',
    async (crops) => {
      const watch = watching();
      const predicted = await all(predict(samples(11), [standIn(watch)], { ...options, crops, batch: 20 }));
      expect(predicted.map(({ sample }) => sample.name)).toEqual(
        Array.from({ length: 11 }, (_, n) => `${n}`),
      );
      for (const [n, each] of predicted.entries()) expect(saidOf(each)).toEqual([literal(n, crops)]);
      expect(watch.runs.every((n) => n <= 20)).toBe(true);
      expect(watch.runs.reduce((a, b) => a + b)).toBe(crops === 'ten' ? 110 : 11);
      expect(watch.most).toBeLessThanOrEqual(2);
    },
  );

  it('decodes each picture once for all models', async () => {
    const decoded: number[] = [];
    const other = { ...how, mean: [0] };
    // Another object that says the same is the same preparation.
    const models = [
      standIn(watching()),
      standIn(watching(), { factor: 2, preprocessing: structuredClone(how) }),
      standIn(watching(), { preprocessing: other }),
    ];
    const predicted = await all(predict(samples(9, decoded), models, options));
    expect(decoded.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    for (const [n, each] of predicted.entries()) {
      const [first, second, third] = saidOf(each) as { scores: number[] }[];
      expect(first).toEqual(literal(n, 'center'));
      expect(second).toEqual(literal(n, 'center', 2));
      const plain = preprocess([picture(n)], other, {});
      expect(third.scores).toEqual(scoresOf(plain.data, 1).map(Math.fround));
    }
  });

  it('goes on after pictures that cannot be read, also a whole batch of them', async () => {
    const predicted = await all(predict(samples(10, [], [2, 4, 5, 6, 7]), [standIn(watching())], options));
    expect(predicted.map(saidOf)).toEqual(
      Array.from({ length: 10 }, (_, n) =>
        [2, 4, 5, 6, 7].includes(n) ? `${n}: no picture` : [literal(n, 'center')],
      ),
    );
  });

  it('takes no more pictures than are soon needed', async () => {
    const decoded: number[] = [];
    const asked = predict(samples(1000, decoded), [standIn(watching())], options);
    for (let i = 0; i < 5; i++) await asked.next();
    expect(decoded.length).toBeLessThanOrEqual((5 + options.workers + 2) * options.batch);
    await asked.return();
  });

  it('stops at what is wrong with the network', async () => {
    const nan = standIn(watching(), { factor: Number.NaN });
    await expect(all(predict(samples(3), [nan], options))).rejects.toThrow("0: output 'y': class 0 is NaN");
    const small = { ...how, crop: { height: 3, width: 4 } };
    await expect(
      all(predict(samples(3), [standIn(watching(), { preprocessing: small })], options)),
    ).rejects.toThrow('0: prepared, it is 3×3×4; the network takes 3×4×4');
  });
});
