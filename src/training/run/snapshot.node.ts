import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { caffemodelParts } from '../../caffe/caffemodel.ts';
import type { LayerWeights, NetParameter } from '../../caffe/index.ts';
import { readCaffemodel, readNet } from '../../caffe/index.ts';
import { readSolverState, type SolverMemory, solverStateParts } from '../../caffe/solverstate.ts';
import type { Parameter } from '../../caffe/training/net.ts';
import { writeFilesAtomic } from '../../common/atomic.node.ts';
import { failPath } from '../../common/errno.node.ts';
import { fail, LimnError } from '../../common/error.ts';
import { readBytes, readTextFile } from '../../common/file.node.ts';
import { makeFolder } from '../../common/folder.node.ts';
import type { Outputs } from '../../common/outputs.node.ts';
import { field, words } from '../../common/words.ts';
import { holds } from '../source.node.ts';
import { type FileRecord, parseRecord, type RunState, type SnapshotRecord, writeRecord } from './record.ts';
import { historyBlobs, type Learned, weightsByLayer } from './snapshot.ts';

/** A training at one iteration. */
export interface SnapshotState extends Learned {
  /** The network as it is trained: its layers are the `.caffemodel`'s. */
  readonly net: NetParameter;
  /** All of the network's, in its order. */
  readonly parameters: readonly Parameter[];
  /** How many steps the learning rate has taken (Caffe's `current_step`). */
  readonly currentStep: number;
  readonly run: RunState;
}

/** The paths of a snapshot's three files. */
export interface SnapshotFiles {
  readonly model: string;
  readonly state: string;
  readonly record: string;
}

/** What a snapshot holds. */
export interface Snapshot {
  readonly iteration: number;
  readonly currentStep: number;
  /** By layer, for `restore`. */
  readonly weights: ReadonlyMap<string, LayerWeights>;
  readonly history: SolverMemory['history'];
  /** limn's own part; undefined for a snapshot that Caffe wrote. */
  readonly run: RunState | undefined;
  readonly files: SnapshotFiles;
  /** What people should know: snapshots that were passed over, what is not restored. */
  readonly notes: readonly string[];
}

/** Where the snapshot of an iteration lies. `prefix` is the solver's `snapshot_prefix`, of which the last part counts. */
export function snapshotFiles(folder: string, prefix: string, iteration: number): SnapshotFiles {
  const stem = join(folder, `${stemOf(prefix)}_iter_${iteration}`);
  return { model: `${stem}.caffemodel`, state: `${stem}.solverstate`, record: `${stem}.limnstate` };
}

const stemOf = (prefix: string): string => basename(prefix) || 'snapshot';

/**
 * Writes a snapshot as three files: `PREFIX_iter_N.caffemodel` and `.solverstate`, which Caffe reads, and `.limnstate`,
 * which makes it complete. On failure, all that was there before is still whole. With `keep`, only so many of the newest
 * stay. Errors: what is not finite or does not fit, by parameter; what the system says, by path.
 */
export async function writeSnapshot(
  folder: string,
  prefix: string,
  { net, parameters, weights, histories, currentStep, run }: SnapshotState,
  { keep, outputs }: { readonly keep?: number; readonly outputs?: Outputs } = {},
): Promise<SnapshotFiles> {
  const files = snapshotFiles(folder, prefix, run.iteration);
  const model = caffemodelParts(net, weightsByLayer(net, parameters, weights));
  const state = solverStateParts({
    iteration: run.iteration,
    // Beside it: a run's folder may be moved.
    learnedNet: basename(files.model),
    currentStep,
    history: historyBlobs(parameters, histories),
  });
  const record: SnapshotRecord = {
    ...run,
    model: recordOf(files.model, model),
    state: recordOf(files.state, state),
  };
  const write = outputs ? outputs.writeAll : writeFilesAtomic;
  try {
    if (!outputs) await makeFolder(folder);
    await write([
      [files.model, model],
      [files.state, state],
      [files.record, writeRecord(record)],
    ]);
  } catch (error) {
    if (!(error instanceof LimnError)) throw error;
    const before = (await listSnapshots(folder)).find((each) => each.iteration < run.iteration);
    fail(
      error.where,
      `${error.what}: no snapshot of iteration ${run.iteration}${before ? `, that of ${before.iteration} is whole` : ''}`,
      before
        ? words`${error.fix ?? 'put it right'}, then go on with ${field('snapshot', before.files.record)}`
        : error.fix,
    );
  }
  if (keep !== undefined) await removeOld(folder, prefix, run.iteration, { keep, outputs });
  return files;
}

