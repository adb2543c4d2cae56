import { explainer, parseTarget, summary, targetName } from '../../attribution/index.ts';
import {
  argmax,
  type Classifier,
  classLabel,
  isProbability,
  joined,
  prepare,
  preprocessingOf,
  rows,
} from '../../classifier/index.ts';
import { featureShape, featuresOf, type HeatmapPhoto } from '../../clusters/index.ts';
import { bytesOf } from '../../common/bytes.ts';
import { fail, forItem } from '../../common/error.ts';
import type { Codec, Journal } from '../../common/journal.ts';
import { ordered } from '../../common/ordered.ts';
import { scoped } from '../../common/scope.ts';
import { type Shard, shardRange } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import { pictureOf } from '../../data/index.ts';
import { size, type Tensor } from '../../graph/index.ts';
import { type Image, networkViews } from '../../image/index.ts';
import type { NamedMethod } from '../faithfulness/methods.ts';
import type { Host } from '../host.ts';
import { failUnread } from '../photoset.ts';
import { type FailedItem, goesOnNote, resultOrFailure, type Watch } from '../verb.ts';
import type { Collected } from './collected.ts';
import type { ClustersFields } from './request.ts';
import type { ClustersEvent } from './result.ts';
import type { LabelledSample, LabelledSource } from './source.ts';

/**
 * What is done: a photo that is explained, whose row is in the file of rows, in the order of the entries; what is wrong
 * with one; what rows are.
 */
export type CollectedEntry =
  | { readonly kind: 'photo'; readonly photo: HeatmapPhoto }
  | { readonly kind: 'failed'; readonly failed: FailedItem }
  | { readonly kind: 'rows'; readonly shape: readonly number[]; readonly explanation: string };

export const collectedCodec: Codec<CollectedEntry> = {
  write: (entry) => [entry],
  read: ([entry]) => entry as CollectedEntry,
};

/** What was explained, in the order of the photos' numbers; of no readable photo, rows of no shape. */
export interface RelevanceRows extends Omit<Collected, 'pictures'> {
  readonly indices: readonly number[];
}

/** The number of the entry that says what rows are. */
const ROWS = -1;

/** All that explaining needs. */
export interface RelevanceWork {
  readonly classifier: Classifier;
  readonly method: NamedMethod;
  readonly source: LabelledSource;
  readonly fields: ClustersFields;
  /** The part of the photos that is explained; all unless given. */
  readonly shard?: Shard | undefined;
  readonly journal: Journal<CollectedEntry>;
  /** Rows of the photos so far, float32, little-endian. */
  readonly rowsFile: string;
  readonly host: Host;
  readonly watch: Watch<ClustersEvent>;
}

/**
 * Explains all photos that are not explained yet, some at a time; of each a row is kept, not its relevance, so that memory
 * does not grow with the size of the network's input. Errors: photos that cannot be read, unless they are to be skipped.
 */
export async function collectRelevance(work: RelevanceWork): Promise<RelevanceRows> {
  const { source, journal, watch, host, rowsFile } = work;
  const asked = askedOf(work);
  const todo = new Set(asked.filter((i) => !journal.entries.has(i)));
  const done = asked.length - todo.size;
  if (todo.size > 0 && done > 0) watch.on?.(goesOnNote(done, asked.length, 'explained'));
  if (todo.size > 0) await explainRest(work, todo);
  const missing = asked.filter((i) => !journal.entries.has(i)).length;
  if (missing > 0) failUnread(source.source, missing, asked.length);
  const written = explainedIn(journal);
  const how = journal.entries.get(ROWS);
  const shape = how?.kind === 'rows' ? how.shape : [];
  const columns = how ? size(shape) : 0;
  const data = new Float32Array(written.length * columns);
  const order = written.map((_, i) => i).sort((a, b) => written[a].index - written[b].index);
  if (data.length > 0) {
    const bytes = await host.files.read(rowsFile);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 4 * data.length);
    order.forEach((row, place) => {
      for (let j = 0; j < columns; j++)
        data[place * columns + j] = view.getFloat32(4 * (row * columns + j), true);
    });
  }
  return {
    indices: order.map((row) => written[row].index),
    photos: order.map((row) => written[row].photo),
    features: { rows: written.length, columns, data },
    shape,
    explanation: how?.kind === 'rows' ? how.explanation : undefined,
    skipped: [...journal.entries]
      .sort(([a], [b]) => a - b)
      .flatMap(([, entry]) => (entry.kind === 'failed' ? [entry.failed] : [])),
  };
}

