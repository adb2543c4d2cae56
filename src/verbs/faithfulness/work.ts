import type { Description } from '../../attribution/index.ts';
import type { Classifier } from '../../classifier/index.ts';
import { count, plural } from '../../common/format.ts';
import type { Codec, Journal } from '../../common/journal.ts';
import { scoped } from '../../common/scope.ts';
import { type Shard, shardRange } from '../../common/shard.ts';
import {
  type AnalysisOptions,
  baselines,
  type Curves,
  openProbe,
  questionsPerPhoto,
  randomised,
  type Values,
} from '../../faithfulness/index.ts';
import type { Host } from '../host.ts';
import { failUnread, type PhotoSet } from '../photoset.ts';
import type { FailedItem, Watch } from '../verb.ts';
import { mapperOf } from './maps.ts';
import type { NamedMethod } from './methods.ts';
import { type ReadyPhoto, readyPhotos } from './photos.ts';
import { analysePhotos } from './photowork.ts';
import type { FaithfulnessFields } from './request.ts';
import type { FaithfulnessEvent } from './result.ts';
import { isWhole, type LayerLikeness, likenessAfter, type TrainedMaps, trainedMaps } from './sanity.ts';

/**
 * What is done: a photo, by its number; a randomised network, by the number of photos and its own; what is
 * wrong with a photo; how the methods made their maps.
 */
export type AnalysisEntry =
  | { readonly kind: 'photo'; readonly values: Values; readonly curves: Curves }
  | { readonly kind: 'layer'; readonly layer: LayerLikeness }
  | { readonly kind: 'failed'; readonly failed: FailedItem }
  | { readonly kind: 'methods'; readonly descriptions: Readonly<Record<string, Description>> };

/** The number of the entry that says how each method made its maps. */
export const METHODS = -1;

/** Entries as lines; what is no number is null there. */
export const entryCodec: Codec<AnalysisEntry> = {
  write: (entry) => [entry],
  read: ([entry]) => withNumbers(entry) as AnalysisEntry,
};

function withNumbers(value: unknown): unknown {
  if (value === null) return Number.NaN;
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withNumbers(each)]));
}

/** All that the work needs. */
export interface AnalysisWork {
  readonly classifier: Classifier;
  readonly methods: readonly NamedMethod[];
  readonly photos: PhotoSet;
  readonly options: AnalysisOptions;
  readonly fields: FaithfulnessFields;
  /** The part of the photos that is analysed; all unless given. */
  readonly shard?: Shard | undefined;
  readonly journal: Journal<AnalysisEntry>;
  readonly host: Host;
  readonly watch: Watch<FaithfulnessEvent>;
}

/**
 * Photos that are analysed at the same time. Between them a method's network is freed: memory holds one besides the one that
 * is asked, however many methods there are, and loading takes little of the time that so many photos do.
 */
const TOGETHER = 32;

/** Photos that randomised networks explain. */
export const RANDOMISED_PHOTOS = 16;

/** Analyses all photos that are not analysed yet. Errors: photos that cannot be read, unless they are to be skipped. */
export async function analyseAll(work: AnalysisWork): Promise<void> {
  const { photos, journal, watch } = work;
  const asked = askedOf(work);
  const todo = new Set(asked.filter((i) => !journal.entries.has(i)));
  const done = asked.length - todo.size;
  if (todo.size > 0 && done > 0) {
    const text = `${count(done)} of ${plural(asked.length, 'photo')} are analysed already; going on`;
    watch.on?.({ kind: 'note', text });
  }
  if (todo.size > 0) await analyseRest(work, todo);
  const missing = asked.filter((i) => !journal.entries.has(i)).length;
  if (missing > 0) failUnread(photos.source, missing, asked.length);
}

/** The numbers of the photos that are to be analysed. */
function askedOf({ photos: { names, source }, shard }: AnalysisWork): readonly number[] {
  const all = [...names.keys()];
  if (!shard) return all;
  const { from, to } = shardRange(all.length, shard, source);
  return all.slice(from, to);
}

/** Analyses the photos with these numbers, some at a time, and writes down what each came to. */
async function analyseRest(work: AnalysisWork, todo: ReadonlySet<number>): Promise<void> {
  const { classifier, methods, photos, options, fields, journal, host, watch } = work;
  const each = questionsPerPhoto(options, methods.length + baselines.length);
  const asked = askedOf(work).length;
  const compute = await host.compute(classifier.graph, todo.size * (each + methods.length), fields);
  await scoped(async (own) => {
    const mappers = methods.map((method) => own(mapperOf(classifier.model, method, compute)));
    const probe = own(
      await openProbe(classifier, compute.runtime, {
        measured: fields.measured ?? 'probability',
        batch: fields.batch,
        parallel: compute.workers,
        session: compute.session,
      }),
    );
    const counter = questionCounter(watch, asked * each, (asked - todo.size) * each);
    const bench = { classifier, mappers, probe, fields, options, counter, signal: watch.signal };
    const all = readyPhotos(photos, todo, classifier, fields, host, compute.decoders);
    const ready = readable(all, work, () => counter.skip(each));
    for await (const some of batchesOf(ready, TOGETHER)) {
      const { analyses, descriptions } = await analysePhotos(some, bench);
      if (!journal.entries.has(METHODS)) await journal.add([[METHODS, { kind: 'methods', descriptions }]]);
      await journal.add(analyses.map((made, i) => [some[i].photo.index, { kind: 'photo', ...made }]));
    }
  });
}

