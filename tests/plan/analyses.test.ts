import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readPlan } from '../../src/plan/index.ts';
import { fixtures, limn } from '../cli/limn.ts';

const net = fileURLToPath(new URL('../fixtures/reference/tiny_adience', import.meta.url));

it('analyses of heatmaps are units, in one piece and in shards, and come to the same', async () => {
  const dir = await fixtures();
  mkdirSync(join(dir, 'nets/tiny'), { recursive: true });
  copyFileSync(join(net, 'deploy.prototxt'), join(dir, 'nets/tiny/deploy.prototxt'));
  copyFileSync(join(net, 'weights.caffemodel'), join(dir, 'tiny.caffemodel'));
  mkdirSync(join(dir, 'faces'));
  for (let i = 0; i < 5; i++) copyFileSync(join(dir, 'photo.png'), join(dir, `faces/${i}.png`));
  const analysis = (settings: string, shards = '') => `{data: faces, threads: 1, ${settings}${shards}}`;
  const write = (more: string) =>
    writeFileSync(
      join(dir, 'spec.yaml'),
      `definitions: nets
import: {prototxt: deploy.prototxt, weights: tiny.caffemodel, mean: 104}
explain:
  parts: ${analysis('figure: false, target: 1', ', shards: 2')}
faithfulness:
  parts: ${analysis('methods: [lrp, gradient], metrics: completeness, resamples: 100', ', shards: 2')}
clusters:
  parts: ${analysis('truth-column: none, resamples: 100', ', shards: 2')}
concepts:
  whole: ${analysis('channels: 1, references: 1')}
  parts: ${analysis('channels: 1, references: 1', ', shards: 2')}
${more}`,
    );
  write('');
  expect(await limn(['plan', 'spec.yaml', '-o', 'work/plan.json'], dir)).toMatchObject({ code: 0 });
  const { units } = readPlan(readFileSync(join(dir, 'work/plan.json'), 'utf8'), 'plan.json');
  expect(units.map(({ name, verb }) => [name, verb])).toEqual([
    ['tiny/import', 'importFromCaffe'],
    ['tiny/explain-parts-1-of-2', 'saveExplanations'],
    ['tiny/explain-parts-2-of-2', 'saveExplanations'],
    ['tiny/explain-parts', 'merge'],
    ['tiny/faithfulness-parts-1-of-2', 'faithfulnessShard'],
    ['tiny/faithfulness-parts-2-of-2', 'faithfulnessShard'],
    ['tiny/faithfulness-parts', 'merge'],
    ['tiny/clusters-parts-1-of-2', 'clustersShard'],
    ['tiny/clusters-parts-2-of-2', 'clustersShard'],
    ['tiny/clusters-parts', 'merge'],
    ['tiny/concepts-whole', 'concepts'],
    ['tiny/concepts-parts-1-of-2', 'conceptsShard'],
    ['tiny/concepts-parts-2-of-2', 'conceptsShard'],
    ['tiny/concepts-parts', 'merge'],
  ]);
  const only = ['tiny/import', 'tiny/explain-*', 'tiny/clusters-*', 'tiny/concepts-*'];
  const run = await limn(['run', 'work/plan.json', '--only', ...only], dir);
  expect(run).toMatchObject({ code: 0 });
  const result = (name: string, file: string) => {
    const { folder } = units.find((unit) => unit.name === `tiny/${name}`)!;
    return JSON.parse(readFileSync(join(dir, 'work', folder, 'result', file), 'utf8'));
  };
  const { photos, explanation } = result('explain-parts', 'explain.json');
  expect(photos).toHaveLength(5);
  expect(photos[4].files.heatmap).toMatch(/result\/4_heatmap\.png$/);
  expect(explanation.parameters).toBeDefined();
  expect(result('clusters-parts', 'clusters.json').small).toMatchObject([{ photos: 5 }]);
  const [whole, parts] = ['concepts-whole', 'concepts-parts'].map((name) => result(name, 'concepts.json'));
  expect(parts.layers.map((each: { name: string }) => each.name)).toEqual(
    whole.layers.map((each: { name: string }) => each.name),
  );
  expect(parts.data).toEqual(whole.data);
  // What a verb would refuse is refused when the plan is made.
  write('  wrong: {data: faces, channels: 0}\n');
  expect(await limn(['plan', 'spec.yaml', '-o', 'work/plan.json'], dir)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/spec\.yaml:\d+:\d+.*channels/),
  });
}, 120_000);
