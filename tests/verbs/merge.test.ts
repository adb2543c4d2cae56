import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { completeShards, type ShardRecord, shardRange } from '../../src/common/shard.ts';
import { readResult } from '../../src/evaluation/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import {
  classify,
  classifyDocument,
  classifyShard,
  type EvaluateRequest,
  evaluate,
  merge,
  type SaveExplanationsRequest,
  saveExplanations,
} from '../../src/verbs/index.ts';
import { filesIn, folder, placeless, tinyModel } from '../cli/limn.ts';

const photos = 11;
let dir = '';
const at = (name: string) => join(dir, name);

beforeAll(async () => {
  dir = folder();
  writeFileSync(at('net.onnx'), writeOnnx(tinyModel()).bytes);
  writeFileSync(at('other.onnx'), writeOnnx(tinyModel({ provenance: { made: 'otherwise' } })).bytes);
  const { default: sharp } = await import('sharp');
  const lines: string[] = [];
  for (let i = 0; i < photos; i++) {
    const [width, height] = [20 + i, 24];
    const data = Uint8Array.from({ length: width * height * 3 }, (_, j) => (j * (i + 3) * 37 + i * 50) % 256);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(at(`${i}.png`));
    lines.push(`${i}.png ${i % 5}\n`);
  }
  writeFileSync(at('5.png'), 'no photo');
  // A photo of another's name, whose files have a number.
  mkdirSync(at('more'));
  copyFileSync(at('3.png'), at('more/3.png'));
  writeFileSync(at('list.txt'), lines.join(''));
  writeFileSync(at('fewer.txt'), lines.slice(1).join(''));
});

/** Evaluates into a folder of that name. */
const evaluated = (name: string, more: Partial<EvaluateRequest> = {}) => {
  const request = {
    models: [at('net.onnx')],
    data: at('list.txt'),
    output: at(name),
    threads: 1,
    skipBad: true,
  };
  return evaluate({ ...request, ...more }, nodeHost);
};

/** Every file of a folder. */
const contents = (name: string): Record<string, string> =>
  Object.fromEntries(filesIn(at(name)).map((file) => [file, readFileSync(join(at(name), file), 'utf8')]));

describe('the range of a shard', () => {
  it('holds every item once, in order, and no shard is larger than another by more than one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (count, n) => {
        const of = Math.min(count, n);
        const ranges = Array.from({ length: of }, (_, i) => shardRange(count, { index: i + 1, of }, 'list'));
        expect(
          ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)),
        ).toEqual(Array.from({ length: count }, (_, i) => i));
        const sizes = ranges.map(({ from, to }) => to - from);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(Math.min(...sizes)).toBeGreaterThan(0);
      }),
    );
    expect(() => shardRange(3, { index: 1, of: 4 }, 'list')).toThrow('list: 4 shards of 3 photos');
  });
});

describe('shards', () => {
  const record = (index: number, of: number, more: Partial<ShardRecord> = {}): ShardRecord => ({
    ...{ shard: { index, of }, identity: { model: 'm', data: 'd', crops: 'ten' }, versions: { limn: '1' } },
    ...more,
  });
  const named = (records: readonly ShardRecord[]) => records.map((each, i) => [`p${i}`, each] as const);

  it('are put into their order, all of them, each once', () => {
    const shards = fc
      .integer({ min: 1, max: 12 })
      .chain((of) =>
        fc.tuple(fc.constant(of), fc.shuffledSubarray([...Array(of).keys()], { minLength: of })),
      );
    fc.assert(
      fc.property(shards, fc.nat(), ([of, order], which) => {
        const records = order.map((i) => record(i + 1, of));
        expect(completeShards(named(records)).map(({ shard }) => shard.index)).toEqual(
          [...Array(of).keys()].map((i) => i + 1),
        );
        const one = which % of;
        const twice = [...records, records[one]];
        expect(() => completeShards(named(twice))).toThrow(
          `p${of}: shard ${order[one] + 1} of ${of}, as p${one} is`,
        );
        const rest = records.filter((_, i) => i !== one);
        if (rest.length > 0)
          expect(() => completeShards(named(rest))).toThrow(`of ${of} shards, ${order[one] + 1} is missing`);
      }),
    );
  });

  it.each([
    [
      record(2, 2, { identity: { model: 'n', data: 'd', crops: 'ten' } }),
      'p1: made with another model than p0',
    ],
    [
      record(2, 2, { identity: { model: 'm', data: 'e', crops: 'one' } }),
      'p1: made with another data, crops than p0',
    ],
    [record(2, 2, { versions: { limn: '2' } }), 'p1: made by limn 2, p0 by 1'],
    [record(2, 2, { versions: {} }), 'p1: made by limn none, p0 by 1'],
    [record(2, 3), 'p1: one of 3 shards, p0 is one of 2'],
  ])('are refused that are not of one piece of work', (other, message) => {
    expect(() => completeShards(named([record(1, 2), other]))).toThrow(message);
  });
});

