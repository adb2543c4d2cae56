import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandSpec } from '../../src/plan/expand.node.ts';
import { fits, looksLikePlan, readPlan, readSpec, type Unit, writePlan } from '../../src/plan/index.ts';
import { folder } from '../cli/limn.ts';

const solver =
  'net: "net.prototxt"\nmax_iter: 10\nbase_lr: 0.1\nlr_policy: "fixed"\nsnapshot_prefix: "models/snap"\n';

const text = `
definitions: nets   # a folder each
folds: [0, 2]
variables:
  target: {'age_*': age, 'gender_*': gender}
train:
  solver: solver_{fold}.prototxt
  weights:
    '*_fine': [w/one.caffemodel, 'w/{target}.caffemodel']
  data-root: data
  map: {'/old/place/{fold}': elsewhere}
  set: {max_iter: 20}
import:
  prototxt: deploy.prototxt
  mean: 104,117,123
evaluate:
  test: {data: 'lists/{target}_{fold}.txt', target: '{target}', crops: ten}
  val: {data: lmdb, images: pictures}
`;

/** A specification with two definitions and all that it names. */
function experiment(spec = text): string {
  const dir = folder();
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  };
  for (const name of ['age_fine', 'gender_scratch']) {
    for (const fold of [0, 2]) write(`nets/${name}/solver_${fold}.prototxt`, solver);
    write(`nets/${name}/net.prototxt`, 'name: "net"');
    write(`nets/${name}/deploy.prototxt`, 'name: "deploy"');
  }
  for (const name of ['one', 'age']) write(`w/${name}.caffemodel`, name);
  for (const target of ['age', 'gender'])
    for (const fold of [0, 2]) write(`lists/${target}_${fold}.txt`, 'a.jpg 0\n');
  for (const name of ['lmdb/data.mdb', 'pictures/a.jpg', 'data/x', 'elsewhere/x']) write(name, '');
  write('spec.yaml', spec);
  return dir;
}

const unitsOf = (dir: string, plan = 'work/plan.json'): Promise<Unit[]> =>
  expandSpec(readSpec(readFileSync(join(dir, 'spec.yaml'), 'utf8'), join(dir, 'spec.yaml')), join(dir, plan));

const idsOf = async (dir: string): Promise<Map<string, string>> =>
  new Map((await unitsOf(dir)).map(({ name, id }) => [name, id]));

/** The names of the units whose ids a change of the files changes. */
async function changedBy(change: (dir: string) => void, spec = text): Promise<string[]> {
  const dir = experiment();
  const before = await idsOf(dir);
  writeFileSync(join(dir, 'spec.yaml'), spec);
  change(dir);
  const after = await idsOf(dir);
  expect([...after.keys()]).toEqual([...before.keys()]);
  return [...after].filter(([name, id]) => before.get(name) !== id).map(([name]) => name);
}

const kinds = ['train', 'import', 'evaluate-test', 'evaluate-val'];
const unitNames = (place: string, from = 0): string[] => kinds.slice(from).map((kind) => `${place}/${kind}`);

