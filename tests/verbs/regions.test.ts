import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { FACE_REGIONS } from '../../src/faces/index.ts';
import { spearman, structuralSimilarity } from '../../src/faithfulness/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { writeNpy } from '../../src/image/index.ts';
import { merge } from '../../src/verbs/merge/index.ts';
import { photoKey } from '../../src/verbs/rawheatmaps.ts';
import { parseRegions, type RegionsRequest, regions, regionsShard } from '../../src/verbs/regions/index.ts';
import {
  addMaps,
  meanOfMaps,
  mergeMapSums,
  photoLikeness,
  photoMaps,
} from '../../src/verbs/regions/likeness.ts';
import { FACE_SIDE, LOOK_MEASURES, type SeenLook } from '../../src/verbs/regions/looks.ts';
import { lookContrasts, lookEstimates, lookLikeness, lookPairs } from '../../src/verbs/regions/statistics.ts';
import { filesIn, folder, placeless } from '../cli/limn.ts';
import { gradient, savePicture } from '../data/pictures.ts';
import { noise } from '../nets.ts';
import { writeTree } from '../plan/madestudy.ts';

const drawing = { resamples: 500, seed: 3 };

/** A look whose shares follow from a seed; `more` goes to the eyes. */
function look(model: string, photo: string, target: string, seed: number, more = 0): SeenLook {
  const data = noise([8, 8], seed).data;
  const raw = Array.from(noise([FACE_REGIONS.length], seed).data, (value, i) =>
    i === 0 ? 2 + more : 1 + 0.2 * Math.abs(value),
  );
  const all = raw.reduce((sum, value) => sum + value, 0);
  const shares = raw.map((value) => ({ relevance: value / all, positive: value / all, area: 1 / 8 }));
  const values = [...shares.map(({ relevance }) => relevance), 1 - shares.at(-1)!.relevance, 0.5];
  return { model, photo, target, shares, values, map: { width: 8, height: 8, data } };
}

const photos = Array.from({ length: 8 }, (_, i) => `p${i}`);
const models = { 'a plain': 0, 'a trained': 1, 'b plain': 0.3, 'b trained': 1.3 };
const looks = Object.entries(models).flatMap(([model, more], m) =>
  photos.flatMap((photo, p) =>
    // Two folds.
    [0, 1].map((fold) => look(model, photo, p % 2 ? 'old' : 'young', 1 + 100 * m + 10 * p + fold, more)),
  ),
);

const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
const eyes = (model: string, photo?: string) =>
  looks
    .filter((each) => each.model === model && (photo === undefined || each.photo === photo))
    .map(({ values }) => values[0]!);

