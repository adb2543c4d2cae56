import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPlan, type Unit } from '../../src/plan/index.ts';
import { readStudyFile } from '../../src/plan/study/studyfile.ts';
import { studyUnits } from '../../src/plan/study/units.node.ts';
import { folder, limn } from '../cli/limn.ts';
import { writeAdience, writeDefinition } from './madestudy.ts';

const text = `
name: a small study
data: { adience: { folds: folds, aligned: aligned, faces: faces }, size: 32 }
definitions: definitions
threads: 1
`;

let dir = '';

beforeAll(async () => {
  dir = folder();
  await writeAdience(dir);
  for (const name of [
    'age_net_definitions',
    'gender_fromscratch_small_unaligned',
    'gender_fromscratch_small_mixed',
  ])
    writeDefinition(dir, name);
});

const unitsOf = async (study: string, at = dir): Promise<readonly Unit[]> =>
  (await studyUnits(readStudyFile(study, join(at, 'study.yaml')), join(at, 'out/plan.json'))).units;

describe('a study', () => {
  it('is all from folds to a report, in the order of needs', async () => {
    const units = await unitsOf(text);
    expect(units.map(({ name }) => name)).toMatchInlineSnapshot(`
      [
        "data/lists-aligned",
        "data/aligned-fold-0-age_train",
        "data/aligned-fold-0-gender_train",
        "data/aligned-fold-0-mean",
        "data/aligned-fold-0-age_val",
        "age_net_definitions/fold-0/train",
        "age_net_definitions/fold-0/import",
        "age_net_definitions/fold-0/evaluate-own",
        "data/aligned-fold-1-age_train",
        "data/aligned-fold-1-gender_train",
        "data/aligned-fold-1-mean",
        "data/aligned-fold-1-age_val",
        "age_net_definitions/fold-1/train",
        "age_net_definitions/fold-1/import",
        "age_net_definitions/fold-1/evaluate-own",
        "data/aligned-fold-2-age_train",
        "data/aligned-fold-2-gender_train",
        "data/aligned-fold-2-mean",
        "data/aligned-fold-2-age_val",
        "age_net_definitions/fold-2/train",
        "age_net_definitions/fold-2/import",
        "age_net_definitions/fold-2/evaluate-own",
        "data/lists-mixed",
        "data/squares",
        "data/mixed",
        "data/mixed-fold-0-gender_train",
        "data/mixed-fold-0-mean",
        "data/mixed-fold-0-gender_val",
        "gender_fromscratch_small_mixed/fold-0/train",
        "gender_fromscratch_small_mixed/fold-0/import",
        "data/lists-unaligned",
        "gender_fromscratch_small_mixed/fold-0/evaluate-own",
        "data/mixed-fold-1-gender_train",
        "data/mixed-fold-1-mean",
        "data/mixed-fold-1-gender_val",
        "gender_fromscratch_small_mixed/fold-1/train",
        "gender_fromscratch_small_mixed/fold-1/import",
        "gender_fromscratch_small_mixed/fold-1/evaluate-own",
        "data/mixed-fold-2-gender_train",
        "data/mixed-fold-2-mean",
        "data/mixed-fold-2-gender_val",
        "gender_fromscratch_small_mixed/fold-2/train",
        "gender_fromscratch_small_mixed/fold-2/import",
        "gender_fromscratch_small_mixed/fold-2/evaluate-own",
        "data/unaligned-fold-0-gender_train",
        "data/unaligned-fold-0-mean",
        "data/unaligned-fold-0-gender_val",
        "gender_fromscratch_small_unaligned/fold-0/train",
        "gender_fromscratch_small_unaligned/fold-0/import",
        "gender_fromscratch_small_unaligned/fold-0/evaluate-own",
        "data/unaligned-fold-1-gender_train",
        "data/unaligned-fold-1-mean",
        "data/unaligned-fold-1-gender_val",
        "gender_fromscratch_small_unaligned/fold-1/train",
        "gender_fromscratch_small_unaligned/fold-1/import",
        "gender_fromscratch_small_unaligned/fold-1/evaluate-own",
        "data/unaligned-fold-2-gender_train",
        "data/unaligned-fold-2-mean",
        "data/unaligned-fold-2-gender_val",
        "gender_fromscratch_small_unaligned/fold-2/train",
        "gender_fromscratch_small_unaligned/fold-2/import",
        "gender_fromscratch_small_unaligned/fold-2/evaluate-own",
        "study/compare-own",
        "study/report-own",
        "study/plot",
      ]
    `);
    const seen = new Set<string>();
    for (const { id, needs } of units) {
      expect(needs.filter((need) => !seen.has(need))).toEqual([]);
      seen.add(id);
    }
  });

  it('is run with no more than the data root', async () => {
    const units = await unitsOf(text);
    const trainings = units.filter(({ verb }) => verb === 'train');
    expect(trainings).toHaveLength(9);
    for (const { request, inputs } of trainings) {
      expect(request).not.toHaveProperty('map');
      const root = String(request.dataRoot);
      expect(root).toMatch(/^data-[0-9a-f]{12}$/);
      const net = readFileSync(join(dir, 'out', inputs[1].path), 'utf8');
      // Whatever its data layers name, another unit makes below the root.
      const placed = units.flatMap(({ outputs }) => outputs);
      const named = [...net.matchAll(/(?:mean_file|source): "\/home\/somebody\/code\/AgeGender\/([^"]+)"/g)];
      expect(named).toHaveLength(4);
      for (const [, path] of named)
        expect(placed).toContain(`${root}/${path}${path.endsWith('_lmdb') ? '/data.mdb' : ''}`);
    }
  });

  it('asks for no data that no definition names', async () => {
    const units = await unitsOf(`${text}only: age_*\nfolds: 1\n`);
    expect(units.filter(({ name }) => name.startsWith('data/')).map(({ kind }) => kind)).toEqual([
      ...['lists', 'database', 'database', 'mean', 'database'],
    ]);
  });

  it('tests networks on other faces than their own, as it is told', async () => {
    const units = await unitsOf(`${text}folds: 0\ntests: { own: same, swap: { i: r, r: i } }\n`);
    const tests = units.filter(({ verb }) => verb === 'evaluate');
    const sets = tests.map(({ name, request }) => {
      const { data, place } = request as { data: string; place: Record<string, string> };
      return `${name.split('/').at(-1)} ${data.split('/').at(1)} ${place.preprocessing}${place.test ?? ''}`;
    });
    expect(sets).toEqual([
      'evaluate-own train_val_txt_files_per_fold i',
      'evaluate-swap squared_unaligned_train_val_txt_files_per_fold ir',
      'evaluate-own squared_unaligned_train_val_txt_files_per_fold m',
      'evaluate-own squared_unaligned_train_val_txt_files_per_fold r',
      'evaluate-swap train_val_txt_files_per_fold ri',
    ]);
  });

  it('has a model and a test for every snapshot, if it is asked to', async () => {
    const units = await unitsOf(
      `${text}folds: 0\nonly: age_*\nsnapshots: every\nset: { max_iter: 120, snapshot: 50 }\n`,
    );
    const [training] = units.filter(({ verb }) => verb === 'train');
    expect(training.outputs.map((path) => path.replace(/.*_iter_/, ''))).toEqual([
      ...['50.caffemodel', '100.caffemodel', '120.caffemodel'],
    ]);
    expect(units.filter(({ verb }) => verb === 'evaluate').map(({ name }) => name.split('/').at(-1))).toEqual(
      [...['evaluate-own-50', 'evaluate-own-100', 'evaluate-own']],
    );
    // The report draws how accuracy grew, and so needs all of them.
    const [{ request, needs }] = units.filter(({ verb }) => verb === 'report');
    const snapshots = request.snapshots as { result: string; iteration: number }[];
    expect(snapshots.map(({ iteration }) => iteration)).toEqual([50, 100, 120]);
    for (const { result } of snapshots) {
      const of = units.find(({ folder: at }) => result === `${at}/result`)!;
      expect(of.verb).toBe('evaluate');
      if (of.name.endsWith('own')) continue;
      expect(needs).toContain(of.id);
    }
  });

  it('refuses heatmaps that cannot be made before anything is trained', async () => {
    for (const [heatmaps, wrong] of [
      ['composite: epsilon-plus, variant: faithful', /study\.yaml:\d+:\d+: .*faithful/],
      ['composite: epsilon-minus', /study\.yaml:\d+:\d+: .*epsilon-minus/],
    ] as const)
      await expect(unitsOf(`${text}heatmaps: { ${heatmaps} }\n`)).rejects.toThrow(wrong);
  });

  it('draws and measures heatmaps of the same photos by all folds of each network', async () => {
    const units = await unitsOf(`${text}folds: [0, 1]\nheatmaps: { photos: 4, composite: epsilon-plus }\n`);
    const named = (name: string) => units.find((unit) => unit.name === name)!;
    const explained = units.filter(({ verb }) => verb === 'saveExplanations');
    expect(explained).toHaveLength(6);
    const asked = named('gender_fromscratch_small_mixed/fold-1/explain').request;
    // Mixed networks see rotated faces, as in their tests; all folds see the first one's.
    expect(asked).toMatchObject({ composite: 'epsilon-plus', variant: 'corrected' });
    expect(JSON.stringify(asked)).toContain('photos/unaligned-fold-0-gender_test-4');
    const { request, needs } = named('study/heatmaps-gender');
    expect(request).toMatchObject({
      names: ['mixed', 'mixed', 'unaligned', 'unaligned'].map((each) => `gender_fromscratch_small_${each}`),
    });
    expect(needs).toEqual(expect.arrayContaining(explained.slice(2).map(({ id }) => id)));
    expect(named('study/regions-gender').request).toMatchObject({
      places: ['m', 'm', 'r', 'r'].map((preprocessing) => ({
        ...{ architecture: 'small', preprocessing, initialisation: 'scratch' },
      })),
    });
    // The report has them as a section each.
    const reported = named('study/report-own');
    const measured = ['age', 'gender'].map((target) => named(`study/regions-${target}`));
    expect(reported.needs).toEqual(expect.arrayContaining(measured.map(({ id }) => id)));
    expect(reported.request.regions).toEqual(measured.map(({ folder: at }) => `${at}/regions`));
    const fewer = await unitsOf(`${text}folds: 0\nheatmaps: { average: none, regions: false }\n`);
    expect(fewer.filter(({ verb }) => verb === 'regions')).toEqual([]);
    expect(fewer.find(({ name }) => name === 'study/heatmaps-age')!.request).toMatchObject({
      names: ['age_net_definitions 0'],
    });
  });

  it.each([
    ['paper', 50_000],
    ['as-committed', 950],
    ['smoke', 2],
  ] as const)('takes its iterations from the schedule: %s', async (schedule, iterations) => {
    const units = await unitsOf(`${text}folds: 0\nonly: age_net*\nschedule: ${schedule}\n`);
    expect(units.find(({ verb }) => verb === 'train')?.progress?.iterations).toBe(iterations);
  });

  it('begins anew only what a change concerns', async () => {
    const ids = async (study: string) =>
      new Map((await unitsOf(study)).map(({ name, id }) => [name, id] as const));
    const changed = async (study: string) => {
      const [before, after] = [await ids(text), await ids(study)];
      return [...after].filter(([name, id]) => before.get(name) !== id).map(([name]) => name);
    };
    expect(await changed(text)).toEqual([]);
    expect(await changed(`${text}version: b\n`)).toHaveLength((await unitsOf(text)).length);
    expect((await changed(`${text}crops: center\n`)).every((name) => /evaluate|study/.test(name))).toBe(true);
    expect(await changed(text.replace('size: 32', 'size: 33'))).not.toContain('data/lists-aligned');
  });
});