function recordOf(path: string, parts: readonly Uint8Array[]): FileRecord {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const part of parts) {
    hash.update(part);
    bytes += part.length;
  }
  return { file: basename(path), bytes, sha256: hash.digest('hex') };
}

/** Only limn's own are removed, and a record first: what it tells of is then no snapshot any more. */
async function removeOld(
  folder: string,
  prefix: string,
  newest: number,
  { keep, outputs }: { readonly keep: number; readonly outputs: Outputs | undefined },
): Promise<void> {
  const remove = outputs ? outputs.remove : removeFile;
  const own = `${stemOf(prefix)}_iter_`;
  const old = (await listSnapshots(folder)).filter(
    ({ iteration, files }) => iteration <= newest && basename(files.record).startsWith(own),
  );
  for (const { files } of old.slice(Math.max(1, keep))) {
    for (const path of [files.record, files.state, files.model]) {
      await remove(path);
    }
  }
}

const removeFile = (path: string): Promise<void> =>
  rm(path, { force: true }).catch((error: unknown) => failPath(path, error));

/** The snapshots in a folder that were finished, the newest first; none where there is no such folder. */
export async function listSnapshots(
  folder: string,
): Promise<{ readonly iteration: number; readonly files: SnapshotFiles }[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : failPath(folder, error),
  );
  return names
    .flatMap((name) => {
      const [, prefix, iteration] = /^(.+)_iter_(\d+)\.limnstate$/.exec(name) ?? [];
      return prefix === undefined ? [] : [{ prefix, iteration: Number(iteration) }];
    })
    .sort((a, b) => b.iteration - a.iteration || (a.prefix < b.prefix ? -1 : 1))
    .map(({ prefix, iteration }) => ({ iteration, files: snapshotFiles(folder, prefix, iteration) }));
}

/** Files in a folder that have the names of snapshots of later iterations, which will be written. */
export async function laterFiles(folder: string, prefix: string, iteration: number): Promise<string[]> {
  const own = `${stemOf(prefix)}_iter_`;
  const names = await readdir(folder).catch((error: unknown) => failPath(folder, error));
  return names.flatMap((name) => {
    const number =
      name.startsWith(own) && /^(\d+)\.(caffemodel|solverstate|limnstate)$/.exec(name.slice(own.length));
    return number && Number(number[1]) > iteration ? [join(folder, name)] : [];
  });
}

/**
 * Errors: a folder that holds snapshots of later iterations than a run has that starts or goes on in it; the newest
 * would not be its own.
 */
export async function refuseLater(folder: string, iteration: number): Promise<void> {
  const [newest] = await listSnapshots(folder);
  if (newest && newest.iteration > iteration) {
    fail(
      folder,
      `it holds a snapshot of iteration ${newest.iteration} already`,
      words`go on from it with ${field('snapshot', folder)}, or choose another folder`,
    );
  }
}

/**
 * Reads a snapshot: a `.limnstate`; a `.solverstate`, also one that Caffe wrote (then without limn's own part, and a
 * note says what that means); or a run's folder, whose newest complete and undamaged snapshot is taken. Errors: files
 * that are missing, damaged, or of different snapshots.
 */
