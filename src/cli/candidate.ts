import { basename } from 'node:path';
import { fail } from '../common/error.ts';
import { plural } from '../common/format.ts';
import type { Between, Dataset } from '../data/index.ts';
import type { Identity } from '../evaluation/journal.node.ts';
import { type Reading, readingOf } from '../evaluation/labels.ts';
import type { ResultInfo } from '../evaluation/result.ts';
import type { Survey } from '../evaluation/survey.ts';
import type { Graph, Head, Preprocessing } from '../graph/index.ts';
import type { Crops } from '../image/index.ts';
import { lower } from '../operators/index.ts';
import { headOf, linkOf } from '../relevance/scores.ts';
import type { RunOptions } from './command.ts';
import { type LoadedModel, sha256 } from './model.ts';
import { preprocessingOf } from './photos.ts';
import { versions } from './record.ts';

/** What is asked for on the command line. */
export interface EvaluateOptions extends RunOptions {
  readonly output: string;
  readonly crops: Crops;
  readonly target?: string;
  readonly head?: string;
  readonly as?: 'adience';
  readonly between: Between;
  readonly ordered?: boolean;
  readonly images?: string;
  readonly personColumn?: string;
  readonly foldColumn?: string;
  readonly batch: number;
  readonly folds?: readonly number[];
  readonly name?: string;
  readonly place: Readonly<Record<string, string>>;
  readonly predictionsInRows?: boolean;
  readonly skipBad?: boolean;
  readonly restart?: boolean;
  readonly json?: boolean;
}

/** How one data set is evaluated on. */
export interface FoldOptions extends EvaluateOptions {
  readonly fold?: number;
}

/** A model about to be asked. */
export interface Candidate {
  readonly name: string;
  readonly loaded: LoadedModel;
  readonly graph: Graph;
  readonly head: Head;
  readonly how: Preprocessing;
  readonly reading: Reading;
  readonly folder: string;
}

/** What a run of several candidates over one data set needs. */
export interface Setting {
  readonly dataset: Dataset;
  readonly column: string;
  readonly target: string;
  readonly survey: Survey;
  /** Of the images' names and labels. */
  readonly sha256: string;
}

/** Finds the output that answers and how its classes and the data's labels come together. */
export function candidateOf(
  { name, folder }: Pick<Candidate, 'name' | 'folder'>,
  loaded: LoadedModel,
  { dataset, column, target }: Pick<Setting, 'dataset' | 'column' | 'target'>,
  options: FoldOptions,
): Candidate {
  const { model, path } = loaded;
  const named = model.info.heads.find((each) => each.name === target)?.name;
  const head = headOf(model, options.head ?? named);
  const graph = lower({
    ...model.graph,
    outputs: model.graph.outputs.filter((output) => output.name === head.output),
  });
  const shape =
    graph.outputs[0]?.shape.slice(1).filter((dim): dim is number => typeof dim === 'number') ?? [];
  const classes = Math.max(
    shape.reduce((product, n) => product * n, 1),
    head.labels?.length ?? 1,
  );
  if (head.kind === 'classes' && classes < 2) {
    fail(`${path}: output '${head.name}'`, 'one value is no choice between classes', 'choose another --head');
  }
  const { as, between, ordered } = options;
  const reading = readingOf(head, classes, { target, as, between, ordered, names: dataset.classes[column] });
  return { name, loaded, graph, head, how: preprocessingOf(model, path), reading, folder };
}

/** What a result says of itself. */
export function infoOf(
  { name, loaded, head, graph, reading }: Candidate,
  setting: Setting,
  options: FoldOptions,
): ResultInfo {
  const { path, model } = loaded;
  const { dataset, column, target, survey: surveyed } = setting;
  const { crops, as, between, provider, ordered, fold, personColumn, foldColumn } = options;
  const isAge = target === 'age' && reading.head.kind === 'classes';
  const notes = [...dataset.notes, ...reading.notes];
  if (surveyed.unlabelled > 0) {
    notes.push(`${plural(surveyed.unlabelled, 'photo')} without a usable label in '${column}' left out`);
  }
  const link = linkOf(graph, head.output)?.kind;
  const probabilities = reading.probabilities && (link === 'softmax' || link === 'log-softmax');
  const settings = {
    crops,
    target,
    column,
    head: head.name,
    ...(as && { as }),
    ...(isAge && { between }),
    ...(ordered && { ordered }),
    ...(personColumn !== undefined && { 'person-column': personColumn }),
    ...(foldColumn !== undefined && { 'fold-column': foldColumn }),
    provider,
  };
  return {
    name,
    model: { network: model.graph.name, file: basename(path), sha256: modelHash(loaded), head: reading.head },
    data: { source: dataset.name, sha256: setting.sha256, images: surveyed.questions.length },
    settings,
    settingsSha256: hashOf(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))),
    ordered: reading.ordered && reading.head.kind === 'classes',
    place: { ...options.place, ...(fold !== undefined && { fold: String(fold) }) },
    versions: versions(),
    ...(reading.head.kind === 'classes' && !probabilities && { probabilities: false }),
    notes: [...notes, ...mappingNotes(reading.head, surveyed)],
  };
}

const hashOf = (value: unknown): string => sha256(new TextEncoder().encode(JSON.stringify(value)));

/** Of the file; where the weights lie beside it, which then is tiny, of both. */
function modelHash({ model, bytes }: LoadedModel): string {
  const weights = [...model.graph.constants].map(([name, { data }]) => ({ name, data }));
  const size = weights.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (size < 4 * bytes.length) return sha256(bytes);
  const hashes = weights.map(({ name, data }) => [
    name,
    sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
  return hashOf([sha256(bytes), ...hashes]);
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
  ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [`--${key}`, String(value)])),
});
