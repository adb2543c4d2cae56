import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { float32 } from '../../src/graph/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { type GridRecord, readGridRecord } from '../../src/verbs/grid/record.ts';
import { type GridRequest, grid, gridShard, merge } from '../../src/verbs/index.ts';
import { filesIn, folder, tinyModel } from '../cli/limn.ts';

const models = [{ name: 'A', file: 'a.onnx', sha256: 'f'.repeat(64), network: 'net', head: 'class' }];
const common = { title: 'title', subtitle: 'subtitle', target: 'predicted', models } as const;

const photos: GridRecord = {
  format: 'limn grid 1',
  kind: 'photos',
  ...common,
  explanation: { method: 'lrp', head: 'class', parameters: { composite: 'iccv2017' }, rules: 'all of them' },
  scale: 'row',
  colors: 'bwr',
  photos: [
    {
      photo: 'a.png',
      truth: 'ant',
      cells: [{ model: 'A', target: 'ant', limit: 0.5, scores: [{ label: 'ant', text: '99 %' }] }],
    },
  ],
};

const means: GridRecord = {
  format: 'limn grid 1',
  kind: 'means',
  ...common,
  data: { source: 'faces', pictures: 2, withoutTruth: 0, withoutGroup: 1, notes: ['read so'] },
  by: ['label'],
  groups: [{ group: 'all pictures', counts: { A: 2 } }],
  files: [{ model: 'A', group: 'all pictures', n: 2, mean: '1_mean.npy', deviation: '1_sd.npy' }],
};

describe("a grid's record", () => {
  it.each([photos, means])('is read as it was written: $kind', (record) => {
    expect(readGridRecord(JSON.stringify(record), 'grid.json')).toEqual(record);
  });

  it.each([photos, means])('of the first limn, without a format, is read: $kind', (record) => {
    const { format, ...old } = record;
    expect(readGridRecord(JSON.stringify(old), 'grid.json')).toEqual({ ...old, format });
  });

  it.each([
    ['', 'grid.json: not what limn grid writes; make the grid again, or move it away'],
    ['[]', 'grid.json: not what limn grid writes'],
    ['{"kind":"photos"}', 'grid.json, title: not what limn grid writes'],
    [JSON.stringify({ ...photos, kind: 'other' }), 'grid.json, kind: not what limn grid writes'],
    [
      JSON.stringify({ ...means, groups: [{ group: 'a', counts: { A: 'two' } }] }),
      'grid.json, groups.0.counts.A: not what limn grid writes',
    ],
    [
      JSON.stringify({ ...photos, format: 'limn grid 2' }),
      "grid.json: a 'limn grid 2', this limn reads 'limn grid 1'; update limn",
    ],
  ])('is refused with its place: %s', (text, message) => {
    expect(() => readGridRecord(text, 'grid.json')).toThrow(message);
  });
});