export async function readSnapshot(path: string): Promise<Snapshot> {
  const entry = await stat(path).catch((error: unknown) => failPath(path, error));
  if (entry.isDirectory()) return readNewest(path);
  if (path.endsWith('.limnstate')) return readOwn(path);
  const own = path.replace(/\.solverstate$/, '.limnstate');
  const isOwn = own !== path && (await stat(own).catch(() => undefined))?.isFile();
  return isOwn ? readOwn(own) : readCaffes(path);
}

async function readNewest(folder: string): Promise<Snapshot> {
  const notes: string[] = [];
  for (const { files } of await listSnapshots(folder)) {
    try {
      const snapshot = await readOwn(files.record);
      return { ...snapshot, notes: [...notes, ...snapshot.notes] };
    } catch (error) {
      if (!(error instanceof LimnError)) throw error;
      notes.push(`passed over: ${error.where}: ${error.what}`);
    }
  }
  return fail(
    folder,
    notes[0] ? `no whole snapshot in it (${notes[0]})` : 'no snapshot in it',
    'give the folder of a run that has written one, or a .solverstate',
  );
}

async function readOwn(path: string): Promise<Snapshot> {
  const record = parseRecord(await readTextFile(path, 'a record of a snapshot'), path);
  const { model, state, ...run } = record;
  const files = {
    model: join(dirname(path), basename(model.file)),
    state: join(dirname(path), basename(state.file)),
    record: path,
  };
  const weights = readCaffemodel(await readChecked(files.model, model, path), files.model);
  const memory = readSolverState(await readChecked(files.state, state, path), files.state);
  if (memory.iteration !== run.iteration) {
    fail(
      path,
      `of iteration ${run.iteration}, ${basename(files.state)} of ${memory.iteration}`,
      'go on from another snapshot',
    );
  }
  const { iteration, currentStep, history } = memory;
  return { iteration, currentStep, history, weights, run, files, notes: [] };
}

async function readChecked(path: string, expected: FileRecord, record: string): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  if (recordOf(path, [bytes]).sha256 !== expected.sha256) {
    const what =
      bytes.length === expected.bytes ? '' : `: ${bytes.length} bytes where it tells of ${expected.bytes}`;
    fail(
      path,
      `not the file that ${basename(record)} tells of${what}`,
      'it was changed or damaged: go on from another snapshot',
    );
  }
  return bytes;
}

/** A `.solverstate`. Errors: weights in its place, as of every binary file that is none. */
async function stateIn(path: string): Promise<SolverMemory> {
  const bytes = await readBytes(path);
  try {
    return readSolverState(bytes, path);
  } catch (error) {
    if (!(error instanceof LimnError && holds(() => readNet(bytes, path)))) throw error;
    const beside = ['.limnstate', '.solverstate'].map((ending) => path.replace(/(\.caffemodel)?$/, ending));
    const there = await Promise.all(beside.map((each) => stat(each).catch(() => undefined)));
    const state = beside.find((_, i) => there[i]);
    return fail(
      path,
      'it holds weights alone, no state of a training to go on from',
      state ? `go on from ${state}` : words`to start from them, give it as ${field('weights')}`,
    );
  }
}

async function readCaffes(path: string): Promise<Snapshot> {
  const memory = await stateIn(path);
  const named = memory.learnedNet ?? fail(path, 'it names no weights', 'give a .limnstate');
  // Caffe's path is from where it was started.
  const beside = join(dirname(path), basename(named));
  const model = (await stat(beside).catch(() => undefined)) ? beside : named;
  const weights = readCaffemodel(
    await readBytes(model).catch((error: unknown) =>
      error instanceof LimnError
        ? fail(path, `its weights ${named} are not there`, 'put them beside it')
        : Promise.reject(error),
    ),
    model,
  );
  const { iteration, currentStep, history } = memory;
  return {
    iteration,
    currentStep,
    history,
    weights,
    run: undefined,
    files: { model, state: path, record: path.replace(/\.solverstate$/, '.limnstate') },
    notes: [
      `${basename(path)} has no .limnstate: weights, histories and iteration are restored; seed, the window of average_loss and the log are not`,
    ],
  };
}
