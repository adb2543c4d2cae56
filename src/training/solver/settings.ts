import { isFieldSet } from '@bufbuild/protobuf';
import {
  SolverParameter_SnapshotFormat as SnapshotFormat,
  type SolverParameter,
  SolverParameterSchema,
  upgradeSolver,
} from '../../caffe/index.ts';
import { fail } from '../../common/error.ts';
import { nearest } from '../../common/nearest.ts';
import type { Note } from '../notes.ts';
import { type SolverNet, solverNets, type TestNet } from './nets.ts';

export const solverTypes = ['SGD', 'Nesterov', 'AdaGrad', 'RMSProp', 'AdaDelta', 'Adam'] as const;
export type SolverType = (typeof solverTypes)[number];

/** What the learning rate follows, with the numbers that the policy needs. */
export type RatePolicy =
  | { readonly name: 'fixed' }
  | { readonly name: 'step'; readonly gamma: number; readonly stepsize: number }
  | { readonly name: 'exp'; readonly gamma: number }
  | { readonly name: 'inv'; readonly gamma: number; readonly power: number }
  | { readonly name: 'multistep'; readonly gamma: number; readonly stepvalues: readonly number[] }
  | { readonly name: 'poly'; readonly power: number }
  | { readonly name: 'sigmoid'; readonly gamma: number; readonly stepsize: number };

/** The numbers of the update rules. */
export interface RuleSettings {
  readonly type: SolverType;
  readonly momentum: number;
  /** Adam's second one. */
  readonly momentum2: number;
  /** AdaGrad, RMSProp, AdaDelta, Adam: what is added to a denominator. */
  readonly delta: number;
  readonly rmsDecay: number;
}

/**
 * A solver, checked and with every default filled in. Numbers that Caffe holds as float are the nearest float32.
 */
export interface SolverSettings extends RuleSettings {
  readonly policy: RatePolicy;
  readonly baseRate: number;
  readonly weightDecay: number;
  readonly regularisation: 'L1' | 'L2';
  /** The largest L2 norm of all gradients together; undefined where they are not clipped. */
  readonly clipGradients: number | undefined;
  /** Batches whose gradients are averaged for one update. */
  readonly iterSize: number;
  /** Iterations whose losses are averaged for the log. */
  readonly averageLoss: number;
  /** Iterations between lines of the log; 0: none. */
  readonly display: number;
  readonly maxIter: number;
  readonly train: SolverNet;
  /** In Caffe's order, which its log numbers: definitions in the solver, test_net files, then those of `net`. */
  readonly tests: readonly TestNet[];
  /** Iterations between tests; 0: never. */
  readonly testInterval: number;
  /** Whether to test before the first iteration. */
  readonly testInitialization: boolean;
  readonly testComputeLoss: boolean;
  /** Iterations between snapshots; 0: none but the last. */
  readonly snapshot: number;
  readonly snapshotPrefix: string;
  readonly snapshotAfterTrain: boolean;
  /** Undefined where the solver leaves it to chance. */
  readonly randomSeed: number | undefined;
  /** Files of weights to start from. */
  readonly weights: readonly string[];
  /** What the solver asks for that limn does not do, and that changes nothing of what is learned. */
  readonly notes: readonly Note[];
}

/**
 * The settings of a parsed solver; `file` names it in errors, and the prefix of snapshots where it gives none.
 * Errors, as Caffe's checks: an unknown type, policy or regularisation, numbers that are missing or out of range,
 * momentum where the type has none, nets and test iterations that do not go together.
 *
 * @example
 * ```ts
 * import { parseSolver } from 'limn/caffe';
 * import { rateAt, solverSettings } from 'limn/training';
 *
 * const text = 'net: "train_val.prototxt" base_lr: 0.01 lr_policy: "step" gamma: 0.1 stepsize: 100 max_iter: 300';
 * const settings = solverSettings(parseSolver(text, 'solver.prototxt'), 'solver.prototxt');
 * console.log([0, 100, 200].map((iteration) => rateAt(settings, iteration)));
 * ```
 */
export function solverSettings(given: SolverParameter, file: string): SolverSettings {
  const solver = upgradeSolver(given, file);
  checkNumbers(solver, file);
  const has = (field: keyof typeof SolverParameterSchema.field) =>
    isFieldSet(solver, SolverParameterSchema.field[field]);
  const need = (field: keyof typeof SolverParameterSchema.field, fix: string) => {
    if (!has(field)) fail(file, `${SolverParameterSchema.field[field].name} is missing`, fix);
  };
  need('baseLr', 'add base_lr: 0.001 or another rate');
  need('maxIter', 'add max_iter: how many iterations to train');
  const { train, tests } = solverNets(solver, file);
  return {
    ...ruleSettings(solver, file),
    policy: policyOf(solver, file, need),
    baseRate: solver.baseLr,
    weightDecay: solver.weightDecay,
    regularisation: oneOf(['L1', 'L2'] as const, solver.regularizationType, 'regularization_type', file),
    clipGradients: solver.clipGradients < 0 ? undefined : solver.clipGradients,
    iterSize: solver.iterSize,
    averageLoss: solver.averageLoss,
    display: solver.display,
    maxIter: solver.maxIter,
    train,
    tests,
    testInterval: solver.testInterval,
    testInitialization: solver.testInitialization,
    testComputeLoss: solver.testComputeLoss,
    snapshot: solver.snapshot,
    snapshotPrefix: has('snapshotPrefix') ? solver.snapshotPrefix : file.replace(/\.[^./\\]*$/, ''),
    snapshotAfterTrain: solver.snapshotAfterTrain,
    randomSeed: solver.randomSeed < 0n ? undefined : Number(solver.randomSeed),
    weights: solver.weights.flatMap((list) => list.split(',')),
    notes: notesOf(solver, file),
  };
}

