import { openClassifier } from '../../classifier/index.ts';
import { fail, type LimnError } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { differences, type Identity } from '../../common/journal.ts';
import { type Shard, shardRange } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import { type Dataset, pictureOf } from '../../data/index.ts';
import {
  type Answer,
  isResult,
  isResultShard,
  type LabelReading,
  measure,
  openPredictions,
  type PictureSample,
  type PredictionJournal,
  predict,
  type Result,
  type ResultInfo,
  readResult,
  readResultShard,
  type SurveyQuestion,
  UNFINISHED_FILE,
  writeResult,
  writeResultShard,
} from '../../evaluation/index.ts';
import { inputsPerPhoto } from '../../image/index.ts';
import type { Compute, Host } from '../host.ts';
import { goesOnNote, type Watch } from '../verb.ts';
import { type Evaluation, identityOf, infoOf, type SurveyedPhotos } from './info.ts';
import type { EvaluateFields } from './request.ts';
import type { EvaluatedModel, EvaluatedShard, EvaluateEvent } from './result.ts';

/** What becomes of a model: all of its evaluation, or a shard. */
export type Evaluated = EvaluatedModel | EvaluatedShard;

/** Models that are evaluated at the same time, on the same photos. */
export interface Together {
  readonly evaluations: readonly Evaluation[];
  readonly photos: SurveyedPhotos;
  readonly fields: EvaluateFields & { readonly fold: number | undefined; readonly provider: string };
  readonly compute: Compute;
  readonly host: Host;
  readonly watch: Watch<EvaluateEvent>;
}

/** An evaluation whose predictions are not all there. */
interface Unfinished {
  readonly evaluation: Evaluation;
  readonly info: ResultInfo;
  readonly path: string;
  readonly journal: PredictionJournal;
}

/** Predicts all images that are not predicted yet, and writes the results. */
export async function evaluateTogether(together: Together): Promise<Evaluated[]> {
  const { evaluations, photos, fields, host } = together;
  const questions = askedOf(together);
  const unfinished: Unfinished[] = [];
  const evaluated = new Map<Evaluation, Evaluated>();
  try {
    for (const evaluation of evaluations) {
      const info = await infoOf(evaluation, photos, fields, host);
      const known = fields.restart
        ? undefined
        : await finishedIn(evaluation.folder, info, fields.shard, host);
      if (known) evaluated.set(evaluation, known);
      else unfinished.push(await begin(evaluation, info, together));
    }
    const broken = await predictAll(unfinished, together);
    const skipped = questions.flatMap(({ index, image }) => {
      const error = broken.get(index);
      return error ? [{ image, error: error.message }] : [];
    });
    for (const { evaluation, info, path, journal } of unfinished) {
      journal.check();
      const answers = answersOf(questions, journal, evaluation.reading, fields.fold);
      const result = { info: skipped.length > 0 ? { ...info, skipped } : info, answers };
      evaluated.set(evaluation, await written(evaluation.folder, result, fields.shard, host));
      await host.files.remove(path);
    }
  } finally {
    for (const { journal } of unfinished) await journal.close();
  }
  return evaluations.map((evaluation) => evaluated.get(evaluation)!);
}

/** The photos that are asked about: all, or those of a shard. */
function askedOf({ photos: { survey, dataset }, fields: { shard } }: Together): readonly SurveyQuestion[] {
  if (!shard) return survey.questions;
  const { from, to } = shardRange(survey.questions.length, shard, dataset.name);
  return survey.questions.slice(from, to);
}

async function begin(
  evaluation: Evaluation,
  info: ResultInfo,
  { fields, host: { files } }: Together,
): Promise<Unfinished> {
  const path = files.join(evaluation.folder, UNFINISHED_FILE);
  if (fields.restart) await files.remove(path);
  return {
    evaluation,
    info,
    path,
    journal: await openPredictions(path, { ...identityOf(info), ...shardIdentity(fields.shard) }, files),
  };
}

/**
 * Runs until every question has a prediction of every model; returns the images that cannot be read. Errors: there are
 * such, and they are not to be skipped.
 */