it('examples are studies', () => {
  const at = fileURLToPath(new URL('../../examples', import.meta.url));
  const studies = readdirSync(at).filter((name) => name.endsWith('.yaml'));
  expect(studies).toEqual(['study-utkface.yaml']);
  const read = studies.map((name) => readStudyFile(readFileSync(join(at, name), 'utf8'), name));
  expect(read[0]).toMatchObject({
    data: { kind: 'manifest', align: true, folds: 5 },
    heatmaps: { photos: 40, composite: 'iccv2017', regions: true },
  });
});

describe('what is wrong with a study', () => {
  const failing = (study: string, at = dir) => unitsOf(study, at).then(() => '', String);
  const broken = async (name: string, change: (net: string) => string, options = {}) => {
    const at = folder();
    cpSync(dir, at, { recursive: true });
    writeDefinition(at, name, options);
    const file = join(at, `definitions/${name}/train_val_test_fold_is_0.prototxt`);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    return at;
  };

  it.each([
    ['an unknown field', `${text}datas: x\n`, /study\.yaml:6:1: unknown field 'datas'/],
    ['no data', text.replace(/data: .*/, 'crops: ten'), /'data' is missing/],
    ['a fold that there is not', `${text}folds: 7\n`, /there is no fold 7.*there are 0, 1, 2/],
    ['a preprocessing that there is not', `${text}preprocessing: x\n`, /there is no 'x'.*there are i, r, m/],
    ['no definition that fits', `${text}only: nothing*\n`, /no folder in definitions is of age, gender/],
    [
      'no folder of the faces that it needs',
      text.replace(', faces: faces', ''),
      /no folder of faces faces|no folder of 'faces'/,
    ],
  ])('%s', async (_, study, message) => {
    expect(await failing(study)).toMatch(message);
  });

  it('weights that nobody gave', async () => {
    const at = await broken('age_finetuning_googlenet', (net) => net);
    expect(await failing(text, at)).toMatch(
      /weights: none for 'googlenet', which age_finetuning_googlenet starts from/,
    );
  });

  it('weights that are not there', async () => {
    const at = await broken('age_finetuning_googlenet', (net) => net);
    expect(await failing(`${text}weights: { googlenet: none.caffemodel }\n`, at)).toMatch(
      /missing: none\.caffemodel/,
    );
  });

  it('a name that says nothing', async () => {
    const at = await broken('whatever', (net) => net);
    expect(await failing(text, at)).toMatch(/'whatever' does not say what its network is/);
  });

  it('a path of another fold, in which the tested one may be', async () => {
    const at = await broken('age_net_definitions', (net) => net.replace('Test_fold_is_0', 'Test_fold_is_1'));
    expect(await failing(text, at)).toMatch(
      /fold_is_0\.prototxt:\d+:\d+: layer 'data': '.*Test_fold_is_1.*' is of fold 1, where fold 0 is tested/,
    );
  });

  it('a path of nothing that it makes', async () => {
    const at = await broken('age_net_definitions', (net) => net.replace('/lmdb/', '/other/'));
    expect(await failing(text, at)).toMatch(/other.*is nothing that a study makes/);
  });

  it('labels of another target', async () => {
    const at = await broken('age_net_definitions', (net) => net.replace('age_train', 'gender_train'));
    expect(await failing(text, at)).toMatch(
      /gender_train_lmdb' has labels for gender, but its name says age/,
    );
  });

  it('is told where it ends nothing: a name that its paths belie, as in one of the published definitions', async () => {
    const at = await broken('gender_fromscratch_small_mixed', (net) => net, { crops: '_unaligned' });
    const file = join(at, 'study.yaml');
    const { notes } = await studyUnits(readStudyFile(`${text}folds: 0\n`, file), join(at, 'out/plan.json'));
    expect(notes).toEqual([
      expect.stringMatching(
        /small_mixed.*: its name says mixed faces, but it reads '.*_unaligned.*', and 2 more paths so$/,
      ),
    ]);
  });
});