describe('where models look', () => {
  it('is told by means over photos, of all and of each class', () => {
    const estimates = lookEstimates(looks, drawing);
    const of = (model: string, target?: string) =>
      estimates.find((each) => each.model === model && each.measure === 'eyes' && each.target === target)!;
    for (const model of Object.keys(models)) {
      const all = of(model);
      expect(all.n).toBe(8);
      expect(all.mean).toBeCloseTo(mean(eyes(model)), 12);
      expect(all.low).toBeLessThan(all.mean);
      expect(all.high).toBeGreaterThan(all.mean);
      expect(all.area).toBe(1 / 8);
      const old = looks.filter((each) => each.model === model && each.target === 'old');
      expect(of(model, 'old').mean).toBeCloseTo(mean(old.map(({ values }) => values[0]!)), 12);
      expect(of(model, 'old').n).toBe(4);
    }
    expect(new Set(estimates.map(({ measure }) => measure))).toEqual(new Set(LOOK_MEASURES));
  });

  it('differs between models by photo, with p-values of all signs', () => {
    const pair = lookPairs(looks, drawing).find(
      ({ measure, first, second }) => measure === 'eyes' && first === 'a plain' && second === 'a trained',
    )!;
    const differences = photos.map((photo) => mean(eyes('a plain', photo)) - mean(eyes('a trained', photo)));
    expect(pair.difference).toBeCloseTo(mean(differences), 12);
    let asFar = 0;
    for (let signs = 0; signs < 2 ** 8; signs++) {
      const sum = differences.reduce((total, each, i) => total + (signs & (1 << i) ? -each : each), 0);
      if (Math.abs(sum) >= Math.abs(differences.reduce((total, each) => total + each, 0)) - 1e-12) asFar++;
    }
    expect(pair.p).toBeCloseTo(asFar / 2 ** 8, 2);
    expect(pair.adjusted).toBeGreaterThanOrEqual(pair.p);
  });

  it('differs by a factor: over models that differ in it only', () => {
    const places = new Map(
      Object.keys(models).map((model) => {
        const [network, start] = model.split(' ') as [string, string];
        return [model, { network, start }] as const;
      }),
    );
    // One without a counterpart does not count.
    const lone = [...looks, ...photos.map((photo) => look('c plain', photo, 'old', 7, 9))];
    const contrasts = lookContrasts(
      lone,
      new Map([...places, ['c plain', { network: 'c', start: 'plain' }]]),
      drawing,
    );
    const start = contrasts.find(({ factor, measure }) => factor === 'start' && measure === 'eyes')!;
    expect([start.first, start.second, start.models, start.n]).toEqual(['plain', 'trained', 2, 8]);
    const expected = photos.map((photo) => {
      const side = (kind: string) =>
        mean(['a', 'b'].map((network) => mean(eyes(`${network} ${kind}`, photo))));
      return side('plain') - side('trained');
    });
    expect(start.difference).toBeCloseTo(mean(expected), 12);
    expect(start.p).toBeLessThan(0.02);
    expect(contrasts.filter(({ factor }) => factor === 'network').every(({ models: n }) => n <= 2)).toBe(
      true,
    );
  });

  it('is alike by rank correlation and structural similarity of the means over folds', () => {
    const likeness = photos.flatMap((photo) =>
      photoLikeness(photo, photoMaps(looks.filter((each) => each.photo === photo))),
    );
    const [first] = lookLikeness(looks, likeness, drawing);
    const mapOf = (model: string, photo: string) => {
      const [one, other] = looks.filter((each) => each.model === model && each.photo === photo);
      return {
        ...{ width: 8, height: 8 },
        data: one.map.data.map((value, i) => (value + other.map.data[i]) / 2),
      };
    };
    const each = photos.map((photo) => [mapOf(first.first, photo), mapOf(first.second, photo)] as const);
    expect(first.rankCorrelation.mean).toBeCloseTo(mean(each.map(([a, b]) => spearman(a.data, b.data))), 5);
    expect(first.structuralSimilarity.mean).toBeCloseTo(
      mean(each.map(([a, b]) => structuralSimilarity(a, b))),
      5,
    );
  });
});

it('averages maps as their float64 sum does, however they are divided', () => {
  const all = Array.from({ length: 9 }, (_, i) => ({
    ...{ width: FACE_SIDE, height: FACE_SIDE },
    data: noise([FACE_SIDE, FACE_SIDE], i).data,
  }));
  const sumOf = (some: typeof all) => {
    const sums: Parameters<typeof addMaps>[0] = new Map();
    for (const map of some) addMaps(sums, new Map([['m', map]]));
    return sums;
  };
  const [whole, reversed, joined] = [sumOf(all), sumOf(all.toReversed()), sumOf(all.slice(0, 2))];
  mergeMapSums(joined, sumOf(all.slice(2)));
  const map = meanOfMaps(whole.get('m')!);
  for (const [i, value] of map.data.entries())
    expect(Math.abs(value - mean(all.map(({ data }) => data[i])))).toBeLessThan(1e-7);
  for (const other of [reversed, joined]) expect(meanOfMaps(other.get('m')!)).toEqual(map);
});

it('takes the two pictures of a face in Adience for one', () => {
  expect(photoKey('7@N0_landmark_aligned_face.12.abc_o')).toBe('7@N0_face.12.abc_o');
  expect(photoKey('7@N0_coarse_tilt_aligned_face.12.abc_o')).toBe('7@N0_face.12.abc_o');
  expect(photoKey('cat.v2')).toBe('cat.v2');
});

const portrait = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));