describe('a specification', () => {
  it('becomes units for each definition and fold', async () => {
    const dir = experiment();
    const units = await unitsOf(dir);
    expect(units.map(({ name }) => name)).toEqual(
      ['age_fine/fold-0', 'age_fine/fold-2', 'gender_scratch/fold-0', 'gender_scratch/fold-2'].flatMap(
        (place) => unitNames(place),
      ),
    );
    const [train, imported, test, val] = units as [Unit, Unit, Unit, Unit];
    const { folder: run } = train;
    expect(run).toBe(`units/age_fine/fold-0/train-${train.id.slice(0, 12)}`);
    const solverPath = '../nets/age_fine/solver_0.prototxt';
    const common = {
      solver: solverPath,
      dataRoot: '../data',
      map: { '/old/place/0': '../elsewhere' },
      schedule: 'as-committed',
      set: { max_iter: '20' },
      output: `${run}/run`,
    };
    expect(train.verb).toBe('train');
    expect(train.request).toEqual({
      ...common,
      weights: ['../w/one.caffemodel', '../w/age.caffemodel'],
    });
    expect(train.resume!.request).toEqual({ ...common, snapshot: `${run}/run` });
    expect(train.outputs).toEqual([`${run}/run/snap_iter_20.caffemodel`]);
    expect(train.inputs.map(({ path }) => path)).toEqual([
      ...[solverPath, '../nets/age_fine/net.prototxt', '../w/one.caffemodel', '../w/age.caffemodel'],
    ]);
    expect(train.progress).toEqual({ file: `${run}/run/log.jsonl`, iterations: 20 });
    expect(imported.verb).toBe('importFromCaffe');
    expect(imported.request).toEqual({
      prototxt: '../nets/age_fine/deploy.prototxt',
      caffemodel: train.outputs[0],
      mean: [104, 117, 123],
      output: `${imported.folder}/model.onnx`,
    });
    expect(imported.needs).toEqual([train.id]);
    expect(test.verb).toBe('evaluate');
    expect(test.request).toEqual({
      models: imported.outputs,
      data: '../lists/age_0.txt',
      target: 'age',
      crops: 'ten',
      name: 'age_fine',
      place: { fold: '0' },
      output: `${test.folder}/result`,
    });
    expect(test.needs).toEqual([imported.id]);
    expect(val.request).toMatchObject({ data: '../lmdb', images: '../pictures' });
    // Without weights: from scratch.
    expect(units.find(({ name }) => name === 'gender_scratch/fold-0/train')!.request.weights).toBeUndefined();
  });

  it('gives each seed units of its own', async () => {
    const dir = experiment(`${text}seeds: 1-2\nonly: gender_*\n`);
    const names = (await unitsOf(dir)).map(({ name }) => name);
    expect(names).toHaveLength(16);
    expect(names[4]).toBe('gender_scratch/fold-0/seed-2/train');
    expect((await unitsOf(dir))[4].request.seed).toBe(2);
  });

  it('can do without training', async () => {
    const spec = text.replace(/train:[\s\S]*import:/, 'import:\n  weights: w/{target}.caffemodel');
    const units = await unitsOf(experiment(`${spec}only: age_*\n`));
    expect(units.map(({ kind }) => kind)).toEqual([
      'import',
      'evaluate',
      'evaluate',
      'import',
      'evaluate',
      'evaluate',
    ]);
    expect(units[0].request.caffemodel).toBe('../w/age.caffemodel');
    expect(units[0].needs).toEqual([]);
  });

  it.each([
    ['only: [', /spec.yaml:\d+:\d+: no YAML: /],
    ['nonsense: 1', /spec.yaml:19:1: unknown field 'nonsense'; there are definitions, only, /],
    ['only: *_fine', /spec.yaml:19:7: .*a pattern needs quotes: '\*_fine'/],
    ['only: nothing_*', /no folder in nets fits nothing_\*/],
    ['seeds: many', /spec.yaml:19:8: expected whole numbers, as 0-4 or \[0, 2\], got 'many'/],
    ['seeds: {a: 1}', /spec.yaml:19:8: expected one value/],
  ])('says where it is wrong: %s', async (line, message) => {
    await expect(async () => unitsOf(experiment(`${text}${line}\n`))).rejects.toThrow(message);
  });

  it.each([
    [
      'solver_{fold}',
      'solver_{folt}',
      /spec.yaml:7:11: unknown \{folt\}; there are definition, fold, seed, target/,
    ],
    [
      "'gender_*': gender",
      "'girl_*': girl",
      /\{target\} has no value for gender_scratch; add one under variables/,
    ],
    ['folds: [0, 2]', '', /spec.yaml:\d+:11: \{fold\}, but there are no folds/],
    ['max_iter: 20', 'max_itr: 20', /set: a solver has no field 'max_itr'/],
    ['max_iter: 20', 'max_iter: many', /set max_iter/],
    ['max_iter: 20', 'max_iter: 0', /max_iter/],
    ['max_iter: 20', 'lr_policy: soon', /solver_0.prototxt: .*lr_policy/],
    ['max_iter: 20', 'snapshot_after_train: false', /no weights are written at the end/],
    ['definitions: nets', 'folder: x', /spec.yaml: 'definitions' is missing/],
    ['  mean:', '  weights: w/one.caffemodel\n  mean:', /'weights' beside 'train'/],
    ['crops: ten', 'crop: ten', /unknown field 'crop'/],
    ['set:', 'schedule: paper\n  set:', /no network of the paper has this name/],
    ['set:', 'schedule: soon\n  set:', /no schedule 'soon'/],
    ['w/one.caffemodel', 'w/none.caffemodel', /missing: w\/none.caffemodel; paths start from the folder/],
    ['lists/{target}', 'list/{target}', /missing: list\/age_0.txt, list\/age_2.txt, list\/gender_0.txt/],
    ['solver_{fold}', 'solve_{fold}', /missing: nets\/age_fine\/solve_0.prototxt/],
    ['104,117,123', 'mean.binaryproto', /missing: mean.binaryproto/],
    ['104,117,123', '104,,123', /import|mean/],
    ['set:', 'threads: many\n  set:', /spec.yaml:\d+:1: 'threads': expected a number, got 'many'/],
    ['set:', 'threads: 0\n  set:', /spec.yaml:\d+:1: threads: expected a whole number from 1 on/],
    ['set:', 'shuffle: maybe\n  set:', /'shuffle': expected true or false, got 'maybe'/],
    ['crops: ten', 'crops: eleven', /crops: expected .*"ten"/],
    ['mean: 104', 'resize: 3x\n  mean: 104', /'resize': expected 256 or HEIGHTxWIDTH, got '3x'/],
    ['mean: 104', 'channels: blue\n  mean: 104', /channels: expected/],
    ['mean: 104', 'input-shape: 1,3\n  mean: 104', /'input-shape': expected N,C,H,W, got '1,3'/],
    ['mean: 104', 'name: prob\n  mean: 104', /'name': expected OUTPUT=NAME, got 'prob'/],
  ])('says what is wrong with %s → %s', async (from, to, message) => {
    expect(text).toContain(from);
    await expect(async () => unitsOf(experiment(text.replace(from, to)))).rejects.toThrow(message);
  });
});

