import { describe, expect, it } from 'vitest';
import { parseSolver, SolverParameter_SolverMode } from '../../src/caffe/index.ts';
import { overridden } from '../../src/training/override.ts';
import { publishedIterations, scheduled } from '../../src/training/schedule.ts';

const solver = parseSolver(
  'net: "net.prototxt" max_iter: 950 stepvalue: 10 stepvalue: 20',
  'solver.prototxt',
);

describe('other values for fields of a solver', () => {
  it('replace what the file says, as if they stood there', () => {
    const settings = {
      max_iter: '20',
      base_lr: '1e-3',
      lr_policy: 'step',
      stepvalue: '5,7',
      solver_mode: 'CPU',
    };
    const changed = overridden(solver, { ...settings, test_initialization: 'false' }, '--set');
    expect(changed).toMatchObject({
      ...{ net: 'net.prototxt', maxIter: 20, lrPolicy: 'step', stepvalue: [5, 7], testInitialization: false },
      solverMode: SolverParameter_SolverMode.CPU,
    });
    expect(changed.baseLr).toBeCloseTo(1e-3, 9);
    expect(solver).toMatchObject({ maxIter: 950, stepvalue: [10, 20] });
    expect(overridden(solver, { snapshot_prefix: '"a b"' }, '--set').snapshotPrefix).toBe('a b');
    // What the text format would take for something else is text where text is wanted.
    expect(overridden(solver, { snapshot_prefix: '12 } "' }, '--set').snapshotPrefix).toBe('12 } "');
  });

  it.each([
    [
      'max_itr',
      '20',
      "--set: a solver has no field 'max_itr'; names are as in a solver file: max_iter, base_lr",
    ],
    ['maxIter', '20', "--set: a solver has no field 'maxIter'"],
    ['max_iter', 'many', '--set max_iter'],
    ['max_iter', '1 display: 2', "--set: one value is expected for 'max_iter'"],
    ['max_iter', '', '--set max_iter'],
  ])('are refused: %s=%s', (name, value, message) => {
    expect(() => overridden(solver, { [name]: value }, '--set')).toThrow(message);
  });
});

describe('the schedule of the paper', () => {
  it('has the iterations of the published weights', () => {
    expect(publishedIterations('age_net_definitions')).toBe(50_000);
    expect(publishedIterations('age_fromscratch_caffereference_mixed')).toBe(100_000);
    expect(publishedIterations('gender_finetuning_googlenet_unaligned')).toBe(170_000);
    expect(publishedIterations('age_imdbwiki_vgg16_mixed')).toBe(250_000);
    expect(scheduled(solver, 'paper', 'gender_finetuning_vgg16').maxIter).toBe(125_000);
    expect(scheduled(solver, 'as-committed', 'gender_finetuning_vgg16')).toBe(solver);
  });

  it('is not guessed for other networks', () => {
    expect(() => scheduled(solver, 'paper', 'resnet50')).toThrow(
      "resnet50: no network of the paper has this name, so there is no 'paper' schedule for it",
    );
  });
});
