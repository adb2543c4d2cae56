import { checkChoice, classifierOf } from '../../classifier/index.ts';
import { failRequest } from '../../common/error.ts';
import {
  type Answer,
  isResult,
  isResultShard,
  measureFolds,
  publishedFold,
  readingOf,
  resultFiles,
  survey,
  writePublished,
} from '../../evaluation/index.ts';
import type { Head } from '../../graph/index.ts';
import { inputsPerPhoto } from '../../image/index.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import { headOf } from '../../relevance/scores.ts';
import type { Host } from '../host.ts';
import { checkMissing, openLabelled } from '../labelled.ts';
import { parquetPaths } from '../parquet.ts';
import { stems } from '../photos.ts';
import { checkRequest, inFold } from '../request.ts';
import type { Watch } from '../verb.ts';
import type { Evaluation, SurveyedPhotos } from './info.ts';
import { answersIn, writeAnswersParquet } from './parquet.ts';
import { checkFolds, type EvaluateFields, type EvaluateRequest, evaluateRequest } from './request.ts';
import type { EvaluatedFolds, EvaluatedModel, EvaluateEvent, EvaluateResult } from './result.ts';
import { type Evaluated, evaluateTogether, type Together } from './together.ts';

/** Models on one data set. */
interface Fold {
  readonly fold: number | undefined;
  readonly data: string;
  readonly models: readonly { readonly path: string; readonly name: string; readonly folder: string }[];
}

/**
 * Measures models on labelled photos and keeps every prediction in a result folder each; the photos are decoded once for
 * all. What was interrupted goes on where it stopped, to the last bit, when the request is repeated; what is finished is
 * read back. Errors: the request's, the models', the data's; photos that cannot be read, unless they are to be skipped.
 */
export async function evaluate(
  request: EvaluateRequest,
  host: Host,
  watch: Watch<EvaluateEvent> = {},
): Promise<EvaluateResult> {
  const fields = checkRequest(evaluateRequest, request, watch.signal);
  checkFolds(fields);
  const folds = foldsOf(fields, host);
  for (const { folder } of folds.flatMap(({ models }) => models)) {
    await host.files.makeFolder(folder);
    host.files.resume(resultFiles(folder, host.files));
    // Of a result that is there, it is said later whether it is the same one.
    const isThere = fields.shard ? isResultShard : isResult;
    if (!fields.shard) await host.files.claim(parquetPaths(answersIn(folder, host), fields));
    if (fields.restart || !(await isThere(folder, host.files)))
      await host.files.claim(resultFiles(folder, host.files));
  }
  host.files.protect(folds.flatMap(({ data, models }) => [data, ...models.map(({ path }) => path)]));
  const evaluated: Evaluated[] = [];
  for (const each of folds) evaluated.push(...(await evaluateFold(each, fields, host, watch)));
  const models = evaluated.flatMap((each) => ('shard' in each ? [] : [each]));
  for (const { folder, result } of models) await writeAnswersParquet(folder, result, fields, host);
  const shards = evaluated.flatMap((each) => ('shard' in each ? [each] : []));
  return { models, shards, folded: await foldedOf(models, fields, host) };
}

function foldsOf({ models, data, output, folds, name }: EvaluateFields, host: Host): Fold[] {
  // Folds of one model have one name, whatever their files are called.
  const names = stems(
    models.map((path) => path.replace(/[-_. ]?\{fold\}/g, '')),
    host,
  );
  return (folds ?? [undefined]).map((fold) => ({
    fold,
    data: inFold(data, fold),
    models: models.map((path, i) => ({
      path: inFold(path, fold),
      name: name ?? names[i],
      folder: host.files.join(
        output,
        ...(models.length > 1 ? [names[i]] : []),
        ...(fold === undefined ? [] : [`fold-${fold}`]),
      ),
    })),
  }));
}

