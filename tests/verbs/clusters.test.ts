import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterReport } from '../../src/clusters/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { writeNpy } from '../../src/image/index.ts';
import { encodePng } from '../../src/image/pixels/encode.node.ts';
import {
  type ClustersEvent,
  type ClustersRequest,
  clusters,
  clustersShard,
  hideRegion,
  merge,
  saveExplanations,
} from '../../src/verbs/index.ts';
import { filesIn } from '../cli/limn.ts';
import { modelBytes } from '../conformance/verbs.ts';
import { noise } from '../nets.ts';

const dir = mkdtempSync(join(tmpdir(), 'limn-clusters-'));
const at = (...parts: string[]) => join(dir, ...parts);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const count = 30;
const width = 19;

/** Two kinds of photos: noise all over, and noise with a bright bar below. */
beforeAll(async () => {
  writeFileSync(at('net.onnx'), modelBytes());
  mkdirSync(at('photos'));
  const rows = ['path,bar'];
  for (let i = 0; i < count; i++) {
    const bar = i % 2 === 1;
    const data = Uint8Array.from(noise([3 * width * width], i + 1).data, (value) => 100 + 30 * value);
    if (bar) data.fill(255, 3 * width * 14, 3 * width * 18);
    writeFileSync(at('photos', `${i}.png`), await encodePng({ width, height: width, channels: 3, data }));
    rows.push(`photos/${i}.png,${bar ? 'yes' : 'no'}`);
  }
  writeFileSync(at('photos.csv'), `${rows.join('\n')}\n`);
});

const asked = (output: string): ClustersRequest => ({
  model: at('net.onnx'),
  data: [at('photos.csv')],
  output: at(output),
  target: '0',
  by: 'nothing',
  neighbours: 5,
  views: ['pca'],
  exemplars: 2,
  resamples: 100,
  batch: 8,
  threads: 1,
});