/** Tells of questions that were answered; those of a photo that cannot be read are skipped, and told with the next. */
function questionCounter({ on, signal }: Watch<FaithfulnessEvent>, total: number, done: number) {
  let asked = done;
  return {
    check: () => signal?.throwIfAborted(),
    add(more: number) {
      asked += more;
      on?.({ kind: 'progress', what: 'changed photos', done: asked, total });
    },
    skip(more: number) {
      asked += more;
    },
  };
}

/** The photos that can be read; of the others it tells, and writes them down where they are to be skipped. */
async function* readable(
  ready: ReturnType<typeof readyPhotos>,
  { fields, journal, watch }: AnalysisWork,
  skipped: () => void,
): AsyncGenerator<ReadyPhoto, void> {
  for await (const each of ready) {
    if (!('error' in each)) {
      yield each;
      continue;
    }
    const { index, ...failed } = each;
    watch.on?.({ kind: 'failed', failed });
    skipped();
    if (fields.skipBad) await journal.add([[index, { kind: 'failed', failed }]]);
  }
}

/** Photos one after the other of one size, so many at most. */
async function* batchesOf(
  ready: AsyncIterable<ReadyPhoto>,
  most: number,
): AsyncGenerator<readonly ReadyPhoto[], void> {
  let some: ReadyPhoto[] = [];
  for await (const each of ready) {
    const [first] = some;
    const { height, width } = each.photo;
    if (first && (first.photo.height !== height || first.photo.width !== width)) {
      yield some;
      some = [];
    }
    if (some.push(each) < most) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

/** Explains some photos with randomised networks, those that have not been. Of several shards the first does so. */
export async function randomiseAll(work: AnalysisWork): Promise<void> {
  const { classifier, methods, photos, fields, shard, journal, host, watch } = work;
  const { metrics, copies, seed } = fields;
  const isSmooth = metrics.includes('smooth-randomisation');
  if (!(isSmooth || metrics.includes('randomisation')) || (shard && shard.index > 1)) return;
  const good = shard
    ? await readableOnes(work)
    : [...photos.names.keys()].filter((i) => journal.entries.get(i)?.kind === 'photo');
  const wanted = new Set(good.slice(0, RANDOMISED_PHOTOS));
  if (wanted.size === 0) return;
  const all = [...randomised(classifier.model, fields.stops, seed)];
  const networks = metrics.includes('randomisation') ? all : all.filter(isWhole);
  // Each runs once: workers would take longer to load than they save.
  const compute = await host.compute(classifier.graph, 1, fields);
  let trained: TrainedMaps | undefined;
  for (const [i, network] of networks.entries()) {
    const place = photos.names.length + i;
    if (!journal.entries.has(place)) {
      trained ??= await trainedMaps(
        classifier.model,
        await sameSize(readyPhotos(photos, wanted, classifier, fields, host, compute.decoders)),
        methods,
        fields.target,
        isSmooth ? { copies, seed } : undefined,
        compute,
        watch.signal,
      );
      const layer = await likenessAfter(network, trained, compute, watch.signal);
      await journal.add([[place, { kind: 'layer', layer }]]);
    }
    watch.on?.({ kind: 'progress', what: 'randomised networks', done: i + 1, total: networks.length });
  }
}

/** The numbers of the first photos that can be read, of all shards. */
async function readableOnes({ photos, classifier, fields, host }: AnalysisWork): Promise<number[]> {
  const all = new Set(photos.names.keys());
  const found: number[] = [];
  for await (const each of readyPhotos(photos, all, classifier, fields, host, 1)) {
    if (!('error' in each)) found.push(each.photo.index);
    if (found.length === RANDOMISED_PHOTOS) break;
  }
  return found;
}

/** The photos of the first one's size, which go into one batch. */
async function sameSize(ready: AsyncIterable<ReadyPhoto | FailedItem>): Promise<ReadyPhoto[]> {
  const found: ReadyPhoto[] = [];
  for await (const each of ready) {
    if ('error' in each) continue;
    const { height, width } = (found[0] ?? each).photo;
    if (each.photo.height === height && each.photo.width === width) found.push(each);
  }
  return found;
}
