import type { Classifier } from '../../classifier/index.ts';
import { bytesOf } from '../../common/bytes.ts';
import { plural } from '../../common/format.ts';
import type { Identity } from '../../common/journal.ts';
import type { LabelReading, ResultInfo, Survey } from '../../evaluation/index.ts';
import type { Head } from '../../graph/index.ts';
import { byteLengthOf, dataParts } from '../../graph/index.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import type { Host } from '../host.ts';
import type { LabelledPhotos } from '../labelled.ts';
import { fileHash } from '../model.ts';
import type { EvaluateFields } from './request.ts';

/** A model that is about to be evaluated. */
export interface Evaluation {
  /** What tables and charts call it. */
  readonly name: string;
  readonly folder: string;
  readonly loaded: LoadedModel;
  readonly classifier: Classifier;
  readonly reading: LabelReading;
}

/** Labelled photos whose labels are read. */
export interface SurveyedPhotos extends LabelledPhotos {
  readonly survey: Survey;
  /** Of the images' names and labels. */
  readonly sha256: string;
}

/** What a result says of itself. */
export async function infoOf(
  { name, loaded, classifier, reading }: Evaluation,
  photos: SurveyedPhotos,
  fields: EvaluateFields & { readonly fold: number | undefined; readonly provider: string },
  host: Host,
): Promise<ResultInfo> {
  const { path, model } = loaded;
  const { head, link } = classifier;
  const { dataset, column, target, survey } = photos;
  const { images, crops, as, between, provider, ordered, fold, personColumn, foldColumn, place } = fields;
  const isAge = target === 'age' && reading.head.kind === 'classes';
  const leftOut = `${plural(survey.unlabelled, 'photo')} without a usable label in '${column}' left out`;
  const probabilities = reading.probabilities && (link === 'softmax' || link === 'log-softmax');
  const given = {
    crops,
    target,
    column,
    head: head.name,
    as,
    between: isAge ? between : undefined,
    ordered: ordered || undefined,
    'person-column': personColumn,
    'fold-column': foldColumn,
    provider,
  };
  const settings = Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  return {
    name,
    model: {
      network: model.graph.name,
      file: host.files.basename(path),
      path,
      sha256: await modelHash(loaded, host),
      // Called as what was asked for: heads of several networks are called `class`, `loss3/loss3`, `prob`.
      head: fields.target === undefined ? reading.head : { ...reading.head, name: fields.target },
    },
    data: {
      source: dataset.name,
      ...(images !== undefined && { folder: images }),
      sha256: photos.sha256,
      images: survey.questions.length,
    },
    settings,
    settingsSha256: hashOf(
      Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)),
      host,
    ),
    ordered: reading.ordered && reading.head.kind === 'classes',
    place: fold === undefined ? place : { ...place, fold: String(fold) },
    versions: host.versions,
    ...(reading.head.kind === 'classes' && !probabilities && { probabilities: false }),
    notes: [
      ...dataset.notes,
      ...reading.notes,
      ...(survey.unlabelled > 0 ? [leftOut] : []),
      ...mappingNotes(reading.head, survey),
    ],
  };
}

const hashOf = (value: unknown, host: Host): string => host.sha256().update(JSON.stringify(value)).digest();

/** Of the file; where the weights lie beside it, which then is tiny, of both. */
export async function modelHash(loaded: LoadedModel, host: Host): Promise<string> {
  const ofFile = await fileHash(loaded, host);
  const weights = [...loaded.model.graph.constants];
  const size = weights.reduce((sum, [, tensor]) => sum + byteLengthOf(tensor), 0);
  if (size < 4 * loaded.size) return ofFile;
  const hashes = weights.map(([name, tensor]) => {
    const hash = host.sha256();
    for (const part of dataParts(tensor)) hash.update(bytesOf(part));
    return [name, hash.digest()];
  });
  return hashOf([ofFile, ...hashes], host);
}

/** Which labels became which class: `class 1 'female': female, f (900 photos)`. */
function mappingNotes(head: Head, { mapping }: Survey): string[] {
  if (head.kind === 'number') return [];
  return [...mapping]
    .sort(([a], [b]) => a - b)
    .map(([index, labels]) => {
      const texts = [...labels.keys()].sort(new Intl.Collator('en', { numeric: true }).compare);
      const shown = texts.slice(0, 8).join(', ') + (texts.length > 8 ? `, … (${texts.length})` : '');
      const images = [...labels.values()].reduce((sum, n) => sum + n, 0);
      return `class ${index} '${head.labels?.[index] ?? index}': ${shown} (${plural(images, 'photo')})`;
    });
}

/** What must be equal for an evaluation to go on, or to be taken as done. */
export const identityOf = ({ model, data, settings }: ResultInfo): Identity => ({
  model: model.sha256,
  data: data.sha256,
  ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
});
