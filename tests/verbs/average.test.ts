import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, type Tensor } from '../../src/graph/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { readNpy, type ScalarMap, writeNpy } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { averageFigure } from '../../src/verbs/average/figure.ts';
import { average, averageShard, merge } from '../../src/verbs/index.ts';
import { folder } from '../cli/limn.ts';
import { noise } from '../nets.ts';

const dir = folder();
const at = (name: string) => join(dir, name);

function written(maps: readonly Tensor<'float32'>[]): string[] {
  return maps.map((map, i) => {
    const path = at(`map-${i}.npy`);
    writeFileSync(path, writeNpy(map));
    return path;
  });
}

/** Maps of one shape, of which one may be all zeros, and their sizes very different. */
const someMaps = fc
  .record({
    shape: fc.tuple(
      fc.constant(1),
      fc.constant(3),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
    ),
    factors: fc.array(fc.constantFrom(0, 1e-3, 1, -2, 500), { minLength: 1, maxLength: 4 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ shape, factors, seed }) =>
    factors.map((factor, i) =>
      float32(
        shape,
        noise(shape, seed + i).data.map((value) => factor * value),
      ),
    ),
  );

describe('shards of an average', () => {
  /** Averages maps in one piece and in so many shards: both results, and both files. */
  async function bothWays(maps: readonly Tensor<'float32'>[], of: number, ending: string, normalise = false) {
    const asked = { maps: written(maps), normalise };
    const [output, merged] = ['whole', 'merged'].map((name) => at(`${name}.${ending}`));
    const whole = await average({ ...asked, output }, nodeHost);
    const shards = Array.from({ length: of }, (_, i) => at(`shard-${i + 1}`));
    for (const [i, folder] of shards.entries())
      await averageShard({ ...asked, output: folder, shard: { index: i + 1, of } }, nodeHost);
    const result = await merge({ shards: shards.reverse(), output: merged }, nodeHost);
    expect(result).toEqual({ kind: 'average', mean: { ...whole, output: merged } });
    expect(readFileSync(merged)).toEqual(readFileSync(output));
  }

  it('come to the mean of one piece, to the last bit, however they are divided', async () => {
    await fc.assert(
      fc.asyncProperty(
        someMaps,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.constantFrom('npy', 'txt'),
        (maps, of, normalise, ending) => bothWays(maps, Math.min(of, maps.length), ending, normalise),
      ),
      { numRuns: 25 },
    );
  });

  it.each([3, 5])('come to the figure of one piece, of %s maps', async (count) => {
    const maps = Array.from({ length: count }, (_, i) => noise([1, 3, 4, 4], i + 1));
    await bothWays(maps, 2, 'png');
  });

  it('are refused where they do not belong together, and nothing is written', async () => {
    const maps = written([1, 2, 3].map((seed) => noise([1, 3, 2, 2], seed)));
    const part = async (name: string, index: number, more: object = {}) => {
      await averageShard({ maps, output: at(name), shard: { index, of: 2 }, ...more }, nodeHost);
      return at(name);
    };
    const first = await part('first', 1);
    const second = await part('second', 2);
    const output = at('never.png');
    const merged = (...shards: string[]) => merge({ shards, output }, nodeHost);
    const data = await part('data', 2, { maps: maps.slice(1) });
    await expect(merged(first, data)).rejects.toThrow(/data: made with another data than .*first/);
    const settings = await part('settings', 2, { normalise: true, colors: 'bwr' });
    await expect(merged(first, settings)).rejects.toThrow(/another normalise, colors than .*first/);
    await expect(merged(first)).rejects.toThrow(/of 2 shards, 2 is missing/);
    await expect(part('none', 1, { maps: maps.slice(0, 1) })).rejects.toThrow(/2 shards of 1 files/);
    writeFileSync(join(second, 'sums.npy'), writeNpy(noise([1, 3, 2, 2], 9)));
    await expect(merged(first, second)).rejects.toThrow(/second: damaged: sums\.npy or maps\.npy/);
    const other = written([noise([1, 3, 2, 2], 4), noise([1, 3, 3, 2], 5)]);
    const unlike = [await part('a', 1, { maps: other }), await part('b', 2, { maps: other })];
    await expect(merged(...unlike)).rejects.toThrow(/its shape is \[1,3,3,2\]/);
    expect(existsSync(output)).toBe(false);
  });
});

describe('average', () => {
  it.each([false, true])('is the mean, literally; each map with the same weight: %s', async (normalise) => {
    await fc.assert(
      fc.asyncProperty(someMaps, async (maps) => {
        const output = at('mean.npy');
        const { spread } = await average({ maps: written(maps), output, normalise }, nodeHost);
        const mean = readNpy(readFileSync(output), output).data;
        // In float64, as the formula is written: (1 / n) Σ R / Σ|R|.
        const sizes = maps.map(({ data }) => [...data].reduce((sum, value) => sum + Math.abs(value), 0));
        const weight = (i: number) => (normalise && sizes[i] > 0 ? 1 / sizes[i] : 1);
        maps[0].data.forEach((_, k) => {
          const expected = maps.reduce((sum, { data }, i) => sum + data[k] * weight(i), 0) / maps.length;
          const largest = Math.max(...maps.map(({ data }, i) => Math.abs(data[k]) * weight(i)));
          expect(Math.abs(Number(mean[k]) - expected)).toBeLessThanOrEqual(1e-6 * largest + 1e-12);
        });
        const some = sizes.filter((size) => size > 0);
        expect(spread).toBeCloseTo(some.length > 0 ? Math.max(...some) / Math.min(...some) : 1, 6);
      }),
      { numRuns: 25 },
    );
  });

  it('draws a figure with a legend, or the bare heatmap, a pixel for each of the input', async () => {
    const maps = written([noise([1, 3, 6, 8], 1), noise([1, 3, 6, 8], 2)]);
    const [figure, larger, bare] = ['figure.png', 'larger.png', 'bare.png'].map(at);
    await average({ maps, output: figure, density: 1 }, nodeHost);
    await average({ maps, output: larger }, nodeHost);
    await average({ maps, output: bare, figure: false }, nodeHost);
    const names = ['one'];
    await expect(average({ maps, names, output: larger }, nodeHost)).rejects.toThrow('names: 1 for 2 files');
    const size = async (path: string) => {
      const { width, height } = await decodeFile(path);
      return [width, height];
    };
    expect(await size(bare)).toEqual([8, 6]);
    const [width, height] = await size(figure);
    expect(width).toBeGreaterThan(500);
    expect(await size(larger)).toEqual([2 * width, 2 * height]);
  });
});

describe('the figure of a mean', () => {
  const map = (value: number): ScalarMap => ({
    width: 2,
    height: 1,
    data: Float32Array.of(value, -value / 2),
  });
  const about = (count: number, normalise = false) => ({
    mean: map(1),
    maps: count,
    titles: Array.from({ length: count }, (_, i) => `${i}.npy`),
    few: Array.from({ length: count }, (_, i) => ({ name: `${i}.npy`, map: () => map(i + 1) })),
    normalise,
    spread: 4,
  });
  const style = { colors: 'seismic', scale: { limit: 2 } };

  it('says what was averaged and how, and has a scale under every picture', () => {
    const { title, subtitle, footer, panels } = averageFigure(about(2), style);
    expect([title, subtitle]).toEqual(['Mean of 2 heatmaps', '0.npy, 1.npy']);
    expect(panels.map(({ caption }) => caption)).toEqual(['mean relevance', '0.npy', '1.npy']);
    expect(panels.map(({ legend }) => legend?.limit)).toEqual([2, 2, 2]);
    expect(footer).toContain(
      'as they are: the sum of |relevance| of the largest is 4 times that of the smallest',
    );
    expect(averageFigure(about(2, true), style).footer).toContain('Each was divided by the sum');
    const own = averageFigure(about(3), { ...style, scale: 'max' });
    expect(own.panels.map(({ legend }) => legend?.limit)).toEqual([1, 1, 2, 3]);
  });

  it('shows the mean alone of many heatmaps', () => {
    expect(averageFigure(about(12), style).panels).toHaveLength(1);
  });
});