/** The numbers of the photos that are to be explained. */
function askedOf({ source: { names, source }, shard }: RelevanceWork): readonly number[] {
  const all = [...names.keys()];
  if (!shard) return all;
  const { from, to } = shardRange(all.length, shard, source);
  return all.slice(from, to);
}

/** Rows with what they were made of. Errors: no photo can be read. */
export function collectedOf(
  { indices, ...rows }: RelevanceRows,
  source: LabelledSource,
  classifier: Classifier,
  host: Host,
): Collected {
  if (indices.length === 0) fail(source.source, 'no photo can be read');
  return { ...rows, pictures: (wanted) => viewsOf(source, classifier, indices, wanted, host) };
}

/** The photos that are explained, in the order of their rows. */
export const explainedIn = ({ entries }: Pick<Journal<CollectedEntry>, 'entries'>) =>
  [...entries].flatMap(([index, entry]) => (entry.kind === 'photo' ? [{ index, photo: entry.photo }] : []));

interface PreparedSample {
  readonly sample: LabelledSample;
  readonly input: Tensor<'float32'>;
}

async function explainRest(work: RelevanceWork, todo: ReadonlySet<number>): Promise<void> {
  const { classifier, method, fields, journal, rowsFile, host, watch } = work;
  const { files } = host;
  const compute = await host.compute(classifier.model.graph, todo.size, fields);
  const known = journal.entries.get(ROWS);
  const have = known?.kind === 'rows' ? explainedIn(journal).length * 4 * size(known.shape) : 0;
  if (have > 0 && (!(await files.kindOf(rowsFile)) || (await files.open(rowsFile)).size < have))
    fail(rowsFile, 'rows are missing that were written', words`begin anew with ${field('restart')}`);
  await scoped(async (own) => {
    const file = own(await files.grow(rowsFile, have));
    const made = own(
      explainer(classifier.model, compute.runtime, {
        ...method.method,
        head: classifier.head.name,
        ...(fields.layer !== undefined && { at: [fields.layer] }),
        session: compute.session,
      }),
    );
    const total = askedOf(work).length;
    let done = total - todo.size;
    const explainSome = async (some: readonly PreparedSample[]) => {
      watch.signal?.throwIfAborted();
      const target = parseTarget(fields.target);
      const { layers, relevance, output, targets, description } = await made.explain(
        joined(some.map(({ input }) => input)),
        { target, signal: watch.signal },
      );
      const tensor = fields.layer === undefined ? relevance : layers[fields.layer];
      const options = { kind: fields.features, side: fields.side };
      const shaped =
        tensor.shape.length === 4
          ? tensor
          : { ...tensor, shape: [tensor.shape[0], tensor.data.length / tensor.shape[0], 1, 1] };
      return {
        shape: featureShape(shaped.shape.slice(1), options),
        explanation: summary(description),
        each: some.map(({ sample }, i) => ({
          sample,
          row: featuresOf(rows(shaped, i, i + 1), options, sample.name),
          photo: photoOf(sample, targetName(targets[i], classifier.head), rows(output, i, i + 1).data, work),
        })),
      };
    };
    const ready = readable(preparedSamples(work, todo, compute.decoders), work);
    const batches = batchesOf(ready, fields.batch);
    for await (const { shape, explanation, each } of ordered(batches, explainSome, compute.workers + 1)) {
      const before = journal.entries.get(ROWS);
      if (before === undefined) await journal.add([[ROWS, { kind: 'rows', shape, explanation }]]);
      else if (before.kind === 'rows' && `${before.shape}` !== `${shape}`)
        fail(
          each[0].sample.name,
          `its rows are ${shape.join('×')}, those before ${before.shape.join('×')}`,
          words`give the model a ${field('resize')} when it is imported`,
        );
      for (const { row } of each) await file.append(bytesOf(row));
      await journal.add(each.map(({ sample, photo }) => [sample.index, { kind: 'photo', photo }]));
      done += each.length;
      watch.on?.({ kind: 'progress', what: 'photos', done, total });
    }
    file.check();
  });
}