describe('an evaluation', () => {
  it('is the same to the last bit in one piece and in any number of shards', async () => {
    await evaluated('whole');
    const whole = contents('whole');
    expect(JSON.parse(whole['result.json']).skipped).toHaveLength(1);
    for (const of of [1, 2, 5, photos]) {
      const names = Array.from({ length: of }, (_, i) => `of-${of}/${i + 1}`);
      for (const [i, name] of names.entries()) {
        const { shards, models } = await evaluated(name, {
          shard: { index: i + 1, of },
          batch: 1 + (of % 3),
        });
        expect([shards.length, models.length]).toEqual([1, 0]);
      }
      const again = await evaluated(names[0], { shard: { index: 1, of } });
      expect(again.shards[0].result).toEqual(
        (await evaluated(names[0], { shard: { index: 1, of } })).shards[0].result,
      );
      await merge({ shards: names.reverse().map(at), output: at(`merged-${of}`) }, nodeHost);
      expect(contents(`merged-${of}`)).toEqual(whole);
    }
  });

  it('refuses shards that do not belong together, and writes nothing', async () => {
    const part = (name: string, index: number, more: Partial<EvaluateRequest> = {}) =>
      evaluated(name, { shard: { index, of: 2 }, ...more });
    await part('first', 1);
    await part('second', 2);
    await part('model', 2, { models: [at('other.onnx')] });
    await part('data', 2, { data: at('fewer.txt') });
    await part('settings', 2, { crops: 'ten' });
    const merged = (...names: string[]) => merge({ shards: names.map(at), output: at('none') }, nodeHost);
    await expect(merged('first', 'model')).rejects.toThrow(/model: made with another model than .*first/);
    await expect(merged('first', 'data')).rejects.toThrow(/data: made with another data than .*first/);
    await expect(merged('first', 'settings')).rejects.toThrow(
      /settings: made with another crops than .*first/,
    );
    await expect(merged('first', 'first')).rejects.toThrow(/shard 1 of 2, as .*first is/);
    await expect(merged('second')).rejects.toThrow(/second: of 2 shards, 1 is missing/);
    await expect(merged('first', 'whole')).rejects.toThrow(/whole: no shard: it holds no shard\.json/);
    writeFileSync(join(at('second'), 'answers.csv'), 'changed');
    await expect(merged('first', 'second')).rejects.toThrow(/answers\.csv/);
    expect(() => filesIn(at('none'))).toThrow();
  });

  it('takes no shard for a result, and no other shard for its own', async () => {
    await evaluated('a', { shard: { index: 1, of: 3 } });
    await expect(readResult(at('a'), nodeHost)).rejects.toThrow(/a: one shard of a result; merge it/);
    await expect(evaluated('a', { shard: { index: 2, of: 3 } })).rejects.toThrow(
      /holds a result with another shard/,
    );
    await expect(evaluated('b', { shard: { index: 1, of: 12 } })).rejects.toThrow(/12 shards of 11 photos/);
    await expect(evaluated('b', { shard: { index: 3, of: 2 } })).rejects.toThrow(/shard/);
  });
});