async function predictAll(
  unfinished: readonly Unfinished[],
  together: Together,
): Promise<ReadonlyMap<number, LimnError>> {
  const { photos, fields, compute, host, watch } = together;
  const { dataset } = photos;
  const questions = askedOf(together);
  const todo = new Set(
    questions
      .filter(({ index }) => unfinished.some(({ journal }) => !journal.entries.has(index)))
      .map(({ index }) => index),
  );
  const broken = new Map<number, LimnError>();
  if (todo.size === 0) return broken;
  let done = questions.length - todo.size;
  if (done > 0) watch.on?.(goesOnNote(done, questions.length, 'answered'));
  // Loading and the first batch take a while.
  watch.on?.({ kind: 'progress', what: 'photos', done, total: questions.length });
  const { runtime, session, workers, decoders } = compute;
  const each = inputsPerPhoto(fields.crops);
  // No worker idles while another has all photos.
  const batch = Math.min(fields.batch, Math.max(1, Math.ceil(todo.size / workers)) * each);
  const classifiers = [];
  try {
    for (const { evaluation } of unfinished) {
      const { loaded, classifier } = evaluation;
      const { name, head } = classifier;
      classifiers.push(
        await openClassifier(loaded.model, { name, head: head.name, runtime, session, batch }),
      );
    }
    const options = { crops: fields.crops, batch, workers, decoders, signal: watch.signal };
    for await (const some of predict(samplesOf(dataset, todo, host), classifiers, options)) {
      const good = some.flatMap((one) => ('predictions' in one ? [one] : []));
      for (const [m, { journal }] of unfinished.entries()) {
        await journal.add(good.map(({ sample, predictions }) => [sample.index, predictions[m]]));
      }
      for (const one of some) if ('error' in one) broken.set(one.sample.index, one.error);
      done += some.length;
      watch.on?.({ kind: 'progress', what: 'photos', done, total: questions.length });
      watch.signal?.throwIfAborted();
    }
  } finally {
    for (const classifier of classifiers) await classifier.release();
  }
  for (const { item, message } of broken.values())
    watch.on?.({ kind: 'failed', failed: { item: String(item), error: message } });
  if (broken.size > 0 && !fields.skipBad) {
    fail(
      dataset.name,
      `${plural(broken.size, 'photo')} cannot be read; all other answers are kept`,
      words`repair them, or go on without them: ${field('skipBad')}`,
    );
  }
  return broken;
}

/** The photos that are still to be predicted. */
async function* samplesOf(
  dataset: Dataset,
  todo: ReadonlySet<number>,
  host: Host,
): AsyncGenerator<PictureSample & { readonly index: number }> {
  let [index = 0] = todo;
  for await (const { name, content } of dataset.samples(index)) {
    const at = index++;
    if (!todo.has(at)) continue;
    yield { index: at, name, picture: async () => pictureOf(await content(), name, host.images.decode) };
  }
}

function answersOf(
  questions: readonly SurveyQuestion[],
  { entries }: PredictionJournal,
  reading: LabelReading,
  fold: number | undefined,
): Answer[] {
  return questions.flatMap(({ index, ...question }) => {
    const prediction = entries.get(index);
    if (!prediction) return [];
    const inFold = fold === undefined ? question : { ...question, fold: String(fold) };
    return { ...inFold, ...prediction, scores: reading.scores(prediction.scores) };
  });
}

/**
 * The same evaluation if the folder holds it already; its name and place become those that are given now. Errors: the
 * folder holds another.
 */
async function finishedIn(
  folder: string,
  info: ResultInfo,
  shard: Shard | undefined,
  host: Host,
): Promise<Evaluated | undefined> {
  const isThere = shard ? isResultShard : isResult;
  if (!(await isThere(folder, host.files))) return undefined;
  const found: Result & { readonly shard?: Shard } = shard
    ? await readResultShard(folder, host)
    : await readResult(folder, host);
  const ours = { ...identityOf(info), ...shardIdentity(shard) };
  const theirs = { ...identityOf(found.info), ...shardIdentity(found.shard) };
  const other = differences(theirs, ours);
  if (other.length > 0) {
    fail(
      folder,
      ['holds a result with another ', ...other],
      words`give another ${field('output')}, or replace it with ${field('restart')}`,
    );
  }
  const { name, place } = info;
  const result = { info: { ...found.info, name, place }, answers: found.answers };
  const isRenamed = JSON.stringify([name, place]) !== JSON.stringify([found.info.name, found.info.place]);
  return isRenamed ? written(folder, result, shard, host) : evaluatedOf(folder, result, shard);
}

async function written(
  folder: string,
  result: Result,
  shard: Shard | undefined,
  host: Host,
): Promise<Evaluated> {
  const evaluated = evaluatedOf(folder, result, shard);
  if ('shard' in evaluated) await writeResultShard(folder, result, evaluated.shard, host);
  else await writeResult(folder, result, host, { ...evaluated.measures });
  return evaluated;
}

/** A shard is not measured: it may be that none of its photos could be read. */
const evaluatedOf = (folder: string, result: Result, shard: Shard | undefined): Evaluated =>
  shard ? { folder, result, shard } : { folder, result, measures: measure(result) };

const shardIdentity = (shard: Shard | undefined): Identity =>
  shard ? { shard: `${shard.index} of ${shard.of}` } : {};