describe('regions', () => {
  /** What explain would write of two photos, one of them without a face: relevance where the test wants it. */
  async function explained(at: string, model: string, relevance: Float32Array): Promise<string> {
    copyFileSync(portrait, join(at, 'portrait.png'));
    await savePicture(at, 'nobody.png', gradient(40, 40, 1));
    const raw = writeNpy({ type: 'float32', shape: [1, 1, 64, 64], data: relevance });
    const record = {
      format: 'limn explain 1',
      preprocessing: { resize: { height: 64, width: 64, mode: 'stretch' }, channels: 'rgb' },
      photos: ['portrait', 'nobody'].map((name) => ({
        photo: `elsewhere/${name}.png`,
        target: { name: 'female', classes: [], against: [] },
        files: { heatmap: `${name}.png`, relevance: `elsewhere/${name}.npy` },
      })),
    };
    writeTree(at, {
      [`${model}/explain.json`]: JSON.stringify(record),
      [`${model}/portrait.npy`]: raw,
      [`${model}/nobody.npy`]: raw,
    });
    return join(at, model);
  }

  it('finds the face, measures it, and says of which photo it could not', async () => {
    const at = folder();
    // Relevance at the eyes of the portrait, and in a corner.
    const where = (test: (x: number, y: number) => boolean) =>
      Float32Array.from({ length: 4096 }, (_, i) => (test(i % 64, Math.floor(i / 64)) ? 1 : 0));
    const seeing = await explained(
      at,
      'seeing',
      where((x, y) => y >= 21 && y < 24 && x > 22 && x < 30),
    );
    const blind = await explained(
      at,
      'blind',
      where((x, y) => x < 5 && y > 58),
    );
    const output = join(at, 'out');
    const photosAt = [join(at, 'portrait.png'), join(at, 'nobody.png')];
    const result = await regions(
      { explanations: [seeing, blind], photos: photosAt, output, detector: 'tiny', title: 'gender' },
      nodeHost,
    );
    const share = (model: string, measure: string) =>
      result.estimates.find((each) => each.model === model && each.measure === measure && !each.target)!.mean;
    expect(share('seeing', 'eyes')).toBeGreaterThan(0.8);
    expect(share('blind', 'background')).toBe(1);
    expect(result.photos).toBe(1);
    expect(result.without.map(({ item }) => item)).toEqual(['elsewhere/nobody.png']);
    expect(filesIn(output)).toEqual(
      expect.arrayContaining([
        'regions.json',
        'regions.csv',
        'regions.png',
        'mean.png',
        'charts/regions.svg',
      ]),
    );
    expect(readFileSync(join(output, 'regions.csv'), 'utf8').trim().split('\n')).toHaveLength(1 + 2 * 8);
    const written = parseRegions(readFileSync(join(output, 'regions.json'), 'utf8'), 'regions.json');
    expect(written).toEqual(JSON.parse(JSON.stringify(result)));
    expect(written.title).toBe('gender');
  });

  it('says which map is none, and leaves nothing where no photo is measured', async () => {
    const at = folder();
    const given = await explained(at, 'm', Float32Array.of(...new Float32Array(4095), Number.NaN));
    const output = join(at, 'out');
    const photos = [join(at, 'portrait.png'), join(at, 'nobody.png')];
    await expect(
      regions({ explanations: [given], photos, output, detector: 'tiny' }, nodeHost),
    ).rejects.toThrow(/portrait\.npy.*element 4095 is NaN/);
    expect(filesIn(output)).toEqual([]);
  });

  it.each([
    [{ names: ['x', 'y'] }, /names: there are 2 for 1 folder of explanations/],
    [{ landmarks: 'five' }, /detector|landmarks/],
    [{ explanations: ['none'] }, /none/],
  ] as const)('says what is wrong: %j', async (asked, message) => {
    const at = folder();
    const given = await explained(at, 'm', new Float32Array(4096));
    await expect(
      regions({ explanations: [given], ...asked, output: join(at, 'out') }, nodeHost),
    ).rejects.toThrow(message);
  });
});

