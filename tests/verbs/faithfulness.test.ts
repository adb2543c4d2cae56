import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainer } from '../../src/attribution/index.ts';
import { classifierOf, prepare } from '../../src/classifier/index.ts';
import { count as format } from '../../src/common/format.ts';
import { nearby, noisyCopies, randomised } from '../../src/faithfulness/index.ts';
import { float32, type Model } from '../../src/graph/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { decodeBytes } from '../../src/image/pixels/decode.node.ts';
import { encodePng } from '../../src/image/pixels/encode.node.ts';
import { loadModel, nodeRuntime } from '../../src/node.node.ts';
import type { Runtime } from '../../src/runtime/index.ts';
import type { Host } from '../../src/verbs/host.ts';
import {
  type FaithfulnessEvent,
  type FaithfulnessRequest,
  faithfulness,
  faithfulnessShard,
  merge,
} from '../../src/verbs/index.ts';
import { modelBytes } from '../conformance/verbs.ts';
import { noise } from '../nets.ts';
import * as literal from '../reference/faithfulness.ts';
import { runGraph } from '../run.ts';

const dir = mkdtempSync(join(tmpdir(), 'limn-faithfulness-'));
const at = (...parts: string[]) => join(dir, ...parts);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const count = 34;
const width = 19;

beforeAll(async () => {
  writeFileSync(at('net.onnx'), modelBytes());
  mkdirSync(at('photos'));
  mkdirSync(at('masks'));
  const rows = ['path,kind,left,top,w,h'];
  for (let i = 0; i < count; i++) {
    const data = Uint8Array.from(noise([3 * width * width], i + 1).data, (value) => 127 + 120 * value);
    writeFileSync(at('photos', `${i}.png`), await encodePng({ width, height: width, channels: 3, data }));
    const mask = new Uint8Array(3 * width * width);
    // The lower half.
    mask.fill(255, 3 * width * 10);
    writeFileSync(
      at('masks', `${i}.png`),
      await encodePng({ width, height: width, channels: 3, data: mask }),
    );
    rows.push(`photos/${i}.png,cat,0,10,19,9`);
  }
  writeFileSync(at('photos.csv'), `${rows.join('\n')}\n`);
});

const asked = (output: string): FaithfulnessRequest => ({
  model: at('net.onnx'),
  data: [at('photos.csv')],
  output: at(output),
  methods: ['lrp', 'gradient-x-input'],
  metrics: ['pixel-flipping', 'complexity', 'randomisation'],
  region: 4,
  steps: 4,
  stops: 1,
  resamples: 100,
  charts: false,
  threads: 1,
});

