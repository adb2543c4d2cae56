import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parseSolver } from '../../src/caffe/index.ts';
import { expandSpec } from '../../src/plan/expand.node.ts';
import { readSpec, type Unit } from '../../src/plan/index.ts';
import { publishedIterations } from '../../src/training/schedule.ts';
import { folder } from '../cli/limn.ts';
import { describeShared, shared, sharedFiles } from '../shared.ts';

const spec = (schedule: string) => `
definitions: ${shared('adience/model_definitions')}
folds: 0-4
variables:
  target: {'age_*': age, 'gender_*': gender}
  crops: {'*_mixed': mixed, '*_unaligned': unaligned, '*': aligned}
train:
  solver: solver_test_fold_is_{fold}.prototxt
  schedule: ${schedule}
  data-root: data
  weights:
    '*_finetuning_caffereference*': caffenet.caffemodel
    '*_finetuning_googlenet*': googlenet.caffemodel
    '*_finetuning_vgg16*': vgg16.caffemodel
    '*_imdbwiki_vgg16*': imdbwiki_{target}.caffemodel
import: {prototxt: deploy.prototxt, mean: 'mean_{crops}.binaryproto'}
evaluate:
  test: {data: '{crops}_{target}_{fold}.txt', target: '{target}', crops: ten}
`;

describeShared('the 190 trainings of the paper', () => {
  let dir = '';
  let units: Unit[] = [];
  const unitsOf = (schedule: string) =>
    expandSpec(readSpec(spec(schedule), join(dir, 'spec.yaml')), join(dir, 'plan.json'));

  beforeAll(async () => {
    dir = folder();
    for (const name of ['caffenet', 'googlenet', 'vgg16', 'imdbwiki_age', 'imdbwiki_gender'])
      writeFileSync(join(dir, `${name}.caffemodel`), name);
    mkdirSync(join(dir, 'data'));
    for (const crops of ['aligned', 'mixed', 'unaligned']) {
      writeFileSync(join(dir, `mean_${crops}.binaryproto`), crops);
      for (const target of ['age', 'gender'])
        for (let fold = 0; fold < 5; fold++)
          writeFileSync(join(dir, `${crops}_${target}_${fold}.txt`), 'a.jpg 0\n');
    }
    units = await unitsOf('as-committed');
  });

  it('are all there, once, each with its import and its evaluation', () => {
    const solvers = sharedFiles('adience/model_definitions').filter((path) =>
      /solver_\S+\.prototxt$/.test(path),
    );
    expect(solvers).toHaveLength(190);
    const trainings = units.filter(({ kind }) => kind === 'train');
    expect(trainings.map(({ request }) => request.solver).sort()).toEqual(solvers.map(shared).sort());
    expect(new Set(units.map(({ id }) => id)).size).toBe(570);
    for (const training of trainings) {
      const imported = units.filter(({ needs }) => needs.includes(training.id));
      expect(imported.map(({ kind }) => kind)).toEqual(['import']);
      expect(units.filter(({ needs }) => needs.includes(imported[0].id)).map(({ kind }) => kind)).toEqual([
        'evaluate',
      ]);
    }
  });

  it('begin with the weights that their names tell of, and end where their solvers say', () => {
    for (const { name, kind, request, progress, outputs } of units) {
      if (kind !== 'train') continue;
      const [, how] = /_(finetuning|fromscratch|imdbwiki|net)_/.exec(name)!;
      const { solver, weights } = request as { solver: string; weights?: string[] };
      expect(weights !== undefined).toBe(how === 'finetuning' || how === 'imdbwiki');
      if (how === 'imdbwiki') expect(weights).toEqual([`imdbwiki_${name.split('_')[0]}.caffemodel`]);
      const { maxIter, snapshotPrefix } = parseSolver(readFileSync(solver, 'utf8'), solver);
      expect(progress!.iterations).toBe(maxIter);
      expect([950, 980, 2400]).toContain(maxIter);
      expect(outputs[0].endsWith(`/run/${snapshotPrefix}_iter_${maxIter}.caffemodel`)).toBe(true);
    }
  });

  it('take as long as the published weights did with the schedule of the paper', async () => {
    const paper = (await unitsOf('paper')).filter(({ kind }) => kind === 'train');
    const iterations = (name: string) =>
      paper.find((unit) => unit.name === `${name}/fold-3/train`)!.progress!.iterations;
    expect(iterations('age_net_definitions')).toBe(50_000);
    expect(iterations('gender_fromscratch_caffereference_unaligned')).toBe(50_000);
    expect(iterations('age_finetuning_googlenet_mixed')).toBe(340_000);
    expect(iterations('gender_imdbwiki_vgg16')).toBe(125_000);
    const before = new Map(units.map(({ name, id }) => [name, id]));
    for (const { name, id } of paper) expect(id).not.toBe(before.get(name));
  });
});

it('knows no schedule for other networks', () => {
  expect(publishedIterations('resnet50')).toBeUndefined();
});
