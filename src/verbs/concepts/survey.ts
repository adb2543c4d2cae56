import { settlePredicted, targetName } from '../../attribution/resolve.ts';
import { inBatches, joined, rows } from '../../classifier/index.ts';
import { fail } from '../../common/error.ts';
import { isOrAre, plural } from '../../common/format.ts';
import { ordered } from '../../common/ordered.ts';
import { scoped } from '../../common/scope.ts';
import { shardRange } from '../../common/shard.ts';
import {
  addPhoto,
  type ChannelGraph,
  type ChannelReading,
  type ConceptSurvey,
  channelGraph,
  channelOutputs,
  noSurvey,
  type SurveyedPhoto,
  sharesOf,
  type UnreadPhoto,
} from '../../concepts/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { describe } from '../../relevance/index.ts';
import type { Session, Tensors } from '../../runtime/index.ts';
import { failUnread, preparedPhotos, type SetPhoto } from '../photoset.ts';
import { goesOnNote } from '../verb.ts';
import { type ConceptsWork, computeFor, targetInput, targetTensor } from './setting.ts';

/** What a photo's channels are, layer by layer. */
export interface PhotoReading {
  readonly about: SurveyedPhoto;
  readonly layers: readonly ChannelReading[];
}

/** A network that says of photos what became of their channels. */
export interface ChannelReader {
  /** Reads prepared photos 1×C×H×W, which have these numbers. */
  read(inputs: readonly Tensor<'float32'>[], photos: readonly number[]): Promise<PhotoReading[]>;
  readonly made: ChannelGraph;
  /** Runs at a time. */
  readonly workers: number;
  readonly decoders: number;
  release(): Promise<void>;
}

/** Loads the graph that reads channels. Errors: as of `channelGraph`. */
export async function openReader(work: ConceptsWork, photos: number): Promise<ChannelReader> {
  const { classifier, method, target, fields } = work;
  const { model, head, classes } = classifier;
  const made = channelGraph(
    model,
    work.layers.map(({ name }) => name),
    { method, head: head.name, target: targetInput(target) },
  );
  const { runtime, session: options, workers, decoders } = await computeFor(work, made.graph, photos);
  const session: Session = await runtime.load(made.graph, options);
  return {
    made,
    workers,
    decoders,
    async read(inputs, numbers) {
      const feeds = (_: number, filled: number): Tensors => ({
        target: targetTensor(new Array(filled).fill(target), classes),
      });
      const found: PhotoReading[] = [];
      for await (const { from, to, outputs } of inBatches(made.graph, session, joined(inputs), {
        size: fields.batch,
        feeds,
      }))
        for (let row = 0; row < to - from; row++)
          found.push(readingOf(work, made, outputs, row, numbers[from + row]));
      return found;
    },
    release: () => session.release(),
  };
}

function readingOf(
  { classifier: { head, name }, target }: ConceptsWork,
  { layers }: ChannelGraph,
  outputs: Tensors,
  row: number,
  photo: number,
): PhotoReading {
  const given = rows(outputs.scores as Tensor<'float32'>, row, row + 1);
  const scores = { ...given, shape: [1, given.data.length] };
  const [settled] = settlePredicted([target], scores);
  const sum = (indices: readonly number[]) => indices.reduce((total, i) => total + scores.data[i], 0);
  const score = sum(settled.classes) - sum(settled.against);
  if (!Number.isFinite(score)) fail(name, `the explained score is ${score}`, 'check the weights');
  const about = { photo, target: settled, named: targetName(settled, head), score };
  return {
    about,
    layers: layers.map(({ name: layer, channels }) => {
      const names = channelOutputs(layer);
      const part = (output: string) => outputs[output].data.slice(row * channels, (row + 1) * channels);
      return {
        ...sharesOf(part(names.relevance) as Float32Array),
        relevancePeaks: part(names.relevancePeak),
        activations: part(names.activation) as Float32Array,
        activationPeaks: part(names.activationPeak),
      };
    }),
  };
}

/** Milliseconds after which what is known so far is written down, at the earliest. */
const PATIENCE = 5000;

