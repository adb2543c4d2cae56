import type { TrainedByRequest } from '../../verbs/import/trained.ts';
import { importedCaffe } from '../../verbs/usualnames.ts';
import type { CaffePlan } from '../protocol/index.ts';
import type { StudioFile } from '../state/files.ts';
import { fileNameOf, folderOf } from '../state/folder.ts';

/** A snapshot in a run's folder. */
export interface RunSnapshot {
  readonly run: string;
  readonly iteration: number;
  /** Its weights. */
  readonly path: string;
}

/** The snapshots of a run, in order. */
export function snapshotsOf(run: string, paths: readonly string[]): RunSnapshot[] {
  return paths
    .flatMap((path) => {
      const found = folderOf(path) === run ? /_iter_(\d+)\.caffemodel$/i.exec(path) : null;
      return found ? [{ run, path, iteration: Number(found[1]) }] : [];
    })
    .sort((a, b) => a.iteration - b.iteration);
}

/** So many snapshots of a run are asked unless all are wanted. */
const fewSnapshots = 16;

/**
 * Some of many snapshots: each second, fourth, … and the last one. Those that are chosen stay when others come, until they are too
 * many; then half of them do.
 */
export function someOf(snapshots: readonly RunSnapshot[]): readonly RunSnapshot[] {
  let step = 1;
  while (Math.ceil(snapshots.length / step) > fewSnapshots) step *= 2;
  return snapshots.filter((_, i) => i % step === 0 || i === snapshots.length - 1);
}

/** How many folders lie between two files: up to the one that they share, and down again. */
function distance(a: string, b: string): number {
  const [from, to] = [a, b].map((path) => path.split('/').slice(0, -1));
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same++;
  return from.length + to.length - 2 * same;
}

/** Files of a kind by how near they lie to another one; those that lie as near as they are called. */
const nearest = (paths: readonly string[], is: RegExp, to: string): string[] =>
  paths
    .filter((path) => is.test(path))
    .map((path) => ({ path, far: distance(path, to) }))
    .sort((a, b) => a.far - b.far || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);

/** So many definitions are looked through for that of a training. */
const mostDefinitions = 40;

/** Files that may make networks of a run's snapshots, the likeliest first. */
export interface SnapshotSources {
  readonly definitions: readonly string[];
  readonly means: readonly string[];
  readonly labels: readonly string[];
}

/** What a run was trained by says more of how photos are prepared than what its network is deployed by. */
export function snapshotSources(snapshot: string, files: readonly StudioFile[]): SnapshotSources {
  const paths = files.map(({ path }) => path);
  const definitions = nearest(paths, /\.prototxt$/i, snapshot).filter((path) => !/solver[^/]*$/i.test(path));
  const isTrained = (path: string) => /train|val/i.test(fileNameOf(path));
  return {
    definitions: [...definitions.filter(isTrained), ...definitions.filter((path) => !isTrained(path))].slice(
      0,
      mostDefinitions,
    ),
    means: nearest(paths, /\.binaryproto$|mean[^/]*\.npy$/i, snapshot),
    labels: nearest(paths, /(label|synset|class|word|name)[^/]*\.txt$/i, snapshot),
  };
}

/** What tells by which of the definitions a run was made; undefined where there is none. */
export function trainedByRequest(
  snapshots: readonly RunSnapshot[],
  { definitions }: SnapshotSources,
  paths: ReadonlySet<string>,
  chosen: string | undefined,
): TrainedByRequest | undefined {
  const [first, ...rest] = definitions;
  if (snapshots.length === 0 || first === undefined) return undefined;
  if (chosen !== undefined && definitions.includes(chosen)) return { definitions: [chosen] };
  const record = snapshots
    .map(({ path }) => path.replace(/caffemodel$/i, 'limnstate'))
    .find((path) => paths.has(path));
  return { definitions: [first, ...rest], ...(record !== undefined && { record }) };
}

const nameOf = (path: string): string => path.replace(/^.*[/\\]/, '');

/** The network of a snapshot: with the mean that its definition names, and names of classes that lie beside it, unless said otherwise. */
export function planOf(
  { path }: RunSnapshot,
  { means, labels }: SnapshotSources,
  by: { readonly definition: string; readonly mean?: string },
  chosen: { readonly mean?: string; readonly labels?: string },
): CaffePlan {
  const named = by.mean;
  const mean =
    chosen.mean ?? (named === undefined ? undefined : means.find((each) => nameOf(each) === nameOf(named)));
  const list = chosen.labels ?? labels.find((each) => folderOf(each) === folderOf(by.definition));
  return {
    source: 'caffe',
    prototxt: by.definition,
    caffemodel: path,
    name: importedCaffe(path),
    ...(mean && { mean }),
    ...(list && { labels: list }),
  };
}