describe('clusters', () => {
  it('part photos by where the network looks, and tell what a cluster has more of', async () => {
    const { report, files } = await clusters(asked('whole'), nodeHost);
    expect(report.clusters.length).toBeGreaterThan(1);
    expect(report.agreements.map(({ column }) => column)).toContain('bar');
    const sizes = report.clusters.reduce((sum, { photos }) => sum + photos, 0);
    expect(sizes).toBe(count);
    expect(report.photos.filter(({ cluster }) => cluster === 1)).toHaveLength(report.clusters[0].photos);
    const most = report.groups.filter(({ column, adjusted }) => column === 'bar' && adjusted < 0.05);
    expect(most.length).toBeGreaterThan(0);
    for (const path of files) expect(readFileSync(path).length).toBeGreaterThan(0);
    const table = readFileSync(at('whole', 'photos.csv'), 'utf8').trim().split('\n');
    expect(table).toHaveLength(count + 1);
    expect(table[0]).toContain('spectral_1,spectral_2,spectral_3');
    const page = readFileSync(at('whole', 'clusters.html'), 'utf8');
    for (const text of ['data:image/png', '<svg', 'Cluster 1', 'bar yes']) expect(page).toContain(text);
    // What is finished is read back; another clustering does not replace it unasked.
    const again = await clusters(asked('whole'), nodeHost, {
      on: () => expect.fail('nothing is to be done'),
    });
    expect(again.report).toEqual(JSON.parse(JSON.stringify(report)));
    await expect(clusters({ ...asked('whole'), side: 9 }, nodeHost)).rejects.toThrow(
      'holds clusters with another side; give another output, or replace it with restart',
    );
  });

  it('go on where they were stopped, to the same report', async () => {
    const stop = new AbortController();
    const on = (event: ClustersEvent) => {
      if (event.kind === 'progress' && event.what === 'photos') stop.abort(new Error('enough'));
    };
    await expect(clusters(asked('stopped'), nodeHost, { on, signal: stop.signal })).rejects.toThrow('enough');
    expect(readdirSync(at('stopped')).sort()).toEqual(['clusters.unfinished', 'rows.unfinished']);
    const events: ClustersEvent[] = [];
    const { report } = await clusters(asked('stopped'), nodeHost, { on: (event) => events.push(event) });
    expect(events[0]).toMatchObject({
      kind: 'note',
      text: expect.stringContaining('of 30 photos are explained already'),
    });
    const whole = JSON.parse(readFileSync(at('whole', 'clusters.json'), 'utf8'));
    expect(JSON.parse(JSON.stringify(report))).toEqual(whole);
    expect(readdirSync(at('stopped')).sort()).toEqual(readdirSync(at('whole')).sort());
  });

  it('are the same to the last bit in one piece and in shards, stopped and gone on, photos that cannot be read included', async () => {
    const [header, ...lines] = readFileSync(at('photos.csv'), 'utf8').trim().split('\n');
    writeFileSync(at('photos/bad.png'), 'no photo');
    // The first shard has no photo that can be read.
    writeFileSync(at('some.csv'), [header, ...Array(10).fill('photos/bad.png,no'), ...lines].join('\n'));
    const request = (output: string) => ({ ...asked(output), data: [at('some.csv')], skipBad: true });
    await clusters(request('one-piece'), nodeHost);
    const of = 4;
    for (const index of [1, 2, 3, 4]) {
      const part = { ...request(`part-${index}`), shard: { index, of } };
      if (index === 2) {
        const stop = new AbortController();
        const on = (event: ClustersEvent) => {
          if (event.kind === 'progress') stop.abort(new Error('enough'));
        };
        const signal = stop.signal;
        await expect(clustersShard({ ...part, batch: 2 }, nodeHost, { on, signal })).rejects.toThrow(
          'enough',
        );
        expect(readdirSync(at('part-2'))).not.toContain('shard.json');
      }
      const result = await clustersShard(part, nodeHost);
      expect(result.files).toEqual([at(`part-${index}`, 'shard.json'), at(`part-${index}`, 'rows.npy')]);
      expect(
        readdirSync(at(`part-${index}`))
          .filter((name) => !name.startsWith('.'))
          .sort(),
      ).toEqual(['rows.npy', 'shard.json']);
    }
    const shards = [3, 1, 4, 2].map((index) => at(`part-${index}`));
    expect((await merge({ shards, output: at('merged') }, nodeHost)).kind).toBe('clusters');
    const names = filesIn(at('one-piece'));
    expect(names).toContain('clusters/1-photos.png');
    expect(filesIn(at('merged'))).toEqual(names);
    for (const name of names)
      expect(readFileSync(at('merged', name), 'latin1')).toBe(readFileSync(at('one-piece', name), 'latin1'));
    // What is finished is not done again; what belongs to other work is refused.
    const again = { ...request('part-1'), shard: { index: 1, of } };
    await clustersShard(again, nodeHost, { on: () => expect.fail('nothing is to be done') });
    await expect(clustersShard({ ...again, shard: { index: 2, of } }, nodeHost)).rejects.toThrow(
      /holds clusters with another shard/,
    );
    await clustersShard({ ...request('seeded'), seed: 2, shard: { index: 4, of } }, nodeHost);
    const none = { output: at('none') };
    const mixed = shards.map((shard) => (shard === at('part-4') ? at('seeded') : shard));
    await expect(merge({ shards: mixed, ...none }, nodeHost)).rejects.toThrow(
      /seeded: made with another seed than/,
    );
    writeFileSync(at('part-3', 'rows.npy'), 'changed');
    await expect(merge({ shards, ...none }, nodeHost)).rejects.toThrow(/rows\.npy: damaged/);
    writeFileSync(at('some.csv'), [header, ...lines.slice(1)].join('\n'));
    await expect(merge({ shards, ...none }, nodeHost)).rejects.toThrow(
      /part-1: made with another data than is there now/,
    );
    expect(readdirSync(dir)).not.toContain('none');
  });

  it('are found among heatmaps that were made before, and among those at a layer', async () => {
    const photos = Array.from({ length: count }, (_, i) => at('photos', `${i}.png`));
    const model = at('net.onnx');
    await saveExplanations(
      { model, photos, target: '0', output: at('explained'), figure: false, threads: 1 },
      nodeHost,
    );
    const { model: _, data: __, target: ___, by: ____, ...rest } = asked('before');
    const { report } = await clusters({ ...rest, heatmaps: [at('explained')], by: 'nothing' }, nodeHost);
    const whole = JSON.parse(readFileSync(at('whole', 'clusters.json'), 'utf8'));
    expect(report.clusters.map(({ photos: own }) => own)).toEqual(
      whole.clusters.map(({ photos: own }: { photos: number }) => own),
    );
    const channels = await clusters({ ...asked('layer'), layer: 'conv1', features: 'channels' }, nodeHost);
    expect(channels.report.shape).toEqual([8]);
    expect(channels.report.clusters[0].concentration).toBeUndefined();
  });

  it('are none of too few photos, which is said; broken ones are left out if they may be', async () => {
    writeFileSync(at('broken.png'), 'no picture');
    const data = [at('photos/0.png'), at('broken.png'), at('photos/1.png')];
    const request = { ...asked('few'), data };
    await expect(clusters(request, nodeHost)).rejects.toThrow('1 photo cannot be read; all else is kept');
    const { report } = await clusters({ ...request, skipBad: true }, nodeHost);
    expect(report.clusters).toEqual([]);
    expect(report.findings).toEqual(['all: 2 photos, too few to look for clusters among them.']);
    expect(report.data.skipped.map(({ photo }) => photo)).toEqual([at('broken.png')]);
  });

  it('say what is wrong, and leave nothing that stops who mends it', async () => {
    const bad = noise([14, 1, 6, 6], 3);
    bad.data[5 * 36 + 7] = Number.NaN;
    writeFileSync(at('bad.npy'), writeNpy(bad));
    writeFileSync(at('wide.npy'), writeNpy(noise([14, 1, 6, 9], 3)));
    writeFileSync(at('fine.npy'), writeNpy(noise([14, 1, 6, 6], 3)));
    const { model: _, data: __, ...maps } = asked('mended');
    for (const [request, message] of [
      [{ ...asked('mended'), target: '9' }, "output 'class' has 5 classes; give an index from 0 to 4"],
      [{ ...asked('mended'), layer: 'none' }, "layer 'none': the network has no such layer"],
      [{ ...maps, heatmaps: [at('bad.npy')] }, 'bad.npy[5]: element 7 is NaN; leave this map out'],
      [{ ...maps, heatmaps: [at('fine.npy'), at('wide.npy')] }, 'wide.npy[0]: its row is 6×9, that of'],
      [{ ...maps, heatmaps: [at('fine.npy')], clusters: 14 }, "class 'all' has 14 photos; ask for fewer"],
    ] as const) {
      await expect(clusters(request, nodeHost)).rejects.toThrow(message);
      expect(readdirSync(at('mended'))).toEqual([]);
    }
    // As many neighbours, eigenvalues and photos to show as there are.
    const most = { ...maps, heatmaps: [at('fine.npy')], neighbours: 99, most: 99, exemplars: 99 };
    const { report } = await clusters(most, nodeHost);
    expect(report.classes[0].neighbours).toBe(6);
    expect(report.clusters.map(({ photos, nearest }) => nearest.length - photos)).toEqual(
      report.clusters.map(() => 0),
    );
  });

  it.each([0, 1])('are none of heatmaps that are all the same, as %f everywhere', async (value) => {
    const same = noise([14, 1, 6, 6], 3);
    same.data.fill(value);
    writeFileSync(at(`same-${value}.npy`), writeNpy(same));
    const { model: _, data: __, ...rest } = asked(`same-${value}`);
    const { report } = await clusters({ ...rest, heatmaps: [at(`same-${value}.npy`)] }, nodeHost);
    expect(report.clusters).toEqual([]);
    expect(report.same).toEqual([{ class: 'all', photos: 14 }]);
    expect(report.findings).toEqual([
      'all: the heatmaps of 14 photos are all the same, so that nothing parts them.',
    ]);
  });

  it('are refused where it is not clear of what', async () => {
    const { model: _, ...rest } = asked('unclear');
    await expect(clusters(rest, nodeHost)).rejects.toThrow('give model and data, or heatmaps');
    await expect(clusters({ ...asked('many'), clusters: count }, nodeHost)).rejects.toThrow(
      "class 'all' has 30 photos; ask for fewer clusters",
    );
    await expect(clusters({ ...asked('unclear'), heatmaps: ['x'] }, nodeHost)).rejects.toThrow(
      'it takes heatmaps, or',
    );
    await expect(clusters({ ...rest, data: undefined, heatmaps: [at('photos')] }, nodeHost)).rejects.toThrow(
      'there is no explain.json in it',
    );
  });
});

