import { dirname, isAbsolute, join, relative } from 'node:path';
import { parseSolver } from '../caffe/index.ts';
import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import { overridden } from '../training/override.ts';
import { pathResolver } from '../training/paths.node.ts';
import { snapshotFiles } from '../training/run/snapshot.node.ts';
import { scheduled } from '../training/schedule.ts';
import { type SolverSettings, solverSettings } from '../training/solver/index.ts';
import { type Desk, type Draft, plain, reads, required, switches } from './draft.node.ts';
import type { Stage } from './spec.ts';
import { choose, filled } from './variables.ts';
import { flag, inFolder, uncounted, word } from './words.ts';

/** The folder that a training writes to, in its unit's. */
export const runFolder = 'run';

/** The training of a case, and the weights that it ends with, in its folder. Undefined where files are missing. */
export async function draftTraining(
  stage: Stage,
  desk: Desk,
): Promise<(Draft & { weights: string }) | undefined> {
  const { spec, each, files } = desk;
  const say = (name: string) => choose(stage.options.get(name), each, spec);
  const solverPath = join(spec.definitions.text, each.definition, required(stage, desk, 'solver'));
  const text = await files.text(solverPath);
  if (text === undefined) return undefined;
  const schedule = say('schedule')?.[0] ?? 'as-committed';
  if (schedule !== 'as-committed' && schedule !== 'paper') {
    fail(stage.where, `no schedule ${quoted(schedule)}`, 'there are as-committed and paper');
  }
  const settings = (stage.pairs.get('set') ?? []).map(
    ([name, value]) => [name, filled(value, each, spec)] as const,
  );
  const solver = solverSettings(
    overridden(
      scheduled(parseSolver(text, solverPath), schedule, each.definition),
      Object.fromEntries(settings),
      `${stage.where}: set`,
    ),
    solverPath,
  );
  const solverFile = await reads(files, solverPath);
  const weights = await Promise.all((say('weights') ?? []).map((path) => reads(files, path)));
  const root = say('data-root')?.[0];
  const run = inFolder(runFolder);
  const before = [word('train'), ...flag('solver', solverFile.word)];
  const maps = (stage.pairs.get('map') ?? []).map(([from, to]) => [from, filled(to, each, spec)] as const);
  const find = pathResolver({
    maps: maps.map(([from, to]) => `${from}=${files.place(to)}`),
    ...(root !== undefined && { dataRoot: files.place(root) }),
    base: dirname(files.place(solverPath)),
  });
  // As the solver's own path is written, so that a plan can move with what lies beside it.
  const written = (path: string) => (isAbsolute(solverPath) ? path : relative(files.place('.'), path));
  const named = [
    ...netsOf(solver).map((net) => find(net, `${solverPath}: net`)),
    // What the specification says takes the place of the solver's own.
    ...(weights.length > 0 ? [] : solver.weights.map((path) => find(path, `${solverPath}: weights`))),
  ];
  const others = await Promise.all(named.map((path) => reads(files, written(path))));
  const after = [
    ...flag('data-root', root === undefined ? undefined : { text: files.planned(root), identity: root }),
    ...maps.flatMap(([from, to]) =>
      flag('map', { text: `${from}=${files.planned(to)}`, identity: `${from}=${to}` }),
    ),
    ...flag('schedule', word(schedule)),
    ...settings.flatMap(([name, value]) => flag('set', word(`${name}=${value}`))),
    ...flag('seed', each.seed === undefined ? undefined : word(String(each.seed))),
    ...plain(stage, desk, ['threads']),
    ...switches(stage, desk, ['shuffle']),
    ...uncounted([...plain(stage, desk, ['keep']), word('--quiet')]),
    ...[word('-o'), run],
  ];
  const start = weights.length > 0 && {
    text: weights.map(({ input }) => input.path).join(','),
    identity: weights.map(({ word: { identity } }) => identity).join(','),
  };
  const end = snapshotFiles(runFolder, solver.snapshotPrefix, solver.maxIter).model;
  return {
    kind: 'train',
    label: 'train',
    words: [...before, ...(start ? flag('weights', start) : []), ...after],
    resumed: [...before, ...flag('snapshot', run), ...after],
    inputs: [solverFile, ...others, ...weights].map(({ input }) => input),
    outputs: [end],
    iterations: endOf(solver, solverPath),
    weights: end,
  };
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