function photoOf(
  { name, truth, groups }: LabelledSample,
  explained: string,
  output: ArrayLike<number>,
  { classifier, fields }: RelevanceWork,
): HeatmapPhoto {
  const { head } = classifier;
  const best = argmax(output);
  const predicted = head.kind === 'classes' ? classLabel(head.labels, best) : undefined;
  const parts = { explained, label: truth ?? 'unknown', nothing: 'all' };
  return {
    name,
    class: parts[fields.by],
    ...(predicted !== undefined && { predicted }),
    ...(truth !== undefined && { truth }),
    ...(predicted !== undefined && isProbability(classifier) && { confidence: output[best] }),
    groups,
  };
}

async function* preparedSamples(
  { source, classifier, host }: RelevanceWork,
  todo: ReadonlySet<number>,
  decoders: number,
): AsyncGenerator<PreparedSample | (FailedItem & { readonly index: number }), void> {
  const task = async (sample: LabelledSample) => {
    const { index, name } = sample;
    const made = await resultOrFailure(name, () =>
      forItem(name, async (): Promise<PreparedSample> => {
        const picture = await pictureOf(await sample.content(), name, host.images.decode);
        return { sample, input: prepare(classifier, picture, { name }) };
      }),
    );
    return 'error' in made ? { index, ...made } : made;
  };
  yield* ordered(source.samples(todo), task, decoders + 1);
}

/** The photos that can be read; of the others it tells, and writes them down where they are to be skipped. */
async function* readable(
  prepared: ReturnType<typeof preparedSamples>,
  { fields, journal, watch }: RelevanceWork,
): AsyncGenerator<PreparedSample, void> {
  for await (const each of prepared) {
    if (!('error' in each)) {
      yield each;
      continue;
    }
    const { index, ...failed } = each;
    watch.on?.({ kind: 'failed', failed });
    if (fields.skipBad) await journal.add([[index, { kind: 'failed', failed }]]);
  }
}

/** Photos one after the other of one size, so many at most. */
async function* batchesOf(
  prepared: AsyncIterable<PreparedSample>,
  most: number,
): AsyncGenerator<readonly PreparedSample[], void> {
  let some: PreparedSample[] = [];
  for await (const each of prepared) {
    if (some.length === most || (some.length > 0 && `${some[0].input.shape}` !== `${each.input.shape}`)) {
      yield some;
      some = [];
    }
    some.push(each);
  }
  if (some.length > 0) yield some;
}

/** Pictures as the network sees them, by place. */
async function viewsOf(
  source: LabelledSource,
  classifier: Classifier,
  indices: readonly number[],
  wanted: ReadonlySet<number>,
  { images }: Host,
): Promise<ReadonlyMap<number, Image>> {
  const places = new Map([...wanted].map((place) => [indices[place], place]));
  const found = new Map<number, Image>();
  for await (const { index, name, content } of source.samples(new Set(places.keys()))) {
    const picture = await pictureOf(await content(), name, images.decode);
    found.set(places.get(index)!, networkViews(picture, preprocessingOf(classifier))[0]);
  }
  return found;
}