it('runs through in smoke, and is done then', { timeout: 240_000 }, async () => {
  writeFileSync(
    join(dir, 'study.yaml'),
    `${text}folds: 0\nonly: [age_net_definitions, gender_fromscratch_small_mixed]\n` +
      // Made-up faces are none that a detector finds.
      'heatmaps: { photos: 2, composite: epsilon-plus, variant: corrected, regions: false }\n',
  );
  const call = ['study', 'study.yaml', '-o', 'out', '--schedule', 'smoke', '--workers', '2'];
  const first = await limn(call, dir);
  expect(first.stdout).toMatch(/^\d+ units: \d+ done\n$/);
  expect(first.code).toBe(0);
  const again = await limn(call, dir);
  expect(again.stdout).toMatch(/^(\d+) units: \1 done \(\1 before\)\n$/);
  const { units } = readPlan(readFileSync(join(dir, 'out/plan.json'), 'utf8'), 'plan.json');
  const made = (name: string, path: string) =>
    readFileSync(join(dir, 'out', units.find((unit) => unit.name === name)!.folder, path), 'utf8');
  // Heads are called as what they tell, so that the paper's table finds them.
  const { tables } = JSON.parse(made('study/compare-own', 'comparison/comparison.json'));
  const { target, table } = tables[0];
  expect(target).toBe('age');
  const row = table.rows.find(([{ text }]: { text: string }[]) => text === '[i, ·]');
  expect(row[1].text).toMatch(/^\d+\.\d \(\d+\.\d\)$/);
  const { heatmaps } = JSON.parse(made('study/heatmaps-age', 'heatmaps/draw.json'));
  expect(heatmaps).toHaveLength(2);
  expect(made('study/report-own', 'report.html')).toContain('a small study');
});