describe("a unit's id", () => {
  it('stays where nothing changes, wherever it all lies', async () => {
    expect(await changedBy(() => {})).toEqual([]);
    const dir = experiment();
    const before = await idsOf(dir);
    const moved = join(folder(), 'moved');
    renameSync(dir, moved);
    expect(await idsOf(moved)).toEqual(before);
    mkdirSync(dir);
    expect(new Map((await unitsOf(moved, 'plan.json')).map(({ name, id }) => [name, id]))).toEqual(before);
  });

  it('changes with a solver, for what follows from it', async () => {
    const changed = await changedBy((dir) =>
      writeFileSync(join(dir, 'nets/age_fine/solver_2.prototxt'), `${solver}momentum: 0.9\n`),
    );
    expect(changed).toEqual(unitNames('age_fine/fold-2'));
  });

  it('changes with a network, with weights, with a deployed network, with a list', async () => {
    const write = (path: string) => (dir: string) => writeFileSync(join(dir, path), 'other');
    const folds = (name: string, from = 0) =>
      [0, 2].flatMap((fold) => unitNames(`${name}/fold-${fold}`, from));
    expect(await changedBy(write('nets/gender_scratch/net.prototxt'))).toEqual(folds('gender_scratch'));
    expect(await changedBy(write('w/age.caffemodel'))).toEqual(folds('age_fine'));
    expect(await changedBy(write('nets/age_fine/deploy.prototxt'))).toEqual(folds('age_fine', 1));
    expect(await changedBy(write('lists/age_0.txt'))).toEqual(['age_fine/fold-0/evaluate-test']);
  });

  it('changes with options, with where data are said to be, and with the version', async () => {
    const all = 16;
    expect(await changedBy(() => {}, text.replace('max_iter: 20', 'max_iter: 30'))).toHaveLength(all);
    expect(await changedBy(() => {}, text.replace('data-root: data', 'data-root: elsewhere'))).toHaveLength(
      all,
    );
    expect(await changedBy(() => {}, `${text}version: 2\n`)).toHaveLength(all);
    expect(await changedBy(() => {}, text.replace('crops: ten', 'crops: center'))).toHaveLength(4);
    expect(await changedBy(() => {}, text.replace('104,', '105,'))).toHaveLength(12);
    expect(await changedBy(() => {}, text.replace('set:', 'shuffle: true\n  set:'))).toHaveLength(all);
    expect(await changedBy(() => {}, text.replace('set:', 'shuffle: false\n  keep: 2\n  set:'))).toEqual([]);
  });
});