describe('shards of regions', () => {
  let dir = '';
  const at = (name: string) => join(dir, name);
  const models = ['a', 'b', 'c'];

  beforeAll(async () => {
    dir = folder();
    const { default: sharp } = await import('sharp');
    const names = Array.from({ length: 7 }, (_, i) => `p${i}`);
    for (const [i, name] of names.entries())
      if (i === 2) await savePicture(dir, `${name}.png`, gradient(40, 40, 1));
      else
        await sharp(portrait)
          .modulate({ brightness: 1 - i / 20 })
          .png()
          .toFile(at(`${name}.png`));
    // Folders that name photos in another order, not all of them, and one that could not be explained.
    const explained: Record<string, readonly number[]> = {
      a: [3, 1, 2, 0, 6],
      b: [0, 1, 2, 4],
      c: [5, 4, 3, 2, 1],
    };
    for (const [m, model] of models.entries()) {
      const photos = explained[model].map((i) => ({
        photo: `elsewhere/${names[i]}.png`,
        target: { name: i % 2 ? 'female' : 'male', classes: [], against: [] },
        files: { heatmap: `${names[i]}.png`, relevance: `elsewhere/${names[i]}.npy` },
      }));
      const record = {
        format: 'limn explain 1',
        preprocessing: { resize: { height: 64, width: 64, mode: 'stretch' }, channels: 'rgb' },
        photos: [...photos, { photo: 'elsewhere/broken.png', error: 'elsewhere/broken.png: no photo' }],
      };
      writeTree(dir, {
        [`${model}/explain.json`]: JSON.stringify(record),
        ...Object.fromEntries(
          // One of zeros, of which nothing can be said.
          explained[model].map((i) => [
            `${model}/${names[i]}.npy`,
            writeNpy(
              i === 1 && m === 1
                ? { type: 'float32', shape: [1, 1, 64, 64], data: new Float32Array(4096) }
                : noise([1, 1, 64, 64], 10 * m + i),
            ),
          ]),
        ),
      });
    }
  });

  const asked = (more: Partial<RegionsRequest> = {}): Omit<RegionsRequest, 'output'> => ({
    explanations: models.map(at),
    names: ['two folds', 'one', 'two folds'],
    photos: [dir],
    detector: 'tiny',
    landmarks: 'tiny',
    resamples: 100,
    threads: 1,
    ...more,
  });

  it('come to what is measured in one piece, to the last bit, however the photos are divided', async () => {
    await regions({ ...asked(), output: at('whole') }, nodeHost);
    const whole = placeless(at('whole'));
    expect(JSON.parse(whole['regions.json']).without).toHaveLength(1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), async (of) => {
        rmSync(at('merged'), { recursive: true, force: true });
        const shards = Array.from({ length: of }, (_, i) => at(`part-${i + 1}`));
        for (const [i, output] of shards.entries()) {
          rmSync(output, { recursive: true, force: true });
          await regionsShard({ ...asked(), output, shard: { index: i + 1, of } }, nodeHost);
        }
        await merge({ shards: shards.reverse(), output: at('merged') }, nodeHost);
        expect(placeless(at('merged'))).toEqual(whole);
      }),
      { numRuns: 4 },
    );
  });

  it('are refused where they do not belong together, and nothing is written', async () => {
    const part = async (name: string, index: number, more: Partial<RegionsRequest> = {}) => {
      await regionsShard({ ...asked(more), output: at(name), shard: { index, of: 2 } }, nodeHost);
      return at(name);
    };
    const merged = (...shards: string[]) => merge({ shards, output: at('never') }, nodeHost);
    const [first, second] = [await part('first', 1), await part('second', 2)];
    const other = await part('explanations', 2, { explanations: [at('a'), at('b'), at('b')] });
    await expect(merged(first, other)).rejects.toThrow(
      /explanations: made with another data, explanations than/,
    );
    await expect(merged(first, await part('seed', 2, { seed: 5 }))).rejects.toThrow(
      /made with another seed than/,
    );
    await expect(merged(second)).rejects.toThrow(/second: of 2 shards, 1 is missing/);
    await expect(merged(second, second)).rejects.toThrow(/shard 2 of 2, as .*second is/);
    copyFileSync(join(first, 'face-1.png'), join(second, 'face-1.png'));
    await expect(merged(first, second)).rejects.toThrow(/second: damaged: sums\.npy or a picture/);
    rmSync(join(second, 'sums.npy'));
    await expect(merged(first, second)).rejects.toThrow(/sums\.npy/);
    writeFileSync(join(second, 'shard.json'), '{"format":"limn regions shard 2","shard":{"index":2,"of":2}}');
    await expect(merged(first, second)).rejects.toThrow(/shard\.json: damaged/);
    expect(existsSync(at('never'))).toBe(false);
    await expect(
      regionsShard({ ...asked(), output: at('none'), shard: { index: 1, of: 8 } }, nodeHost),
    ).rejects.toThrow(/8 shards of 7 photos/);
  });
});
