import { type Description, passesOf } from '../../attribution/index.ts';
import type { Classifier } from '../../classifier/index.ts';
import type { Codec, Journal } from '../../common/journal.ts';
import { scoped } from '../../common/scope.ts';
import { type Shard, shardRange } from '../../common/shard.ts';
import {
  type AnalysisOptions,
  type Curves,
  openProbe,
  randomised,
  type Values,
} from '../../faithfulness/index.ts';
import type { Host } from '../host.ts';
import { failUnread, type PhotoSet } from '../photoset.ts';
import { type FailedItem, goesOnNote, type Watch } from '../verb.ts';
import { mapperOf } from './maps.ts';
import type { NamedMethod } from './methods.ts';
import {
  countPasses,
  type PassCounter,
  type PlannedPasses,
  plannedPasses,
  plannedText,
  RANDOMISED_PHOTOS,
} from './passes.ts';
import { type ReadyPhoto, readyPhotos } from './photos.ts';
import { analysePhotos, type MapperPair } from './photowork.ts';
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

/** Of methods with so many passes a map, maps of randomised networks are worth several workers that load each. */
const WORTH_WORKERS = 8;

/** Does all that is not done yet. Errors: photos that cannot be read, unless they are to be skipped. */
export async function analyseAll(work: AnalysisWork): Promise<void> {
  const plan = planOf(work);
  const passes = countPasses(work.watch, plan.total);
  await analysePhotosOf(work, plan, passes);
  await randomiseAll(work, passes);
  passes.finish();
}

/** How many passes the work takes; of several shards the first has the randomised networks. */
function planOf(work: AnalysisWork): PlannedPasses {
  const { classifier, photos, methods, options, fields, shard } = work;
  const asks = ['randomisation', 'smooth-randomisation'] as const;
  const isRandomised = asks.some((metric) => fields.metrics.includes(metric)) && (shard?.index ?? 1) === 1;
  return plannedPasses({
    ...{ graph: classifier.model.graph, methods, options, fields },
    photos: askedOf(work).length,
    randomised: isRandomised ? Math.min(RANDOMISED_PHOTOS, photos.names.length) : 0,
  });
}

/** Analyses all photos that are not analysed yet. */
async function analysePhotosOf(work: AnalysisWork, plan: PlannedPasses, passes: PassCounter): Promise<void> {
  const { photos, journal, watch } = work;
  const asked = askedOf(work);
  const todo = new Set(asked.filter((i) => !journal.entries.has(i)));
  const done = asked.length - todo.size;
  if (todo.size > 0 && done > 0) watch.on?.(goesOnNote(done, asked.length, 'analysed'));
  if (todo.size > 0) watch.on?.({ kind: 'note', text: plannedText(plan) });
  passes.skip(done * plan.photo);
  if (todo.size > 0) await analyseRest(work, todo, plan, passes);
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
async function analyseRest(
  work: AnalysisWork,
  todo: ReadonlySet<number>,
  plan: PlannedPasses,
  passes: PassCounter,
): Promise<void> {
  const { classifier, methods, photos, options, fields, journal, host } = work;
  const compute = await host.compute(classifier.graph, todo.size * plan.photo, fields);
  await scoped(async (own) => {
    const mappers = methods.map((named): MapperPair => {
      const { sparing, ...plain } = named;
      const mapper = own(mapperOf(classifier.model, plain, compute));
      const isSame = sparing === named.method;
      const less = { ...plain, method: sparing };
      return { own: mapper, sparing: isSame ? mapper : own(mapperOf(classifier.model, less, compute)) };
    });
    const probe = own(
      await openProbe(classifier, compute.runtime, {
        measured: fields.measured ?? 'probability',
        batch: fields.batch,
        parallel: compute.workers,
        session: compute.session,
      }),
    );
    const bench = { classifier, mappers, probe, fields, options, passes };
    const all = readyPhotos(photos, todo, classifier, fields, host, compute.decoders);
    const ready = readable(all, work, () => passes.skip(plan.photo));
    for await (const some of batchesOf(ready, TOGETHER)) {
      const { analyses, descriptions } = await analysePhotos(some, bench);
      if (!journal.entries.has(METHODS)) await journal.add([[METHODS, { kind: 'methods', descriptions }]]);
      await journal.add(analyses.map((made, i) => [some[i].photo.index, { kind: 'photo', ...made }]));
    }
  });
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
async function randomiseAll(work: AnalysisWork, passes: PassCounter): Promise<void> {
  const { classifier, photos, fields, shard, journal, host } = work;
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
  // Where a network runs but once for a photo, workers would take longer to load than they save.
  const once = await host.compute(classifier.graph, 1, fields);
  const often = await host.compute(classifier.graph, wanted.size * WORTH_WORKERS, fields);
  const methods = work.methods.map((method) => ({
    method,
    compute: passesOf(method.sparing) < WORTH_WORKERS ? once : often,
  }));
  let trained: TrainedMaps | undefined;
  for (const [i, network] of networks.entries()) {
    const place = photos.names.length + i;
    if (!journal.entries.has(place)) {
      trained ??= await trainedMaps(
        classifier.model,
        await sameSize(readyPhotos(photos, wanted, classifier, fields, host, once.decoders)),
        methods,
        fields.target,
        isSmooth ? { copies, seed } : undefined,
        passes,
      );
      const layer = await likenessAfter(network, trained, passes);
      await journal.add([[place, { kind: 'layer', layer }]]);
    }
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
