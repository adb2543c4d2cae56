import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeLayout } from '../../src/image/figure/figure.node.ts';
import { layoutSvg } from '../../src/image/figure/figure.ts';
import { colormap } from '../../src/image/maps/colormap.ts';
import type { ScalarMap } from '../../src/image/maps/map.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { encodePng } from '../../src/image/pixels/encode.node.ts';
import { type Grid, layoutGrid } from '../../src/report/grid.ts';
import { addMap, deviationMap, meanMap, mergeMaps, noMaps } from '../../src/report/grid-moments.ts';
import { noiseImage } from '../image/pictures.ts';
import { malformed, nastyNames } from './markup.ts';

const grid = (name: string): Grid => ({
  title: name,
  subtitle: `${name} ${name}`,
  columns: [{ title: 'photo' }, { title: name, note: name }, { title: 'b' }],
  rows: [
    [
      { image: noiseImage(30, 60, 1), title: name, note: name },
      {
        image: noiseImage(9, 9, 2),
        enlarge: 'pixels',
        title: name,
        scores: [{ label: name, fraction: 2, text: name, explained: true }],
        legend: { colours: colormap('bwr'), limit: 1 },
      },
      undefined,
    ],
    [undefined, { image: noiseImage(70, 7, 3) }, { image: noiseImage(1, 1, 4) }],
  ],
  footer: name,
});

describe('a grid', () => {
  it('has its pictures in rows and columns, on whole units, apart from each other', () => {
    const { pictures, width, height } = layoutGrid(grid('name'));
    expect(pictures.map(({ width, height }) => [width, height])).toEqual([
      [168, 84],
      [168, 168],
      [17, 168],
      [168, 168],
    ]);
    const [photo, map, narrow, last] = pictures as [(typeof pictures)[0], ...typeof pictures];
    expect(photo.y).toBe(map.y);
    expect(narrow.y).toBe(last.y);
    expect(narrow.y).toBeGreaterThan(map.y + map.height);
    expect(map.x).toBeGreaterThan(photo.x + photo.width);
    expect(Math.abs(narrow.x + narrow.width / 2 - map.x - map.width / 2)).toBeLessThanOrEqual(0.5);
    for (const { x, y, ...size } of pictures) {
      expect([x, y].every(Number.isInteger)).toBe(true);
      expect(x + size.width).toBeLessThanOrEqual(width);
      expect(y + size.height).toBeLessThanOrEqual(height);
    }
  });

  it('loses nothing of long names, and moves what is under them', () => {
    const name = 'age_finetuning_caffenet_unaligned_mixed_imdbwiki';
    const cell = (title: string) => ({
      image: noiseImage(9, 9, 2),
      title,
      note: 'mean of 12 photos',
      scores: [{ label: name, fraction: 0.5, text: '50 %' }],
      legend: { colours: colormap('bwr'), limit: 1 },
    });
    const layout = (title: string) =>
      layoutGrid({
        title,
        columns: [{ title, note: title }, { title: 'short' }],
        rows: [[cell('short'), cell(title)], [cell('short')]],
      });
    const [short, long] = [layout('short'), layout(name)];
    expect(long.elements).not.toContain('…');
    expect(long.height).toBeGreaterThan(short.height);
    expect(long.pictures[0].y).toBeGreaterThan(short.pictures[0].y);
    for (const { x, y } of long.pictures) expect([x, y].every(Number.isInteger)).toBe(true);
    // All notes of a row lie on one line.
    const [first, second] = [
      ...long.elements.matchAll(/"mean of 12 photos"[^>]*translate\(\S+ (\S+)\)/g),
    ].map(([, y]) => y);
    expect(first).toBe(second);
    // What has more lines than there may be is whole as a tooltip.
    const { elements } = layout(Array.from({ length: 9 }, () => name).join('_'));
    expect(elements).toMatch(new RegExp(`<title>(${name}_){8}${name}</title>.*…`));
  });

  it('is well-formed SVG, whatever names are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...nastyNames), fc.string({ unit: 'grapheme', maxLength: 200 })),
        async (name) => {
          const svg = await layoutSvg(layoutGrid(grid(name)), encodePng);
          expect(malformed(svg)).toBeUndefined();
          expect(svg.replace(/"data:[^"]*"/g, '').match(/NaN|undefined|<script|<img/g)).toBeNull();
          const ids = [...svg.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
          expect(new Set(ids).size).toBe(ids.length);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('is drawn with its pictures where they belong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'limn-test-'));
    try {
      const layout = layoutGrid(grid('name'));
      await writeLayout(join(folder, 'grid.png'), layout);
      const drawn = await decodeFile(join(folder, 'grid.png'));
      expect([drawn.width, drawn.height]).toEqual([2 * layout.width, 2 * layout.height]);
      for (const { x, y, image } of layout.pictures) {
        const at = (2 * y * drawn.width + 2 * x) * 3;
        expect([...drawn.data.subarray(at, at + 3)]).toEqual([...image.data.subarray(0, 3)]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('moments of heatmaps', () => {
  const size = { width: 3, height: 2 };
  const maps = fc.array(
    fc
      .array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 6, maxLength: 6 })
      .map((data): ScalarMap => ({ ...size, data: Float32Array.from(data) })),
    { minLength: 1, maxLength: 12 },
  );
  const momentsOf = (all: readonly ScalarMap[]) => {
    const moments = noMaps(3, 2);
    for (const map of all) addMap(moments, map, 'map');
    return moments;
  };

  it('are the mean and the population standard deviation of each pixel', () => {
    fc.assert(
      fc.property(maps, (all) => {
        const moments = momentsOf(all);
        const [mean, deviation] = [meanMap(moments), deviationMap(moments)];
        expect(moments.n).toBe(all.length);
        for (let i = 0; i < 6; i++) {
          const values = all.map(({ data }) => data[i]);
          const expected = values.reduce((sum, value) => sum + value, 0) / values.length;
          const variance = values.reduce((sum, value) => sum + (value - expected) ** 2, 0) / values.length;
          expect(mean.data[i]).toBeCloseTo(expected, 3);
          expect(deviation.data[i]).toBeCloseTo(Math.sqrt(variance), 2);
        }
      }),
    );
  });

  it('of two sets together are those of all their maps, to the last bit', () => {
    fc.assert(
      fc.property(maps, maps, (a, b) => {
        const [joined, all] = [momentsOf(a), momentsOf([...b, ...a])];
        mergeMaps(joined, momentsOf(b), 'b');
        expect(joined.n).toBe(all.n);
        expect(meanMap(joined)).toEqual(meanMap(all));
        expect(deviationMap(joined)).toEqual(deviationMap(all));
      }),
    );
  });

  it('of maps of different sizes are an error that names the map', () => {
    const other = { width: 2, height: 2, data: new Float32Array(4) };
    expect(() => addMap(noMaps(3, 2), other, 'b.onnx')).toThrow(
      "b.onnx: its heatmap is 2×2, the others' 2×3",
    );
    expect(() => mergeMaps(noMaps(3, 2), noMaps(2, 2), 'b.onnx')).toThrow(
      "b.onnx: its heatmaps are 2×2, the others' 2×3",
    );
  });
});
