import { describe, expect, it } from 'vitest';
import { argmax } from '../../src/classifier/rank.ts';
import { LimnError } from '../../src/common/error.ts';
import { type Examined, type Examinee, type Exhibit, examine } from '../../src/evaluation/index.ts';
import { float32, type Graph, type Preprocessing, type Tensor } from '../../src/graph/index.ts';
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
  for (let i = 0; i < input.length; i++) sums[(i * 7) % 3]! += (input[i]! * factor * ((i % 5) + 1)) / 100;
  return sums;
};

const graphOf = (batch: number | string): Graph => ({
  name: 'stand-in',
  inputs: [{ name: 'x', type: 'float32', shape: [batch, 3, 4, 4] }],
  outputs: [{ name: 'y', type: 'float32', shape: [batch, 3] }],
  nodes: [],
  constants: new Map(),
});

interface Watch {
  runs: number[];
  running: number;
  most: number;
}

function standIn(watch: Watch, batch: number | string = 'N', factor = 1, preparation = 0): Examinee {
  const session = {
    async run({ x }: Readonly<Record<string, Tensor>>) {
      watch.most = Math.max(watch.most, ++watch.running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      watch.running--;
      const n = x!.shape[0]!;
      watch.runs.push(n);
      const each = x!.data.length / n;
      const data = x!.data as Float32Array;
      const rows = Array.from({ length: n }, (_, i) =>
        scoresOf(data.subarray(i * each, (i + 1) * each), factor),
      );
      return { y: float32([n, 3], rows.flat()) };
    },
    release: async () => {},
  };
  return { graph: graphOf(batch), session, output: 'y', logarithm: false, preparation };
}

const watching = (): Watch => ({ runs: [], running: 0, most: 0 });

async function* exhibits(
  count: number,
  decoded: number[] = [],
  bad: readonly number[] = [],
): AsyncGenerator<Exhibit> {
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
  const count = input.shape[0]!;
  const each = input.data.length / count;
  const rows = Array.from({ length: count }, (_, i) =>
    scoresOf(input.data.subarray(i * each, (i + 1) * each), factor).map(Math.fround),
  );
  const scores = [0, 1, 2].map((i) => rows.reduce((sum, row) => sum + row[i]!, 0) / count);
  if (count === 1) return { scores };
  const corner = preprocess([picture(n)], how, { crops: 'published' });
  return { scores, single: argmax(scoresOf(corner.data, factor)) };
}

const options = { crops: 'center', batch: 4, workers: 2, decoders: 3 } as const;
const saidOf = <T>(examined: Examined<T>) => ('said' in examined ? examined.said : examined.error.message);

describe('examine', () => {
  it.each(['center', 'ten', 'published'] as const)(
    'answers in order what every %s crop says',
    async (crops) => {
      const watch = watching();
      const examined = await all(
        examine(exhibits(11), [how], [standIn(watch)], { ...options, crops, batch: 20 }),
      );
      expect(examined.map(({ exhibit }) => exhibit.name)).toEqual(
        Array.from({ length: 11 }, (_, n) => `${n}`),
      );
      for (const [n, each] of examined.entries()) expect(saidOf(each)).toEqual([literal(n, crops)]);
      expect(watch.runs.every((n) => n <= 20)).toBe(true);
      expect(watch.runs.reduce((a, b) => a + b)).toBe(crops === 'ten' ? 110 : 11);
      expect(watch.most).toBeLessThanOrEqual(2);
    },
  );

  it('fills up the batch of a network that takes a fixed one', async () => {
    const watch = watching();
    const examined = await all(examine(exhibits(7), [how], [standIn(watch, 3)], options));
    for (const [n, each] of examined.entries()) expect(saidOf(each)).toEqual([literal(n, 'center')]);
    expect(new Set(watch.runs)).toEqual(new Set([3]));
  });

  it('decodes each picture once for all models', async () => {
    const decoded: number[] = [];
    const models = [standIn(watching()), standIn(watching(), 'N', 2), standIn(watching(), 'N', 1, 1)];
    const other = { ...how, mean: [0] };
    const examined = await all(examine(exhibits(9, decoded), [how, other], models, options));
    expect(decoded.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    for (const [n, each] of examined.entries()) {
      const [first, second, third] = saidOf(each) as { scores: number[] }[];
      expect(first).toEqual(literal(n, 'center'));
      expect(second).toEqual(literal(n, 'center', 2));
      const plain = preprocess([picture(n)], other, {});
      expect(third!.scores).toEqual(scoresOf(plain.data, 1).map(Math.fround));
    }
  });

  it('goes on after pictures that cannot be read, also a whole batch of them', async () => {
    const examined = await all(
      examine(exhibits(10, [], [2, 4, 5, 6, 7]), [how], [standIn(watching())], options),
    );
    expect(examined.map(saidOf)).toEqual(
      Array.from({ length: 10 }, (_, n) =>
        [2, 4, 5, 6, 7].includes(n) ? `${n}: no picture` : [literal(n, 'center')],
      ),
    );
  });

  it('takes no more pictures than are soon needed', async () => {
    const decoded: number[] = [];
    const asked = examine(exhibits(1000, decoded), [how], [standIn(watching())], options);
    for (let i = 0; i < 5; i++) await asked.next();
    expect(decoded.length).toBeLessThanOrEqual((5 + options.workers + 2) * options.batch);
    await asked.return();
  });

  it('stops at what is wrong with the network', async () => {
    const nan = standIn(watching(), 'N', Number.NaN);
    await expect(all(examine(exhibits(3), [how], [nan], options))).rejects.toThrow(
      "0: output 'y': class 0 is NaN",
    );
    const small = { ...how, crop: { height: 3, width: 4 } };
    await expect(all(examine(exhibits(3), [small], [standIn(watching())], options))).rejects.toThrow(
      '0: prepared, it is 3×3×4; the network takes 3×4×4',
    );
  });

  it('makes probabilities of their logarithms before it averages', async () => {
    const log = { ...standIn(watching(), 'N', 0.01), logarithm: true };
    const [first] = await all(examine(exhibits(1), [how], [log], options));
    expect((saidOf(first!) as { scores: number[] }[])[0]!.scores).toEqual(
      literal(0, 'center', 0.01).scores.map(Math.exp),
    );
  });
});