describe('a plan', () => {
  it('reads as it was written', async () => {
    const units = await unitsOf(experiment());
    const written = writePlan({ limn: '1.2.3', units });
    expect(readPlan(written, 'plan.json')).toEqual({ limn: '1.2.3', units });
    expect(written.split('\n')).toHaveLength(units.length + 3);
    expect(looksLikePlan(new TextEncoder().encode(written))).toBe(true);
    // An ONNX model.
    expect(looksLikePlan(new Uint8Array([8, 8, 18, 4]))).toBe(false);
  });

  it('is refused where it is damaged', async () => {
    const units = (await unitsOf(experiment())).slice(0, 3);
    const [a, b] = units as [Unit, Unit];
    const read = (value: unknown) => () => readPlan(JSON.stringify(value), 'p.json');
    const plan = (given: readonly unknown[]) => read({ format: 'limn plan 2', limn: '1', units: given });
    expect(() => readPlan('{', 'p.json')).toThrow('p.json: no JSON');
    expect(read(null)).toThrow('p.json: no plan of limn');
    expect(read({ format: 'limn plan 9' })).toThrow("a 'limn plan 9', this limn reads 'limn plan 2'");
    // Units were command lines.
    expect(read({ format: 'limn plan 1', limn: '1', units: [] })).toThrow(
      "a 'limn plan 1', this limn reads 'limn plan 2'; make it anew of its specification",
    );
    expect(read({ format: 'limn plan 2' })).toThrow('damaged');
    expect(plan([a, a])).toThrow(`unit 2: '${a.name}' is there twice`);
    expect(plan([b, a])).toThrow('unit 1: it needs');
    for (const name of ['id', 'name', 'kind', 'folder', 'verb', 'request', 'inputs', 'outputs', 'needs']) {
      expect(plan([{ ...a, [name]: undefined }])).toThrow('unit 1: damaged');
      expect(plan([{ ...a, [name]: 7 }])).toThrow('unit 1: damaged');
    }
  });
});

it('fits names to patterns', () => {
  expect(fits('age_net/fold-0/train', 'age_*/train')).toBe(true);
  expect(fits('age_net', 'age_n?t')).toBe(true);
  expect(fits('age_net', 'net')).toBe(false);
  expect(fits('a.b', 'a?b') && !fits('axb', 'a.b')).toBe(true);
  expect(fits('age/fold-3', '*/fold-[02-4]') && !fits('age/fold-1', '*/fold-[02-4]')).toBe(true);
  expect(fits('age/fold-1', '*/fold-[!0]') && !fits('age/fold-0', '*/fold-[!0]')).toBe(true);
  expect(fits(']', '[]]') && fits('^', '[a^]') && fits('-', '[a-]') && !fits('b', '[a-]')).toBe(true);
  // What is no class stands for itself.
  expect(fits('a[1', 'a[1') && fits('[z-a]', '[z-a]') && fits('[]', '[]')).toBe(true);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...'abc012]^-'), { minLength: 1 }),
      fc.constantFrom(...'abcd0123]^-'),
      (set, letter) => {
        // A bracket stands first and a hyphen last, as in a shell.
        const rank = (each: string) => (each === ']' ? 0 : each === '-' ? 2 : 1);
        const inside = [...set].sort((a, b) => rank(a) - rank(b)).join('');
        expect(fits(letter, `[!${inside}]`)).toBe(!set.includes(letter));
        if (!inside.startsWith('!')) expect(fits(letter, `[${inside}]`)).toBe(set.includes(letter));
      },
    ),
  );
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const literal = (each: string) => each.replace(/[*?[]/g, '?');
      expect(fits(before + after, literal(before + after))).toBe(true);
      expect(fits(before + after, `${literal(before)}*`)).toBe(true);
    }),
  );
});

describe('a specification of more units than a plan has', () => {
  it('is refused before any is made, with how they come to be so many', async () => {
    const dir = experiment(
      text
        .replace('folds: [0, 2]', 'folds: [0-999]')
        .replace('variables:', 'seeds: [0-999, 1000-1999]\nvariables:'),
    );
    await expect(unitsOf(dir)).rejects.toThrow(
      'spec.yaml: 16,000,000 units (2 definitions × 1000 folds × 2000 seeds × 4); a plan has at most 20,000; make several plans',
    );
  });
  it('and names twice are told by their place', () => {
    expect(() => readSpec(`${text}\nfolds: 1\n`, 'spec.yaml')).toThrow(
      "'folds' is there twice; keep one of them",
    );
    const map = 'definitions: a\ntrain: {solver: x, solver: y}\n';
    expect(() => readSpec(map, 'spec.yaml')).toThrow("spec.yaml:2:20: 'solver' is there twice");
  });
});
