import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readPlan } from '../../src/plan/index.ts';
import { filesIn, fixtures, folder, limn } from '../cli/limn.ts';

const portrait = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));
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

it('what is said of photos, the faces in them and where networks look in these are units, too, to the same bytes', async () => {
  const dir = folder();
  const at = (path: string) => join(dir, path);
  for (const name of ['one', 'two']) {
    mkdirSync(at(`nets/${name}`), { recursive: true });
    copyFileSync(join(net, 'deploy.prototxt'), at(`nets/${name}/deploy.prototxt`));
  }
  copyFileSync(join(net, 'weights.caffemodel'), at('tiny.caffemodel'));
  mkdirSync(at('photos'));
  const { default: sharp } = await import('sharp');
  for (let i = 0; i < 3; i++)
    await sharp(portrait)
      .modulate({ brightness: 1 - i / 50 })
      .toFile(at(`photos/${i}.png`));
  const both = (settings: string) => `
  whole: {${settings}}
  parts: {${settings}, shards: 2}`;
  const faces = `faces:${both('data: photos, detector: tiny, threads: 1')}
`;
  const write = (text: string) => writeFileSync(at('spec.yaml'), text);
  const regions = 'explain: maps, place: {start: "{start}"}, detector: tiny, resamples: 100, threads: 1';
  write(`${faces}definitions: nets
variables: {start: {one: none, two: trained}}
import: {prototxt: deploy.prototxt, weights: tiny.caffemodel, mean: 104}
classify:${both('data: photos, top: 1, crops: ten, threads: 1')}
explain:
  maps: {data: photos, figure: false, target: 1, threads: 1}
regions:${both(regions)}
`);
  expect(await limn(['plan', 'spec.yaml', '-o', 'work/plan.json'], dir)).toMatchObject({ code: 0 });
  const { units } = readPlan(readFileSync(at('work/plan.json'), 'utf8'), 'plan.json');
  const named = (name: string) => units.find((unit) => unit.name === name)!;
  expect(units.slice(0, 4).map(({ name, verb, needs }) => [name, verb, needs.length])).toEqual([
    ['photos/faces-whole', 'faces', 0],
    ['photos/faces-parts-1-of-2', 'facesShard', 0],
    ['photos/faces-parts-2-of-2', 'facesShard', 0],
    ['photos/faces-parts', 'merge', 2],
  ]);
  expect(named('one/classify-parts-2-of-2').verb).toBe('classifyShard');
  expect(named('networks/regions-whole')).toMatchObject({
    verb: 'regions',
    request: {
      names: ['one', 'two'],
      places: [{ start: 'none' }, { start: 'trained' }],
    },
    needs: ['one', 'two'].map((name) => named(`${name}/explain-maps`).id),
  });
  const only = ['photos/*', '*/import', '*/explain-maps', 'networks/*', 'one/classify-*'];
  const run = await limn(['run', 'work/plan.json', '--only', ...only], dir);
  expect(run).toMatchObject({ code: 0 });
  /** What a unit made, which knows where it is. */
  const made = (name: string, inside: string): Record<string, string> => {
    const { folder: own } = named(name);
    const files = inside === '' ? ['answers.json'] : filesIn(at(`work/${own}/${inside}`));
    return Object.fromEntries(
      files.map((file) => [
        file,
        readFileSync(join(at('work'), own, inside, file), 'latin1').replaceAll(own, 'OUT'),
      ]),
    );
  };
  for (const [name, inside, file] of [
    ['photos/faces', 'result', '2_face1.png'],
    ['one/classify', '', 'answers.json'],
    ['networks/regions', 'result', 'regions.json'],
  ] as const) {
    const whole = made(`${name}-whole`, inside);
    expect(Object.keys(whole)).toContain(file);
    expect(made(`${name}-parts`, inside)).toEqual(whole);
  }
  // A search for faces alone needs no networks.
  write(faces);
  expect(await limn(['plan', 'spec.yaml', '-o', 'faces/plan.json'], dir)).toMatchObject({ code: 0 });
  for (const [text, message] of [
    [`${faces}regions: {eyes: {explain: maps}}\n`, /'definitions' is missing/],
    [
      `${faces}  more: {data: "{definition}"}\n`,
      /spec\.yaml:\d+:\d+: \{definition\}, but it is of no one network/,
    ],
    ['faces: {x: {threads: 1}}\n', /'data' is missing/],
    ['faces: {x: {data: photos, size: 0}}\n', /spec\.yaml:\d+:\d+.*size/],
    ['faces: {x/y: {data: photos}}\n', /'x\/y' is no name for files/],
    ['definitions: nets\n', /it asks for nothing; give 'train', 'import' or 'faces'/],
    [
      'definitions: nets\nimport: {prototxt: deploy.prototxt, weights: tiny.caffemodel}\nregions: {eyes: {explain: maps}}\n',
      /'explain': expected a name under 'explain', got 'maps'; give 'explain'/,
    ],
  ] as const) {
    write(text);
    const refused = await limn(['plan', 'spec.yaml', '-o', 'never/plan.json'], dir);
    expect(refused.stderr).toMatch(message);
    expect(refused.code).toBe(1);
  }
}, 300_000);