describe('explanations', () => {
  const explained = (name: string, more: Partial<SaveExplanationsRequest> = {}) => {
    const request = {
      model: at('net.onnx'),
      photos: [0, 3, 5, 7, 'more/3', 9, 10].map((i) => at(`${i}.png`)),
      output: at(name),
      threads: 1,
      density: 1,
    };
    return saveExplanations({ ...request, ...more }, nodeHost);
  };

  it.each<[string, Partial<SaveExplanationsRequest>, RegExp]>([
    ['with all that is written', { raw: ['npy', 'toolbox'], layer: ['norm1'] }, /^3-2_heatmap/],
    ['by a method of several passes', { method: 'smoothgrad', samples: 3, figure: false }, /^3-2_heatmap/],
    [
      'into folders as the photos lie in, with a target for each',
      { method: 'gradient', mirror: '.', targets: ['0', '1', '2', '3', '4', 'top 2', '0 vs 1'] },
      /more\/3\.png_heatmap/,
    ],
  ])('are the same to the last bit in one piece and in any number of shards, %s', async (_, more, second) => {
    const name = `explained-${more.method ?? 'lrp'}`;
    const { photos: all } = await explained(name, more);
    expect(all.filter((photo) => 'error' in photo)).toHaveLength(1);
    const whole = placeless(at(name));
    expect(Object.keys(whole).filter((file) => second.test(file))).not.toEqual([]);
    for (const of of [2, 7]) {
      const names = Array.from({ length: of }, (_, i) => `${name}-of-${of}/${i + 1}`);
      for (const [i, each] of names.entries())
        await explained(each, { ...more, shard: { index: i + 1, of } });
      await merge({ shards: names.reverse().map(at), output: at(`${name}-merged-${of}`) }, nodeHost);
      expect(placeless(at(`${name}-merged-${of}`))).toEqual(whole);
    }
  });

  it('are refused where they do not belong together, and nothing is written', async () => {
    const part = (name: string, index: number, more: Partial<SaveExplanationsRequest> = {}) =>
      explained(`parts/${name}`, { figure: false, shard: { index, of: 2 }, ...more });
    await part('first', 1);
    await part('second', 2);
    await part('model', 2, { model: at('other.onnx') });
    await part('data', 2, { photos: [at('0.png'), at('1.png')] });
    await part('settings', 2, { composite: 'epsilon', target: '1' });
    const merged = (...names: string[]) =>
      merge({ shards: names.map((name) => at(`parts/${name}`)), output: at('nothing') }, nodeHost);
    await expect(merged('first', 'model')).rejects.toThrow(/model: made with another model than .*first/);
    await expect(merged('first', 'data')).rejects.toThrow(/data: made with another data than .*first/);
    await expect(merged('first', 'settings')).rejects.toThrow(/another target, composite than .*first/);
    await expect(merged('second')).rejects.toThrow(/of 2 shards, 1 is missing/);
    await expect(merged('first', 'first')).rejects.toThrow(/shard 1 of 2, as .*first is/);
    rmSync(at('parts/second/9_heatmap.png'));
    await expect(merged('first', 'second')).rejects.toThrow(
      /9_heatmap\.png: a file of this shard is not there/,
    );
    expect(() => filesIn(at('nothing'))).toThrow();
    await expect(part('none', 1, { sharedScale: true })).rejects.toThrow(/sharedScale.*all photos at once/);
    await expect(part('none', 1, { photos: [at('0.png')] })).rejects.toThrow(/2 shards of 1 photos/);
  });
});

