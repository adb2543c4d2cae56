import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classifierOf, joined, prepare } from '../../src/classifier/index.ts';
import {
  channelGraph,
  channelOutputs,
  parseConcepts,
  parseSurvey,
  sharesOf,
} from '../../src/concepts/index.ts';
import { int64 } from '../../src/graph/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { decodeBytes } from '../../src/image/pixels/decode.node.ts';
import { encodePng } from '../../src/image/pixels/encode.node.ts';
import { loadModel } from '../../src/node.node.ts';
import {
  type ConceptsEvent,
  type ConceptsRequest,
  concepts,
  conceptsShard,
  merge,
} from '../../src/verbs/index.ts';
import { filesIn } from '../cli/limn.ts';
import { modelBytes } from '../conformance/verbs.ts';
import { noise } from '../nets.ts';
import { runGraph } from '../run.ts';

const dir = mkdtempSync(join(tmpdir(), 'limn-concepts-'));
const at = (...parts: string[]) => join(dir, ...parts);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const count = 14;
const width = 19;

beforeAll(async () => {
  writeFileSync(at('net.onnx'), modelBytes());
  mkdirSync(at('photos'));
  for (let i = 0; i < count; i++) {
    const data = Uint8Array.from(noise([3 * width * width], i + 1).data, (value) => 127 + 120 * value);
    const name = `${String(i).padStart(2, '0')}.png`;
    writeFileSync(at('photos', name), await encodePng({ width, height: width, channels: 3, data }));
  }
});

const asked = (output: string): ConceptsRequest => ({
  model: at('net.onnx'),
  data: [at('photos')],
  output: at(output),
  layers: ['pool1', 'block'],
  channels: 2,
  references: 3,
  batch: 4,
  sheets: false,
  threads: 1,
});