describe('shards of average heatmaps', () => {
  const pictures = 9;
  let dir = '';
  const at = (name: string) => join(dir, name);

  beforeAll(async () => {
    dir = folder();
    writeFileSync(at('a.onnx'), writeOnnx(tinyModel()).bytes);
    // Another that says otherwise.
    const { graph, info } = tinyModel();
    const constants = new Map(graph.constants).set('fc.bias', float32([5], [0, 3, 0, 0, 0]));
    writeFileSync(at('b.onnx'), writeOnnx({ graph: { ...graph, constants }, info }).bytes);
    const { default: sharp } = await import('sharp');
    const rows = ['path,class,who'];
    for (let i = 0; i < pictures; i++) {
      const [width, height] = [20 + i, 24];
      const data = Uint8Array.from(
        { length: width * height * 3 },
        (_, j) => (j * (i + 3) * 37 + i * 50) % 256,
      );
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(at(`${i}.png`));
      // Of some the true class is not known, of others the group; some groups come late.
      rows.push(
        `${i}.png,${i === 0 || i === 4 ? '' : ['ant', 'bee', 'cat'][i % 3]},${['x', 'y', ''][i >> 2]}`,
      );
    }
    writeFileSync(at('all.csv'), `${rows.join('\n')}\n`);
    writeFileSync(at('fewer.csv'), `${rows.slice(0, -1).join('\n')}\n`);
  });

  const asked = (more: Partial<GridRequest> = {}): Omit<GridRequest, 'output'> => ({
    models: [at('a.onnx'), at('b.onnx'), at('b.onnx')],
    names: ['two folds', 'one', 'two folds'],
    means: at('all.csv'),
    labelColumns: ['class'],
    threads: 1,
    ...more,
  });

  const contents = (name: string): Record<string, string> =>
    Object.fromEntries(filesIn(at(name)).map((file) => [file, readFileSync(join(at(name), file), 'latin1')]));

  it('come to those of one piece, to the last bit, however the pictures are divided', async () => {
    const ways = fc.record({
      by: fc.constantFrom(undefined, ['class'], ['who', 'predicted']),
      target: fc.constantFrom('predicted', 'true'),
      sharedScale: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(ways, fc.integer({ min: 1, max: pictures }), async (more, of) => {
        for (const name of ['whole', 'merged']) rmSync(at(name), { recursive: true, force: true });
        await grid({ ...asked(more), output: at('whole') }, nodeHost);
        const shards = Array.from({ length: of }, (_, i) => at(`part-${i + 1}`));
        for (const [i, output] of shards.entries()) {
          rmSync(output, { recursive: true, force: true });
          await gridShard({ ...asked(more), output, shard: { index: i + 1, of } }, nodeHost);
        }
        await merge({ shards: shards.reverse(), output: at('merged') }, nodeHost);
        expect(contents('merged')).toEqual(contents('whole'));
      }),
      { numRuns: 5 },
    );
  });

  it('are refused where they do not belong together, and nothing is written', async () => {
    const part = async (name: string, index: number, more: Partial<GridRequest> = {}) => {
      await gridShard({ ...asked(more), output: at(name), shard: { index, of: 2 } }, nodeHost);
      return at(name);
    };
    const merged = (...shards: string[]) => merge({ shards, output: at('never') }, nodeHost);
    const [first, second] = [await part('first', 1), await part('second', 2)];
    const others = {
      model: await part('model', 2, { models: [at('a.onnx'), at('a.onnx'), at('b.onnx')] }),
      data: await part('data', 2, { means: at('fewer.csv') }),
      by: await part('by', 2, { by: ['who'] }),
      composite: await part('composite', 2, { composite: 'epsilon' }),
    };
    for (const [what, other] of Object.entries(others))
      await expect(merged(first, other)).rejects.toThrow(
        new RegExp(`${what}: made with another ${what} than .*first`),
      );
    await expect(merged(second)).rejects.toThrow(/second: of 2 shards, 1 is missing/);
    await expect(merged(first, first)).rejects.toThrow(/shard 1 of 2, as .*first is/);
    writeFileSync(join(second, 'sums-2.npy'), readFileSync(join(first, 'sums-2.npy')));
    await expect(merged(first, second)).rejects.toThrow(/second.sums-2\.npy: damaged/);
    expect(existsSync(at('never'))).toBe(false);
  });

  it('are of data, and of no more parts than pictures', async () => {
    const one = { output: at('none'), shard: { index: 1, of: pictures + 1 } };
    await expect(gridShard({ ...asked(), ...one }, nodeHost)).rejects.toThrow(/10 shards of 9 pictures/);
    const { means: _, labelColumns: __, ...photos } = asked();
    await expect(gridShard({ ...photos, photos: [at('0.png')], ...one }, nodeHost)).rejects.toThrow(
      /shard: a grid of photos is one picture/,
    );
    const unknown = asked({ means: at('unknown.csv'), target: 'true' });
    writeFileSync(at('unknown.csv'), 'path,class\n0.png,\n1.png,\n');
    const shards = [1, 2].map((index) => at(`unknown-${index}`));
    for (const [i, output] of shards.entries())
      await gridShard({ ...unknown, output, shard: { index: i + 1, of: 2 } }, nodeHost);
    await expect(merge({ shards, output: at('none') }, nodeHost)).rejects.toThrow(
      /unknown\.csv: no picture has a true class/,
    );
    expect(existsSync(at('none/grid.json'))).toBe(false);
  });
});