describe('an analysis of faithfulness', () => {
  it('is the same to the last bit in one piece and in shards, photos that cannot be read included', async () => {
    const lines = readFileSync(at('photos.csv'), 'utf8').trim().split('\n');
    writeFileSync(at('photos/bad.png'), 'no photo');
    writeFileSync(at('some.csv'), [lines[0], 'photos/bad.png,cat,0,10,19,9', ...lines.slice(1)].join('\n'));
    const request = (output: string) => ({
      ...asked(output),
      data: [at('some.csv')],
      skipBad: true,
      charts: true,
    });
    await faithfulness(request('one-piece'), nodeHost);
    const files = (folder: string) =>
      Object.fromEntries(
        [
          'faithfulness.json',
          'values.csv',
          ...readdirSync(at('one-piece/charts')).map((name) => `charts/${name}`),
        ].map((name) => [name, readFileSync(at(folder, name), 'utf8')]),
      );
    const of = 3;
    const parts = [1, 2, 3].map((index) => `part-${index}`);
    for (const [i, part] of parts.entries()) {
      const shard = { index: i + 1, of };
      const result = await faithfulnessShard({ ...request(part), shard }, nodeHost);
      expect(result).toMatchObject({ shard, files: [at(part, 'shard.json')] });
      expect(readdirSync(at(part)).filter((name) => !name.startsWith('.'))).toEqual(['shard.json']);
    }
    const shards = ['part-3', 'part-1', 'part-2'].map((part) => at(part));
    expect((await merge({ shards, output: at('merged') }, nodeHost)).kind).toBe('faithfulness');
    expect(files('merged')).toEqual(files('one-piece'));
    const seeded = { ...request('seeded'), seed: 2, shard: { index: 2, of } };
    await faithfulnessShard(seeded, nodeHost);
    const mixed = [at('part-1'), at('seeded'), at('part-3')];
    await expect(merge({ shards: mixed, output: at('none') }, nodeHost)).rejects.toThrow(
      /seeded: made with another seed than/,
    );
    await expect(faithfulnessShard({ ...seeded, shard: { index: 3, of } }, nodeHost)).rejects.toThrow(
      /holds an analysis with another shard/,
    );
    expect(readdirSync(dir)).not.toContain('none');
  });

  it('goes on where it was stopped, to the same numbers, and leaves nothing unfinished', async () => {
    const whole = await faithfulness(asked('whole'), nodeHost);
    const stop = new AbortController();
    const on = (event: FaithfulnessEvent) => {
      // The first photos are kept by then, the others under way.
      if (event.kind === 'progress' && event.done > 0.87 * event.total) stop.abort(new Error('enough'));
    };
    await expect(faithfulness(asked('stopped'), nodeHost, { on, signal: stop.signal })).rejects.toThrow(
      'enough',
    );
    expect(readdirSync(at('stopped'))).toEqual(['faithfulness.unfinished']);
    const events: FaithfulnessEvent[] = [];
    const again = await faithfulness(asked('stopped'), nodeHost, { on: (event) => events.push(event) });
    expect(events[0]).toEqual({ kind: 'note', text: '32 of 34 photos are analysed already; going on' });
    expect(again.report).toEqual(whole.report);
    expect(readdirSync(at('stopped')).sort()).toEqual(['faithfulness.json', 'values.csv']);
    expect(readFileSync(at('stopped', 'values.csv'))).toEqual(readFileSync(at('whole', 'values.csv')));
    const lines = readFileSync(at('whole', 'values.csv'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(1 + count * (2 + 3));
    expect(lines[0]).toBe('photo,method,abpc,aopc-morf,aopc-lerf,monotonicity,sparseness,entropy');
    // What is finished is read back; another analysis does not replace it unasked.
    const finished = await faithfulness(asked('whole'), nodeHost, {
      on: () => expect.fail('nothing is to be done'),
    });
    expect(finished.report).toEqual(JSON.parse(JSON.stringify(whole.report)));
    await expect(faithfulness({ ...asked('whole'), steps: 3 }, nodeHost)).rejects.toThrow(
      'holds an analysis with another steps; give another output, or replace it with restart',
    );
    const other = await faithfulness({ ...asked('whole'), steps: 3, restart: true }, nodeHost);
    expect(other.report.settings.steps).toBe(3);
  });

  it('knows where the object is by masks and by boxes', async () => {
    const base = { ...asked('masks'), metrics: ['localisation'], photos: 3 } as const;
    const masks = await faithfulness({ ...base, masks: at('masks') }, nodeHost);
    const boxes = await faithfulness(
      { ...base, output: at('boxes'), boxes: ['left', 'top', 'w', 'h'] },
      nodeHost,
    );
    expect(masks.report.estimates.length).toBe(3 * 5);
    expect(boxes.report.estimates).toEqual(masks.report.estimates);
    // The middle counts most: the strongest of its pixels lies at the middle, above the lower half.
    const centre = masks.report.estimates.find(
      ({ measure, method }) => measure === 'pointing-game' && method === 'centre',
    );
    expect(centre?.mean).toBe(0);
    await expect(
      faithfulness({ ...base, output: at('none'), boxes: ['left', 'top', 'w', 'depth'] }, nodeHost),
    ).rejects.toThrow("has no column 'depth'");
  });

  it('says what is wrong before it begins, and leaves nothing that stops who mends it', async () => {
    const output = at('mended');
    const few = { ...asked('mended'), photos: 2, metrics: ['pixel-flipping', 'localisation'] as const };
    const wrong = await encodePng({ width: 5, height: 4, channels: 3, data: new Uint8Array(60).fill(255) });
    const black = await encodePng({
      width,
      height: width,
      channels: 3,
      data: new Uint8Array(3 * width ** 2),
    });
    for (const [folder, picture] of [
      ['wrong', wrong],
      ['black', black],
    ] as const) {
      mkdirSync(at(folder));
      for (const name of ['0', '17']) writeFileSync(at(folder, `${name}.png`), picture);
    }
    const told: string[] = [];
    const on = (event: FaithfulnessEvent) => {
      if (event.kind === 'failed') told.push(event.failed.error);
    };
    for (const [request, message] of [
      [{ masks: at('nowhere') }, /masks '.*nowhere': there is no such folder/],
      [{ masks: at('wrong') }, /2 photos cannot be read/],
      [{ masks: at('black') }, /2 photos cannot be read/],
      [{ masks: at('masks'), target: '9' }, "output 'class' has 5 classes; give an index from 0 to 4"],
      [{ masks: at('masks'), region: 17 }, "region '17': the whole input, 17×17, is one region"],
    ] as const) {
      await expect(faithfulness({ ...few, ...request }, nodeHost, { on })).rejects.toThrow(message);
      expect(readdirSync(output)).toEqual([]);
    }
    expect(told.filter((text) => text.includes('is 4×5, the photo 19×19'))).toHaveLength(2);
    expect(told.filter((text) => text.includes('its mask is empty'))).toHaveLength(2);
    // One photo has means, but no intervals, and nothing is told of chance.
    const one = await faithfulness({ ...few, photos: 1, masks: at('masks') }, nodeHost);
    for (const { n, low, high } of one.report.estimates)
      expect([n, low, high]).toEqual([1, undefined, undefined]);
  });

  it('goes on without photos that are broken, if it may, and says which', async () => {
    writeFileSync(at('broken.png'), 'no picture');
    const data = [at('photos/0.png'), at('broken.png'), at('photos/1.png')];
    const request = { ...asked('broken'), data, metrics: ['complexity'] } as const;
    await expect(faithfulness(request, nodeHost)).rejects.toThrow('1 photo cannot be read; all else is kept');
    const { report } = await faithfulness({ ...request, skipBad: true }, nodeHost);
    expect(report.data.photos).toBe(2);
    expect(report.data.skipped.map(({ photo }) => photo)).toEqual([at('broken.png')]);
  });

  it('changes photo and network, and compares the maps, as the papers have it', async () => {
    const copies = 3;
    const { model } = await loadModel(at('net.onnx'));
    const classifier = classifierOf(model);
    const path = at('photos', '0.png');
    const { shape, data } = prepare(classifier, await decodeBytes(readFileSync(path), path));
    const [, channels, height, width] = shape;
    const photo = { data, channels, height, width, index: 0 };
    const plane = height * width;
    const mapOf = async (of: Model, input: Float32Array, target: number) => {
      const made = explainer(of, nodeRuntime, { method: 'gradient-x-input', session: { threads: 1 } });
      const { relevance } = await made.explain(float32(shape, input), { target });
      await made.release();
      return Array.from({ length: plane }, (_, p) =>
        [0, 1, 2].reduce((sum, c) => sum + relevance.data[c * plane + p], 0),
      );
    };
    const rankCorrelation = (a: readonly number[], b: readonly number[]) =>
      literal.pearson(literal.meanRanks(a), literal.meanRanks(b));
    const { [classifier.head.output]: probabilities, fc: scores } = await runGraph(model.graph, {
      [model.graph.inputs[0].name]: float32(shape, data),
    });
    const best = [...scores.data.keys()].reduce((a, b) =>
      Number(probabilities.data[b]) > Number(probabilities.data[a]) ? b : a,
    );
    const score = Number(scores.data[best]);
    const map = await mapOf(model, data, best);
    const classes = [...scores.data.keys()].filter((k) => k !== best);
    const others = await Promise.all(classes.map((k) => mapOf(model, data, k)));

    for (const seed of [1, 2]) {
      const metrics = [
        'robustness',
        'completeness',
        'randomisation',
        'smooth-randomisation',
        'random-logit',
      ] as const;
      const { report } = await faithfulness(
        {
          ...{ ...asked(`sanity ${seed}`), data: [path], methods: ['gradient-x-input'], metrics },
          ...{ copies, seed, stops: 3 },
        },
        nodeHost,
      );
      const found = (name: string) => report.estimates.find(({ measure }) => measure === name)!.mean;

      const around = nearby(photo, copies, seed);
      const near = await Promise.all(around.map((copy) => mapOf(model, copy, best)));
      expect(found('max-sensitivity')).toBeCloseTo(literal.maxSensitivity(map, near), 4);
      const pairs = near.map((each, i) => ({ map: each, photo: Array.from(around[i]) }));
      expect(found('lipschitz')).toBeCloseTo(literal.lipschitz(map, Array.from(data), pairs), 3);

      const sum = map.reduce((total, value) => total + value, 0);
      expect(found('completeness')).toBeCloseTo(Math.abs(sum - score) / Math.abs(score), 4);

      // Of one of the other classes; which one is drawn.
      const apart = others.map((other) => Math.abs(rankCorrelation(map, other) - found('random-logit')));
      expect(Math.min(...apart)).toBeLessThan(1e-3);

      const networks = [...randomised(model, 3, seed)];
      expect(report.randomisation).toHaveLength(6);
      for (const [i, network] of networks.entries()) {
        const after = await mapOf(network.model, data, best);
        const { kind, layer, share, photos, ...rest } = report.randomisation[i];
        expect([kind, layer, share, photos]).toEqual([network.kind, network.layer, network.share, 1]);
        expect(rest.rankCorrelation).toBeCloseTo(rankCorrelation(map, after), 2);
        expect(rest.similarity).toBeCloseTo(literal.structuralSimilarity(map, after, height, width), 3);
        if (kind === 'independent' || share < 1) continue;
        expect(found('randomisation')).toBeCloseTo(rest.rankCorrelation, 12);
        const [before, then] = [literal.entropy(map), literal.entropy(after)];
        expect(found('complexity-rise')).toBeCloseTo((then - before) / before, 4);
        const mean = async (of: Model) => {
          const maps: number[][] = [];
          for (const copy of noisyCopies(photo, copies, seed)) maps.push(await mapOf(of, copy, best));
          return maps[0].map((_, p) => maps.reduce((total, each) => total + each[p] / copies, 0));
        };
        const [smooth, smoothAfter] = [await mean(model), await mean(network.model)];
        expect(found('smooth-randomisation')).toBeCloseTo(rankCorrelation(smooth, smoothAfter), 3);
      }

      const [low, high] = [Math.min(...data), Math.max(...data)];
      const noisy = noisyCopies(photo, 200, seed).flatMap((copy) =>
        [...copy].map((value, i) => value - data[i]),
      );
      expect(literal.moments(noisy)[1] / (high - low)).toBeCloseTo(0.1, 2);
    }
  });

  it('plans as many passes as it takes, and says whose they are', async () => {
    const rows = { changed: 0, maps: 0 };
    const counting: Host = {
      ...nodeHost,
      async compute(...given) {
        const compute = await nodeHost.compute(...given);
        const load: Runtime['load'] = async (graph, options) => {
          const session = await compute.runtime.load(graph, options);
          const kind = graph.outputs.some(({ name }) => name === 'relevance') ? 'maps' : 'changed';
          return {
            ...session,
            run(feeds, ...more) {
              rows[kind] += feeds[graph.inputs[0].name].shape[0];
              return session.run(feeds, ...more);
            },
            release: () => session.release(),
          };
        };
        return { ...compute, runtime: { ...compute.runtime, load } };
      },
    };
    const metrics = ['pixel-flipping', 'robustness', 'randomisation', 'smooth-randomisation', 'random-logit'];
    for (const [shard, fields] of [
      [undefined, { allSamples: false }],
      [undefined, { allSamples: true, metrics: ['randomisation'], photos: 1 }],
      [{ index: 2, of: 2 }, { allSamples: false }],
    ] as const) {
      Object.assign(rows, { changed: 0, maps: 0 });
      const request = {
        ...{ ...asked(`planned ${JSON.stringify(fields)} ${shard?.index}`), metrics, photos: 3, copies: 2 },
        ...{ stops: 2, methods: ['gradient', 'smoothgrad', 'lrp'], ...fields },
      } as FaithfulnessRequest;
      const events: FaithfulnessEvent[] = [];
      const watch = { on: (event: FaithfulnessEvent) => events.push(event) };
      if (shard) await faithfulnessShard({ ...request, shard }, counting, watch);
      else await faithfulness(request, counting, watch);
      const steps = events.flatMap((event) => (event.kind === 'progress' ? [event] : []));
      const { done, total } = steps.at(-1)!;
      expect([done, total]).toEqual([rows.changed + rows.maps, rows.changed + rows.maps]);
      const order = steps.map((each) => each.done);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      const said = new RegExp(
        `^${format(total)} passes .* ${format(rows.maps)} for maps \\([\\d,]+ by smoothgrad`,
      );
      expect(events[0]).toMatchObject({ kind: 'note', text: expect.stringMatching(said) });
    }
  });

  it('draws fewer samples where a metric calls for many maps, unless all are asked for, and says so', async () => {
    const metrics = ['robustness', 'randomisation', 'smooth-randomisation'] as const;
    const of = async (output: string, fields: Partial<FaithfulnessRequest>) => {
      const { report } = await faithfulness(
        { ...asked(output), metrics, photos: 2, copies: 2, ...fields },
        nodeHost,
      );
      const limits = report.limits.filter((each) => each.includes('fewer samples'));
      return { estimates: report.estimates.map(({ measure, mean }) => [measure, mean]), limits };
    };
    const few = await of('few', { methods: ['smoothgrad'] });
    expect(few.limits).toEqual([expect.stringContaining('smoothgrad 25 of 100')]);
    const given = await of('given', { methods: ['smoothgrad,samples=25'] });
    expect(given).toEqual({ estimates: few.estimates, limits: [] });
    const all = await of('all', { methods: ['smoothgrad'], allSamples: true });
    expect(all.limits).toEqual([]);
    expect(all.estimates.map(([, mean]) => mean)).not.toEqual(few.estimates.map(([, mean]) => mean));
    // One map of a photo has all samples.
    const single = ['complexity', 'random-logit'] as const;
    const whole = await of('single', { methods: ['smoothgrad'], metrics: single });
    expect(whole).toEqual(
      await of('single all', { methods: ['smoothgrad'], metrics: single, allSamples: true }),
    );
    expect(whole.limits).toEqual([]);
  });

  it('draws what it found', async () => {
    const { files } = await faithfulness(
      { ...asked('drawn'), photos: 2, metrics: ['insertion', 'randomisation'], charts: true },
      nodeHost,
    );
    const charts = readdirSync(at('drawn', 'charts'));
    for (const name of ['curves-insertion', 'ranking-insertion', 'randomisation'])
      for (const ending of ['vl.json', 'svg', 'png']) expect(charts).toContain(`${name}.${ending}`);
    expect(files).toHaveLength(2 + charts.length);
    const chart = readFileSync(at('drawn', 'charts', 'curves-insertion.vl.json'), 'utf8');
    expect(chart).toContain('least relevant first');
    expect(chart).toContain('gradient-x-input');
  });
});