describe('answers', () => {
  const photosOf = (indices: readonly number[]) => indices.map((i) => at(`${i}.png`));
  const asked = (indices: readonly number[]) => ({
    model: at('net.onnx'),
    photos: photosOf(indices),
    threads: 1,
    top: 2,
  });

  it('are the same to the last bit in one piece and in any number of shards', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: photos - 1 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('center', 'ten'),
        async (indices, n, crops) => {
          const of = Math.min(n, indices.length);
          const whole = await classify({ ...asked(indices), crops }, nodeHost);
          const shards = Array.from({ length: of }, (_, i) => at(`answers-${i + 1}`));
          for (const [i, output] of shards.entries()) {
            const shard = { index: i + 1, of };
            await classifyShard({ ...asked(indices), crops, output, shard }, nodeHost);
          }
          const output = at('answers.json');
          const merged = await merge({ shards: shards.reverse(), output }, nodeHost);
          expect(merged).toEqual({ kind: 'classify', answers: whole });
          expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual(
            JSON.parse(JSON.stringify(classifyDocument(whole))),
          );
        },
      ),
      { numRuns: 12 },
    ));

  it('are refused where they do not belong together, and nothing is written', async () => {
    const part = async (name: string, index: number, more: object = {}) => {
      await classifyShard(
        { ...asked([0, 1, 2]), output: at(name), shard: { index, of: 2 }, ...more },
        nodeHost,
      );
      return at(name);
    };
    const first = await part('answer-1', 1);
    const merged = (...shards: string[]) => merge({ shards, output: at('never.json') }, nodeHost);
    await expect(merged(first, await part('other-model', 2, { model: at('other.onnx') }))).rejects.toThrow(
      /other-model: made with another model than .*answer-1/,
    );
    await expect(merged(first, await part('other-data', 2, { photos: photosOf([0, 2, 1]) }))).rejects.toThrow(
      /other-data: made with another data than/,
    );
    await expect(merged(first, await part('other-crops', 2, { crops: 'ten' }))).rejects.toThrow(
      /other-crops: made with another crops than/,
    );
    await expect(merged(first)).rejects.toThrow(/answer-1: of 2 shards, 2 is missing/);
    await expect(merged(first, first)).rejects.toThrow(/shard 1 of 2, as .*answer-1 is/);
    const evaluation = await evaluated('evaluation-1', { shard: { index: 1, of: 2 } });
    expect(evaluation).toBeDefined();
    await expect(merged(first, at('evaluation-1'))).rejects.toThrow(
      /evaluation-1: a shard of 'evaluate', .*answer-1 of 'classify'/,
    );
    await expect(part('none', 1, { photos: photosOf([0]) })).rejects.toThrow(/2 shards of 1 photos/);
    await expect(merged(first, at('nowhere'))).rejects.toThrow(/nowhere: no such folder/);
    const file = join(first, 'shard.json');
    const text = readFileSync(file, 'utf8');
    for (const [changed, message] of [
      ['', /shard\.json: no shard that this limn knows/],
      ['{"format":"limn photo shard 1"}', /shard\.json: no shard that this limn knows/],
      ['{"format":"limn classify shard 1"}', /shard\.json: damaged: parts are missing/],
      [text.replace('classify shard 1', 'classify shard 2'), /shard\.json: it is of another version/],
      [text.slice(0, -20), /shard\.json: it is no JSON/],
    ] as const) {
      writeFileSync(file, changed);
      await expect(merged(first)).rejects.toThrow(message);
    }
    const second = await part('answer-2', 2);
    // Whatever is changed in it is found, also where it stays JSON.
    const digits = [...text.matchAll(/\d/g)].map(({ index }) => index);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...digits), fc.integer({ min: 1, max: 9 }), async (place, by) => {
        writeFileSync(
          file,
          `${text.slice(0, place)}${(Number(text[place]) + by) % 10}${text.slice(place + 1)}`,
        );
        await expect(merged(first, second)).rejects.toThrow(/answer-[12]/);
      }),
      { numRuns: 20 },
    );
    expect(existsSync(at('never.json'))).toBe(false);
  });
});