function notesOf(solver: SolverParameter, file: string): Note[] {
  const ignored = (['snapshotDiff', 'debugInfo'] as const).filter((field) => solver[field]);
  return [
    ...ignored.map((field): Note => {
      return { kind: 'field-ignored', file, field: SolverParameterSchema.field[field].name };
    }),
    ...(solver.snapshotFormat === SnapshotFormat.HDF5
      ? [{ kind: 'snapshot-format', file, format: 'HDF5' } as const]
      : []),
  ];
}

function ruleSettings(solver: SolverParameter, file: string): RuleSettings {
  const type = oneOf(solverTypes, solver.type, 'type', file);
  const { momentum } = solver;
  const momentum2 = Math.fround(solver.momentum2);
  const rmsDecay = Math.fround(solver.rmsDecay);
  if ((type === 'AdaGrad' || type === 'RMSProp') && momentum !== 0) {
    fail(file, `momentum ${show(momentum)} cannot be used with ${type}`, 'remove it');
  }
  const within = (name: string, value: number) => {
    if (value < 0 || value >= 1) fail(file, `${name} ${show(value)} is not in [0, 1)`, `${type} needs that`);
  };
  if (type === 'RMSProp') within('rms_decay', rmsDecay);
  if (type === 'Adam') {
    within('momentum', momentum);
    within('momentum2', momentum2);
  }
  return { type, momentum, momentum2, delta: Math.fround(solver.delta), rmsDecay };
}

const policies = ['fixed', 'step', 'exp', 'inv', 'multistep', 'poly', 'sigmoid'] as const;

function policyOf(
  solver: SolverParameter,
  file: string,
  need: (field: 'lrPolicy' | 'gamma' | 'power' | 'stepsize', fix: string) => void,
): RatePolicy {
  need('lrPolicy', `add lr_policy: one of ${policies.join(', ')}`);
  const name = oneOf(policies, solver.lrPolicy, 'lr_policy', file);
  const { gamma, power, stepsize, stepvalue: stepvalues } = solver;
  const needed = (...fields: ('gamma' | 'power' | 'stepsize')[]) => {
    for (const field of fields) need(field, `lr_policy '${name}' needs it`);
  };
  switch (name) {
    case 'fixed':
      return { name };
    case 'step':
      needed('gamma', 'stepsize');
      if (stepsize < 1) fail(file, `stepsize ${stepsize} is less than 1`, 'give the iterations of a step');
      return { name, gamma, stepsize };
    case 'exp':
      needed('gamma');
      return { name, gamma };
    case 'inv':
      needed('gamma', 'power');
      return { name, gamma, power };
    case 'multistep':
      needed('gamma');
      return { name, gamma, stepvalues };
    case 'poly':
      needed('power');
      return { name, power };
    case 'sigmoid':
      needed('gamma', 'stepsize');
      return { name, gamma, stepsize };
  }
}

/** The least value that each number may have. */
const least = {
  averageLoss: 1,
  iterSize: 1,
  display: 0,
  maxIter: 0,
  snapshot: 0,
  testInterval: 0,
  baseLr: 0,
  momentum: 0,
  weightDecay: 0,
  delta: 0,
} as const;

function checkNumbers(solver: SolverParameter, file: string): void {
  for (const { name, localName } of SolverParameterSchema.fields) {
    const value = solver[localName as keyof SolverParameter];
    if (typeof value === 'number' && !Number.isFinite(value)) {
      fail(file, `${name} is ${value}`, 'give a finite number');
    }
  }
  for (const [field, low] of Object.entries(least) as [keyof typeof least, number][]) {
    if (solver[field] >= low) continue;
    fail(file, `${SolverParameterSchema.field[field].name} ${show(solver[field])} is less than ${low}`);
  }
  if (solver.randomSeed > BigInt(Number.MAX_SAFE_INTEGER)) {
    fail(file, `random_seed ${solver.randomSeed} is too large`, `the most is ${Number.MAX_SAFE_INTEGER}`);
  }
}

function oneOf<T extends string>(known: readonly T[], value: string, field: string, file: string): T {
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  const near = nearest(value, known);
  return fail(
    file,
    `unknown ${field} '${value}'`,
    near ? `did you mean ${near}?` : `known: ${known.join(', ')}`,
  );
}

/** A float32 with the digits that it was written with. */
const show = (value: number): string => String(Number(value.toPrecision(7)));