describe('an analysis of concepts', () => {
  it('is the same in one piece and in shards, to the last bit, photos that cannot be read included', async () => {
    mkdirSync(at('some'));
    for (const name of readdirSync(at('photos')))
      writeFileSync(at('some', name), readFileSync(at('photos', name)));
    for (const name of ['00.png', '09.png']) writeFileSync(at('some', name), 'no photo');
    const request = (output: string) => ({
      ...asked(output),
      data: [at('some')],
      explain: [at('photos/03.png')],
      skipBad: true,
      sheets: true,
    });
    const whole = await concepts(request('one-piece'), nodeHost);
    const of = 3;
    for (const index of [1, 2, 3]) {
      const part = { ...request(`part-${index}`), shard: { index, of } };
      if (index === 2) {
        const stop = new AbortController();
        const on = (event: ConceptsEvent) => {
          if (event.kind === 'progress') stop.abort(new Error('enough'));
        };
        const signal = stop.signal;
        await expect(conceptsShard({ ...part, batch: 2 }, nodeHost, { on, signal })).rejects.toThrow(
          'enough',
        );
      }
      const events: ConceptsEvent[] = [];
      const result = await conceptsShard(part, nodeHost, { on: (event) => events.push(event) });
      if (index === 2) expect(events[0]).toMatchObject({ kind: 'note' });
      expect(result.files).toEqual([at(`part-${index}`, 'shard.json')]);
      expect(readdirSync(at(`part-${index}`)).filter((name) => !name.startsWith('.'))).toEqual([
        'shard.json',
      ]);
    }
    const shards = [3, 1, 2].map((index) => at(`part-${index}`));
    const merged = await merge({ shards, output: at('merged') }, nodeHost);
    if (merged.kind !== 'concepts') return expect.fail(merged.kind);
    expect(merged.analysis.report).toEqual(whole.report);
    expect(filesIn(at('merged'))).toEqual(filesIn(at('one-piece')));
    for (const file of filesIn(at('merged')))
      expect([file, readFileSync(at('merged', file)).equals(readFileSync(at('one-piece', file)))]).toEqual([
        file,
        true,
      ]);
    // A merged survey serves as one that was made at once: other photos to explain need no new one.
    const more = { ...request('merged'), explain: [at('photos/05.png')] };
    const events: ConceptsEvent[] = [];
    await concepts(more, nodeHost, { on: (event) => events.push(event) });
    expect(events.filter((event) => event.kind === 'progress' && event.what === 'photos')).toEqual([]);
    const again = { ...request('part-1'), shard: { index: 1, of } };
    await conceptsShard(again, nodeHost, { on: () => expect.fail('nothing is to be done') });
    await expect(conceptsShard({ ...again, shard: { index: 2, of } }, nodeHost)).rejects.toThrow(
      /holds concepts with another shard/,
    );
    await conceptsShard({ ...request('fewer'), references: 2, shard: { index: 2, of } }, nodeHost);
    const mixed = [at('part-1'), at('fewer'), at('part-3')];
    await expect(merge({ shards: mixed, output: at('none') }, nodeHost)).rejects.toThrow(
      /fewer: made with another references than/,
    );
    expect(readdirSync(dir)).not.toContain('none');
  });

  it('finds what asking the network photo by photo and sorting finds', async () => {
    const { report } = await concepts(asked('whole'), nodeHost);
    expect(report.layers.map(({ name, channels }) => [name, channels])).toEqual([
      ['block', 12],
      ['pool1', 8],
    ]);
    const { model } = await loadModel(at('net.onnx'));
    const classifier = classifierOf(model);
    const names = readdirSync(at('photos')).map((name) => at('photos', name));
    const inputs = await Promise.all(
      names.map(async (name) => prepare(classifier, await decodeBytes(readFileSync(name), name))),
    );
    const { graph } = channelGraph(model, ['block'], { method: { method: 'lrp' } });
    const found = await runGraph(graph, {
      [graph.inputs[0].name]: joined(inputs),
      target: int64([count], new Array<number>(count).fill(-1)),
    });
    const outputs = channelOutputs('block');
    const shares = names.map(
      (_, i) => sharesOf(Array.from(found[outputs.relevance].data.slice(12 * i, 12 * i + 12), Number)).shares,
    );
    const means = Array.from(
      { length: 12 },
      (_, c) => shares.reduce((sum, each) => sum + each[c], 0) / count,
    );
    const order = [...means.keys()].sort((a, b) => means[b] - means[a]);
    const [layer] = report.layers;
    expect(layer.concepts.map(({ channel }) => channel)).toEqual(order.slice(0, 2));
    const [{ channel, share, references }] = layer.concepts;
    expect(share.mean).toBeCloseTo(means[channel], 5);
    expect(share.low! < share.mean && share.mean < share.high!).toBe(true);
    const best = [...names.keys()]
      .filter((i) => shares[i][channel] > 0)
      .sort((a, b) => shares[b][channel] - shares[a][channel]);
    expect(references.filter(({ kind }) => kind === 'relevance').map(({ photo }) => photo)).toEqual(
      best.slice(0, 3).map((i) => names[i]),
    );
    const active = (i: number) => Number(found[outputs.activation].data[12 * i + channel]);
    const strongest = [...names.keys()].sort((a, b) => active(b) - active(a)).slice(0, 3);
    expect(references.filter(({ kind }) => kind === 'activation').map(({ photo }) => photo)).toEqual(
      strongest.map((i) => names[i]),
    );
    // All relevance of a layer that nothing passes by comes from the layer above.
    for (const { upper, lower, share: part } of report.edges) {
      expect([upper.layer, lower.layer]).toEqual(['block', 'pool1']);
      expect(part > 0 && part <= 1).toBe(true);
    }
    // What feeds an upper channel most is shown, too.
    const lower = report.layers[1].concepts.map((each) => each.channel);
    for (const { channel: upper } of layer.concepts) {
      const [most] = report.edges.filter((edge) => edge.upper.channel === upper);
      expect(lower).toContain(most.lower.channel);
    }
    expect(readFileSync(at('whole', 'channels.csv'), 'utf8').split('\n')[0]).toBe(
      'layer,class,channel,photos,share,share_low,share_high,activation,activation_low,activation_high',
    );
    expect(parseConcepts(readFileSync(at('whole', 'concepts.json'), 'utf8'), 'x')).toEqual(
      JSON.parse(JSON.stringify(report)),
    );
  });

  it('goes on where it was stopped, to the same numbers', async () => {
    const stop = new AbortController();
    const on = (event: ConceptsEvent) => {
      if (event.kind === 'progress' && event.what === 'photos' && event.done >= 8)
        stop.abort(new Error('enough'));
    };
    await expect(concepts(asked('stopped'), nodeHost, { on, signal: stop.signal })).rejects.toThrow('enough');
    expect(readdirSync(at('stopped'))).toEqual(['references.json']);
    expect(parseSurvey(readFileSync(at('stopped', 'references.json'), 'utf8'), 'x').next).toBe(8);
    const events: ConceptsEvent[] = [];
    const again = await concepts(asked('stopped'), nodeHost, { on: (event) => events.push(event) });
    expect(events[0]).toEqual({ kind: 'note', text: '8 of 14 photos are surveyed already; going on' });
    const whole = await concepts(asked('whole'), nodeHost, {
      on: () => expect.fail('nothing is to be done'),
    });
    expect(JSON.parse(JSON.stringify(again.report))).toEqual(whole.report);
    for (const name of ['references.json', 'channels.csv', 'concepts.json'])
      expect(readFileSync(at('stopped', name))).toEqual(readFileSync(at('whole', name)));
  });

  it('serves other photos from a finished survey, and refuses another one', async () => {
    const photo = at('photos', '03.png');
    const what = new Set<string>();
    const on = (event: ConceptsEvent) => {
      if (event.kind === 'progress') what.add(event.what);
    };
    const { report, files } = await concepts(
      { ...asked('whole'), explain: [photo], channels: 1, sheets: true },
      nodeHost,
      { on },
    );
    expect(what).toEqual(new Set(['layers']));
    const [explained] = report.photos;
    expect(explained.photo).toBe(photo);
    expect(explained.layers.map(({ name, channels }) => [name, channels.length])).toEqual([
      ['block', 1],
      ['pool1', 1],
    ]);
    expect(explained.layers[0].sheet).toBe('photo-03-block.png');
    for (const file of ['concepts.html', 'layer-block.png', 'photo-03-pool1.png', 'graph.svg'])
      expect(files).toContain(at('whole', file));
    const page = readFileSync(at('whole', 'concepts.html'), 'utf8');
    expect(page).toContain('What this does not show');
    expect(page.match(/data:image\/png/g)).toHaveLength(6);
    // Every edge that is told of is drawn, and what it leads to has pictures of what it stands for.
    const drawings = [report, explained].map(({ graph, edges }) => ({
      edges,
      svg: readFileSync(at('whole', graph!), 'utf8'),
    }));
    expect(drawings.map(({ edges }) => edges.length)).toEqual([3, 3]);
    for (const { edges, svg } of drawings) {
      for (const { upper, lower } of edges)
        expect(svg).toMatch(
          new RegExp(`channel ${lower.channel} of pool1 carries .* of channel ${upper.channel} of block<`),
        );
      expect(svg.match(/<image /g)!.length).toBeGreaterThan(edges.length);
    }
    const sheet = await decodeBytes(readFileSync(at('whole', 'photo-03-block.png')), 'sheet');
    expect(sheet.width).toBeGreaterThan(1000);
    await expect(concepts({ ...asked('whole'), references: 4 }, nodeHost)).rejects.toThrow(
      'holds a survey with another references; give another output, or replace it with restart',
    );
    const other = await concepts({ ...asked('whole'), references: 1, restart: true }, nodeHost);
    expect(other.report.layers[0].concepts[0].references).toHaveLength(2);
    // Sheets of what is no longer shown are gone.
    expect(readdirSync(at('whole')).filter((name) => /\.(png|svg)$/.test(name))).toEqual([]);
  });

  it('goes on without photos that are broken, if it may, and repairs what was repaired', async () => {
    writeFileSync(at('broken.png'), 'no picture');
    const data = [at('photos/00.png'), at('broken.png'), at('photos/01.png')];
    const request = { ...asked('broken'), data };
    await expect(concepts(request, nodeHost)).rejects.toThrow('1 photo cannot be read; all else is kept');
    const { report } = await concepts({ ...request, skipBad: true }, nodeHost);
    expect(report.data.photos).toBe(2);
    expect(report.data.skipped.map(({ photo }) => photo)).toEqual([at('broken.png')]);
    writeFileSync(at('broken.png'), readFileSync(at('photos/02.png')));
    const { report: whole } = await concepts({ ...request, channels: 3 }, nodeHost);
    expect(whole.data).toMatchObject({ photos: 3, skipped: [] });
  });

  it('says what is wrong before it begins, and shows no more than there is', async () => {
    const base = { ...asked('mended'), data: [at('photos/00.png'), at('photos/01.png')], layers: ['pool1'] };
    const gone = at('photos/gone.png');
    for (const [request, message] of [
      [{ explain: [gone] }, 'gone.png: no such file; check the path'],
      [{ target: '9' }, "output 'class' has 5 classes; give an index from 0 to 4"],
      [{ layers: [] }, 'layers: expected at least one'],
    ] as const) {
      const on = () => expect.fail('nothing is to be done');
      await expect(concepts({ ...base, ...request }, nodeHost, { on })).rejects.toThrow(message);
    }
    expect(readdirSync(at('mended'))).toEqual([]);
    // More channels and references than there are; and one photo, of which no mean has an interval.
    const { report } = await concepts({ ...base, channels: 999, references: 999 }, nodeHost);
    const [{ channels, concepts: shown }] = report.layers;
    expect(shown.length > 0 && shown.length <= channels).toBe(true);
    for (const { references } of shown)
      for (const kind of ['relevance', 'activation'])
        expect(references.filter((each) => each.kind === kind).length).toBeLessThanOrEqual(2);
    const alone = await concepts({ ...base, output: at('alone'), data: [at('photos/00.png')] }, nodeHost);
    for (const { share } of alone.report.layers[0].concepts)
      expect([Number.isFinite(share.mean), share.low, share.high]).toEqual([true, undefined, undefined]);
  });

  it('explains sums and contrasts, and names what it cannot', async () => {
    const base = { ...asked('contrast'), data: [at('photos/00.png'), at('photos/01.png')] };
    const { report } = await concepts({ ...base, target: '0 vs 1' }, nodeHost);
    expect(report.layers[0].classes).toHaveLength(1);
    await expect(concepts({ ...base, target: 'predicted vs 1' }, nodeHost)).rejects.toThrow(
      "'predicted' goes alone here",
    );
    await expect(concepts({ ...base, output: at('x'), layers: ['nowhere'] }, nodeHost)).rejects.toThrow(
      "layer 'nowhere': the network has no such layer",
    );
    // Branches side by side feed nothing to each other.
    const side = await concepts(
      { ...base, output: at('side'), layers: ['block/1x1/relu', 'block/3x3/relu'] },
      nodeHost,
    );
    expect(side.report.edges).toEqual([]);
    expect(side.report.findings.join(' ')).toContain('of the explained scores');
  });
});