/**
 * Takes all photos through the network once, from where an earlier call stopped, and writes down how far it came: `keep`
 * writes the survey. Memory does not grow with the photos. Errors: photos that cannot be read, unless they are to be skipped.
 */
export async function surveyAll(
  work: ConceptsWork,
  known: ConceptSurvey | undefined,
  identity: ConceptSurvey['identity'],
  keep: (survey: ConceptSurvey) => Promise<void>,
): Promise<ConceptSurvey> {
  const { photos, fields, shard, watch } = work;
  const { from, to } = shard
    ? shardRange(photos.names.length, shard, photos.source)
    : { from: 0, to: photos.names.length };
  const total = to - from;
  if (known && known.next >= to && (fields.skipBad || known.unread.length === 0)) return known;
  return scoped(async (own) => {
    const reader = own(await openReader(work, to - (known?.next ?? from)));
    const survey = known ?? {
      identity,
      next: from,
      unread: [],
      rules: describe(reader.made.handling),
      layers: reader.made.layers.map(noSurvey),
    };
    if (known) watch.on?.(goesOnNote(known.next - from, total, 'surveyed'));
    const todo = new Set<number>();
    for (let i = survey.next; i < to; i++) todo.add(i);
    for (const { index } of survey.unread) todo.add(index);
    let saved = performance.now();
    try {
      for await (const { readings, unread, last } of read(work, reader, todo)) {
        readings.forEach(({ about, layers }) => {
          layers.forEach((reading, i) => {
            addPhoto(survey.layers[i], reading, about, fields.references);
          });
        });
        const tried = new Set([
          ...readings.map(({ about }) => about.photo),
          ...unread.map(({ index }) => index),
        ]);
        survey.unread = [...survey.unread.filter(({ index }) => !tried.has(index)), ...unread];
        survey.next = Math.max(survey.next, last + 1);
        watch.on?.({ kind: 'progress', what: 'photos', done: survey.next - from, total });
        watch.signal?.throwIfAborted();
        if (performance.now() - saved < PATIENCE) continue;
        await keep(survey);
        saved = performance.now();
      }
    } finally {
      if (survey.next > from) await keep(survey);
    }
    const missing = survey.unread.length;
    if (missing > 0 && !fields.skipBad) failUnread(photos.source, missing, total);
    // Of a shard all others may have some.
    if (missing >= total && !shard)
      fail(photos.source, `none of ${plural(total, 'photo')} ${isOrAre(total)} readable`);
    return survey;
  });
}

/** Some photos in their order: what was read of them, those that could not be, and the number of the last. */
interface ReadPhotos {
  readonly readings: readonly PhotoReading[];
  readonly unread: readonly UnreadPhoto[];
  readonly last: number;
}

async function* read(
  work: ConceptsWork,
  reader: ChannelReader,
  todo: ReadonlySet<number>,
): AsyncGenerator<ReadPhotos, void> {
  const { photos, classifier, host, fields, watch } = work;
  const each = preparedPhotos(photos, todo, classifier, host, reader.decoders, (photo) => photo);
  const task = async (some: readonly (SetPhoto | UnreadPhoto)[]): Promise<ReadPhotos> => {
    const good = some.filter((photo) => 'input' in photo);
    const unread = some.filter((photo) => 'error' in photo);
    const numbers = good.map(({ sample }) => sample.index);
    const readings =
      good.length > 0
        ? await reader.read(
            good.map(({ input }) => input),
            numbers,
          )
        : [];
    return { readings, unread, last: Math.max(...numbers, ...unread.map(({ index }) => index)) };
  };
  async function* batches() {
    let some: (SetPhoto | UnreadPhoto)[] = [];
    for await (const photo of each) {
      if ('error' in photo) {
        const { index, item, error } = photo;
        watch.on?.({ kind: 'failed', failed: { item, error } });
        some.push({ index, photo: item, error });
      } else some.push(photo);
      if (some.length < fields.batch) continue;
      yield some;
      some = [];
    }
    if (some.length > 0) yield some;
  }
  yield* ordered(batches(), task, reader.workers + 1);
}