async function evaluateFold(
  { fold, data, models }: Fold,
  fields: EvaluateFields,
  host: Host,
  watch: Watch<EvaluateEvent>,
): Promise<Evaluated[]> {
  const [first] = models as readonly [Fold['models'][number]];
  const loaded = await host.files.readModel(first.path);
  const { images, as, head, crops, personColumn: person, foldColumn } = fields;
  const target = fields.target ?? (as === 'adience' ? 'age' : undefined);
  const output = headOf(loaded.model, head).name;
  const photos = await openLabelled(data, { target, images, output }, host);
  const { dataset, column } = photos;
  const evaluation = evaluationOf(first, loaded, photos, fields);
  const hash = host.sha256();
  const surveyed = await survey(dataset, column, evaluation.reading, (text) => hash.update(text), {
    person,
    fold: foldColumn,
  });
  await checkMissing(dataset, fields.skipBad, (failed) => watch.on?.({ kind: 'failed', failed }));
  const { classifier } = evaluation;
  const inputs = surveyed.questions.length * inputsPerPhoto(crops);
  const compute = await host.compute(classifier.graph, inputs, fields);
  const all: Omit<Together, 'evaluations'> = {
    photos: { ...photos, survey: surveyed, sha256: hash.digest() },
    fields: { ...fields, fold, provider: compute.session.provider ?? 'cpu' },
    compute,
    host,
    watch,
  };
  const done: Evaluated[] = [];
  // As many as memory holds answer together, so that photos are not decoded for each.
  for (let i = 0; i < models.length; i += compute.networks) {
    const evaluations: Evaluation[] = [];
    for (const each of models.slice(i, i + compute.networks)) {
      const next =
        each === first
          ? evaluation
          : evaluationOf(each, await host.files.readModel(each.path), photos, fields);
      if (!sameClasses(next.classifier.head, classifier.head)) {
        failRequest(each.path, `its classes are not those of ${first.path}`, 'evaluate them one by one');
      }
      evaluations.push(next);
    }
    done.push(...(await evaluateTogether({ ...all, evaluations })));
  }
  return done;
}

/** Finds the output that answers and how its classes and the data's labels come together. */
function evaluationOf(
  { path, name, folder }: Fold['models'][number],
  loaded: LoadedModel,
  { dataset, column, target }: Pick<SurveyedPhotos, 'dataset' | 'column' | 'target'>,
  { head, as, between, ordered }: EvaluateFields,
): Evaluation {
  const classifier = classifierOf(loaded.model, { name: path, head, target });
  checkChoice(classifier);
  const names = dataset.classes[column];
  const reading = readingOf(classifier.head, classifier.classes, { target, as, between, ordered, names });
  return { name, folder, loaded, classifier, reading };
}

const sameClasses = (a: Head, b: Head): boolean =>
  a.kind === b.kind && JSON.stringify(a.labels) === JSON.stringify(b.labels);

/** What all folds of a model say together; beside their folders, what the original evaluation would have written. */
async function foldedOf(
  evaluated: readonly EvaluatedModel[],
  { models, folds }: EvaluateFields,
  host: Host,
): Promise<EvaluatedFolds[]> {
  if (folds === undefined) return [];
  const folded = models.map((_, m): EvaluatedFolds => {
    const each = evaluated.filter((_, i) => i % models.length === m);
    const answers = new Map(
      each.map(({ result }): [string, readonly Answer[]] => [result.info.place.fold ?? '', result.answers]),
    );
    return { folds: each, measures: measureFolds(answers, each[0].result.info) };
  });
  for (const { folds: each } of folded) {
    const answers = each.map(({ result }) => result.answers);
    // Only where both of its crops are known.
    if (!answers.flat().every(({ single }) => single !== undefined)) continue;
    const path = host.files.join(each[0].folder, '..', 'published.txt');
    await host.files.write(path, writePublished(answers.map(publishedFold)));
  }
  return folded;
}