describe('a region', () => {
  it('is hidden where a cluster looks, and elsewhere, and photos can be kept without it', async () => {
    const { model, data, output } = { ...asked('whole') };
    const request = { model: model!, data: data!, output: output, resamples: 100, threads: 1 };
    const { report, files } = await hideRegion(
      { ...request, hide: 'cluster:1', save: at('saved') },
      nodeHost,
    );
    expect(report.groups.map(({ column }) => column)).toEqual(
      expect.arrayContaining(['all photos', 'cluster', 'bar']),
    );
    expect(report.region.area).toBeGreaterThan(0);
    expect(report.region.area).toBeLessThan(0.9);
    expect(files[0]).toBe(at('whole', 'hidden-cluster-1.json'));
    expect(readdirSync(at('saved'))).toHaveLength(count + 1);
    // A photo that is called as one of the clusters', of a set elsewhere, is another one; of a list beside theirs it is the same.
    cpSync(at('photos'), at('other/photos'), { recursive: true });
    const lines = readFileSync(at('photos.csv'), 'utf8').trim().split('\n').slice(0, -2);
    const groupsOf = async (list: string) => {
      writeFileSync(list, lines.join('\n'));
      const found = await hideRegion({ ...request, data: [list], hide: 'cluster:1' }, nodeHost);
      return found.report.groups.map(({ column }) => column);
    };
    expect(await groupsOf(at('other/photos.csv'))).not.toContain('cluster');
    expect(await groupsOf(at('fewer.csv'))).toContain('cluster');
    // The picture of the region is a mask that hides the same.
    const same = await hideRegion({ ...request, output: at('mask'), hide: files[2] }, nodeHost);
    expect(same.report.groups[0].changed).toEqual({
      ...report.groups[0].changed,
      adjusted: expect.any(Number),
      family: expect.any(Number),
    });
    await expect(hideRegion({ ...request, hide: 'cluster:9' }, nodeHost)).rejects.toThrow(
      'there is no such cluster',
    );
    await expect(hideRegion({ ...request, hide: 'gone.png' }, nodeHost)).rejects.toThrow(
      'there is no such file',
    );
  });

  it('is all that the pictures of a cluster have in common where the network looks', async () => {
    const { model, data, output } = asked('whole');
    const request = { model: model!, data: data!, output, resamples: 100, threads: 1 };
    const report: ClusterReport = JSON.parse(readFileSync(join(output, 'clusters.json'), 'utf8'));
    const marked = report.groups.find(
      ({ column, value, inside, insideOf }) => column === 'bar' && value === 'yes' && inside === insideOf,
    )!;
    const hide = `cluster:${marked.cluster}`;
    const found = await hideRegion({ ...request, hide, region: 'pictures' }, nodeHost);
    expect(found.report.region.by).toBe('pictures');
    // The bar, 4 of 19 rows, and the pixels around it; all of it, wherever relevance is strong.
    const drawn = await nodeHost.images.decode(readFileSync(found.files[2]), 'region');
    for (let y = 0; y < drawn.height; y++) {
      const held = Array.from({ length: drawn.width }, (_, x) => drawn.data[3 * (y * drawn.width + x)] > 0);
      // Where the middle of the view's row is in the photo.
      const row = ((y + 0.5) * width) / drawn.height;
      if (row > 14 && row < 18) expect(held).not.toContain(false);
    }
    // Little else: noise differs by chance, and this noise more than that.
    expect(found.report.region.area).toBeLessThan(0.5);
    await expect(
      hideRegion({ ...request, hide: found.files[2], region: 'pictures' }, nodeHost),
    ).rejects.toThrow('it is for a cluster');
  });
});
