import { dirname, isAbsolute, relative } from 'node:path';
import { parseSolver } from '../caffe/index.ts';
import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import { overridden } from '../training/override.ts';
import { pathResolver } from '../training/paths.node.ts';
import { snapshotFiles } from '../training/run/snapshot.node.ts';
import { scheduled } from '../training/schedule.ts';
import { type SolverSettings, solverSettings } from '../training/solver/index.ts';
import type { Draft } from './draft.ts';
import type { Stage } from './spec.ts';
import { type CaseOf, inDefinition, reads, stageValues } from './stage.node.ts';
import { fixedPath, inFolder } from './value.ts';

/** The folder that a training writes to, in its unit's. */
export const runFolder = 'run';

/** The training of a case, and what is known of it before. */
export interface TrainingDraft extends Draft {
  /** The weights that it ends with, in its folder. */
  readonly weights: string;
  readonly solver: SolverSettings;
  /** The files of its networks, as the specification would write them. */
  readonly nets: readonly string[];
}

/** The training of a case. Undefined where files are missing. */
export async function draftTraining(stage: Stage, given: CaseOf): Promise<TrainingDraft | undefined> {
  const { each, files } = given;
  const values = stageValues(stage, given);
  const solverPath = inDefinition(given, values.required('solver'));
  const text = await files.text(solverPath);
  if (text === undefined) return undefined;
  const { solver, schedule, set } = solverOf(stage, given, { text, path: solverPath });
  const solverFile = await reads(files, solverPath);
  const weights = await Promise.all((values.texts('weights') ?? []).map((path) => reads(files, path)));
  const root = values.text('data-root');
  const map = values.pairs('map');
  // What the specification says takes the place of the solver's own weights.
  const own = weights.length > 0 ? [] : solver.weights;
  const { nets, more } = namedFiles(files, solverPath, { nets: netsOf(solver), weights: own, map, root });
  const others = await Promise.all([...nets, ...more].map((path) => reads(files, path)));
  const output = inFolder(runFolder);
  const place = (path: string) => fixedPath(files.planned(path), path);
  const common = {
    solver: solverFile.path,
    dataRoot: root === undefined ? undefined : place(root),
    map: map && Object.fromEntries(map.map(([from, to]) => [from, place(to)])),
    schedule,
    set: set && Object.fromEntries(set),
    seed: each.seed,
    threads: values.number('threads'),
    shuffle: values.flag('shuffle'),
    keep: values.number('keep'),
    output,
  };
  const start = weights.length > 0 ? weights.map(({ path }) => path) : undefined;
  const end = snapshotFiles(runFolder, solver.snapshotPrefix, solver.maxIter).model;
  return {
    kind: 'train',
    label: 'train',
    verb: 'train',
    request: { ...common, weights: start },
    resumed: { ...common, snapshot: output },
    uncounted: ['keep'],
    inputs: [solverFile, ...others, ...weights].map(({ input }) => input),
    outputs: [end],
    iterations: endOf(solver, solverPath),
    weights: end,
    solver,
    nets,
  };
}

/** What a solver's file says, with the stage's schedule and changes. */
function solverOf(
  stage: Stage,
  given: CaseOf,
  { text, path }: { readonly text: string; readonly path: string },
) {
  const values = stageValues(stage, given);
  const schedule = values.text('schedule') ?? 'as-committed';
  if (schedule !== 'as-committed' && schedule !== 'paper') {
    fail(stage.where, `no schedule ${quoted(schedule)}`, 'there are as-committed and paper');
  }
  const set = values.pairs('set');
  const parsed = scheduled(parseSolver(text, path), schedule, given.each.definition);
  const changed = overridden(parsed, Object.fromEntries(set ?? []), `${stage.where}: set`);
  return { solver: solverSettings(changed, path), schedule, set };
}

/** Where a solver's networks and weights lie, given what it calls them. */
function namedFiles(
  files: CaseOf['files'],
  solverPath: string,
  { nets, weights, map, root }: NamedFiles,
): { readonly nets: readonly string[]; readonly more: readonly string[] } {
  const find = pathResolver({
    map: Object.fromEntries((map ?? []).map(([from, to]) => [from, files.place(to)])),
    dataRoot: root === undefined ? undefined : files.place(root),
    base: dirname(files.place(solverPath)),
  });
  // As the solver's own path is written, so that a plan can move with what lies beside it.
  const written = (path: string) => (isAbsolute(solverPath) ? path : relative(files.place('.'), path));
  return {
    nets: nets.map((net) => written(find(net, `${solverPath}: net`))),
    more: weights.map((path) => written(find(path, `${solverPath}: weights`))),
  };
}

interface NamedFiles {
  readonly nets: readonly string[];
  readonly weights: readonly string[];
  /** Of paths, from what they begin with in the solver to what they are here. */
  readonly map: readonly (readonly [from: string, to: string])[] | undefined;
  /** The data's. */
  readonly root: string | undefined;
}

/** The iteration that a training ends at. Errors: none, or one at which no weights are written. */
function endOf({ maxIter, snapshot, snapshotAfterTrain }: SolverSettings, path: string): number {
  if (maxIter < 1) fail(path, 'no max_iter', "give it there, or under 'set'");
  if (!snapshotAfterTrain && !(snapshot > 0 && maxIter % snapshot === 0)) {
    fail(
      path,
      `snapshot_after_train is false: no weights are written at the end, ${maxIter}`,
      'leave it out',
    );
  }
  return maxIter;
}

/** The files of a solver's networks. */
const netsOf = ({ train, tests }: SolverSettings): string[] => [
  ...new Set([train, ...tests].flatMap(({ source }) => ('file' in source ? [source.file] : []))),
];
