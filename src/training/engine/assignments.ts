import type { TrainingNet } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import { loadable } from '../../runtime/open.ts';
import { type SolverSettings, updateRule } from '../solver/index.ts';
import { testStep, trainStep } from '../step.ts';
import { type Layout, layOut, pieces } from './layout.ts';
import type { Assignment } from './order.ts';
import { batchSizeOf, chooseParts, imagesOf } from './parts.ts';
import { reductionMemory } from './reduction.ts';

/** What the threads of an engine compute, and from what. */
export interface EngineWork {
  readonly train: TrainingNet;
  /** Test nets, which share the weights by the parameters' names. */
  readonly tests: readonly TrainingNet[];
  readonly solver: SolverSettings;
  /** The value of every parameter, by name; copied. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** What the update rule kept for the trained parameters: per array of the rule, by name; zeros unless given. */
  readonly histories?: readonly ReadonlyMap<string, Float32Array>[];
  /** Of the masks. */
  readonly seed: number;
  /** In how many parts batches are computed; chosen by {@link chooseParts} unless given. Sums depend on it. */
  readonly parts?: number;
}

/** The work of an engine, shared out. */
export interface Assigned {
  readonly layout: Layout;
  /** In the layout's order; all threads share them. */
  readonly weights: SharedArrayBuffer;
  readonly histories: readonly SharedArrayBuffer[];
  /** One for each part of a batch. */
  readonly assignments: readonly Assignment[];
}

/** Lays out the memory that the threads share, and says what each of them does. Errors: as of `openEngine`. */
export function assign(work: EngineWork, threads: number): Assigned {
  const { train, tests, solver } = work;
  const layout = layOut(train, tests);
  const { histories: sets } = updateRule(solver);
  const { iterSize, clipGradients } = solver;
  const parts = work.parts ?? chooseParts(train, layout, { threads, iterSize, histories: sets });
  checkParts(train, parts);

  const { weights, histories } = sharedMemory(work, layout, sets);
  const images = batchSizeOf(train);
  const common = {
    parts,
    threads: Math.max(1, Math.floor(threads / parts)),
    tests: tests.map((net) => loadable(testStep(net, { batch: batchSizeOf(net) }))),
    layout,
    masks: train.masks,
    moving: train.moving,
    losses: train.losses.map(({ value }) => value),
    rule: {
      type: solver.type,
      momentum: solver.momentum,
      momentum2: solver.momentum2,
      delta: solver.delta,
      rmsDecay: solver.rmsDecay,
    },
    clipGradients,
    iterSize,
    seed: work.seed,
    weights,
    histories,
    reduction: reductionMemory(parts, layout.trained),
  };
  const graphs = new Map<number, Assignment['train']>();
  const graphFor = (batch: number) => {
    const known = graphs.get(batch) ?? loadable(trainStep(train, { batch }));
    graphs.set(batch, known);
    return known;
  };
  const assignments = Array.from({ length: parts }, (_, part): Assignment => {
    const [from, to] = imagesOf(images, part, parts);
    return { ...common, part, from, train: graphFor(to - from) };
  });
  return { layout, weights, histories, assignments };
}

function checkParts(net: TrainingNet, parts: number): void {
  const images = batchSizeOf(net);
  if (!(Number.isInteger(parts) && parts >= 1 && parts <= images))
    fail('parts', `expected 1 to ${images}, the images of a batch, got ${parts}`);
  if (parts > 1 && net.wholeBatch)
    fail('parts', `got ${parts}, but '${net.name}' needs its batches whole: BatchNorm`, 'use 1');
}

/** The weights, and the `sets` arrays that the update rule keeps. */
function sharedMemory(work: EngineWork, layout: Layout, sets: number) {
  const memory = () => new SharedArrayBuffer(layout.length * 4);
  const weights = filled(layout, memory(), work.weights, 'weights');
  const trained = { ...layout, parameters: layout.parameters.filter(({ rateFactor }) => rateFactor !== 0) };
  const histories = Array.from({ length: sets }, (_, i) =>
    work.histories ? filled(trained, memory(), work.histories[i] ?? new Map(), 'history') : memory(),
  );
  return { weights, histories };
}

/** Values by parameter, copied to their places. */
function filled(
  layout: Layout,
  memory: SharedArrayBuffer,
  values: ReadonlyMap<string, Float32Array>,
  what: string,
): SharedArrayBuffer {
  for (const [name, piece] of pieces(layout, new Float32Array(memory))) {
    const value = values.get(name) ?? fail(`parameter '${name}'`, `has no ${what}`);
    if (value.length !== piece.length)
      fail(`parameter '${name}'`, `needs ${piece.length} numbers, got ${value.length} (${what})`);
    piece.set(value);
  }
  return memory;
}
