import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, type Tensor } from '../../src/graph/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { readNpy, type ScalarMap, writeNpy } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { averageFigure } from '../../src/verbs/average/figure.ts';
import { average } from '../../src/verbs/index.ts';
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
    maps: Array.from({ length: count }, (_, i) => ({ name: `${i}.npy`, map: map(i + 1) })),
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
