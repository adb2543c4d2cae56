import {
  type Baseline,
  type Description,
  type Explainer,
  type Explanation,
  explainer,
  methodOf,
  parseBaseline,
  parseTarget,
  passesOf,
  type Target,
} from '../../attribution/index.ts';
import { type Classifier, classifierOf, preprocessingOf, rows } from '../../classifier/index.ts';
import { failRequest, inItem } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { ordered } from '../../common/ordered.ts';
import { field, words } from '../../common/words.ts';
import type { Tensor } from '../../graph/index.ts';
import {
  type AffineMap,
  type ChannelReduction,
  compose,
  type HeatmapScale,
  heatmaps,
  type Image,
  inputTransform,
  limitOf,
  type ScalarMap,
} from '../../image/index.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import { checkAsked } from '../faces/request.ts';
import { type Subject, subjectsOf } from '../faces/subjects.ts';
import type { FaceRecord } from '../faces/table.ts';
import type { Compute, Host } from '../host.ts';
import {
  askedOf,
  type PhotosOrTensor,
  photosOfShard,
  preparePhoto,
  readBatch,
  readFloats,
} from '../photos.ts';
import { checkRequest } from '../request.ts';
import { type FailedItem, type ProgressEvent, resultOrFailure, type Watch } from '../verb.ts';
import { type ExplanationReading, readExplanation } from './reading.ts';
import { type ExplainFields, type ExplainRequest, explainRequest, heatmapScaleOf } from './request.ts';

/** One explained photo, or image of a prepared batch. */
export interface ExplainedPhoto {
  /** The photo's file, with `, face 2` where it has several; of a batch of several `X.npy[3]`. */
  readonly item: string;
  readonly reading: ExplanationReading;
  /** Relevance with its channels reduced to one map, and the value at the ends of its colours. */
  readonly heat: Heat;
  /** Relevance at the network's input 1×C×H×W. */
  readonly relevance: Tensor<'float32'>;
  /** Relevance at the layers asked for, by name. */
  readonly layers: Readonly<Record<string, Tensor<'float32'>>>;
  /** The photo and what the network sees of it; not of a prepared batch. */
  readonly photo?: Image | undefined;
  readonly view?: Image | undefined;
  /** Where the face is, if faces were asked about, and where the photo's pixels lie in the network's input. */
  readonly face?: FaceRecord | undefined;
  readonly toInput?: AffineMap | undefined;
  readonly description: Description;
  /** What people should know of how the photo was prepared, in sentences without a stop. */
  readonly remarks?: readonly string[] | undefined;
}

/** A heatmap: relevance of every pixel, and the value at the ends of its colours. */
export interface Heat {
  readonly map: ScalarMap;
  readonly limit: number;
}

/** An opened request: the model, and its photos explained one after the other. */
export interface Explanations {
  readonly loaded: LoadedModel;
  readonly classifier: Classifier;
  readonly source: 'photos' | 'tensor';
  /** What is explained, in the order of the request: photos, or their faces. */
  readonly subjects: readonly (Subject | FailedItem)[];
  /** In the order of the request. What is wrong with one photo does not concern the others. */
  readonly photos: AsyncGenerator<ExplainedPhoto | FailedItem, void>;
}

/** An opened request of which nothing is explained yet. */
export interface Explainable extends Omit<Explanations, 'photos'> {
  /** Explains, once; of photos those at some places among the subjects, all unless given. */
  run(todo?: readonly number[]): Explanations['photos'];
}

/**
 * Shows which pixels of photos speak for a class and which against it. Nothing is computed before the first photo is
 * asked for; ending the iteration early frees everything. Errors: the request's and the model's, at once.
 */
export async function explain(
  request: ExplainRequest,
  host: Host,
  watch: Watch<ProgressEvent> = {},
): Promise<Explanations> {
  const { run, ...opened } = await openExplanations(request, host, watch);
  return { ...opened, photos: run() };
}

/** What {@link explain} does before the first photo. */
export async function openExplanations(
  request: ExplainRequest,
  host: Host,
  watch: Watch<ProgressEvent>,
): Promise<Explainable> {
  const fields = checkRequest(explainRequest, request, watch.signal);
  const { model: path, top, pooling } = fields;
  const { source, paths } = await askedOf(fields.photos, host);
  const photos = photosOfShard(paths, source, fields);
  checkAsked(fields.faces, source);
  const scale = heatmapScaleOf(fields);
  const method = methodOf({ ...fields, baseline: await baselineOf(fields.baseline, host) });
  const targets = targetsOf(fields, source, paths.length);
  const loaded = await host.files.readModel(path);
  const classifier = classifierOf(loaded.model, { name: path, head: fields.head });
  if (source === 'photos') preprocessingOf(classifier);
  const passes = passesOf(method);
  const subjects = await subjectsOf(photos, loaded.model, fields, host, watch);
  // A part is computed as the whole is.
  const images = fields.shard ? paths.length : subjects.length;
  const compute = await host.compute(classifier.model.graph, images * passes, fields);
  const made = explainer(loaded.model, compute.runtime, {
    ...method,
    parallel: images === 1 ? compute.workers : 1,
    // Photos come one by one.
    ...(source === 'photos' && passes === 1 && { batch: 1, fixed: true }),
    session: compute.session,
  });
  const job: Job = { classifier, made, compute, targets, top, pooling, scale, watch };
  const run: Explainable['run'] = (todo = [...subjects.keys()]) =>
    released(source === 'tensor' ? ofBatch(job, photos[0], host) : ofPhotos(job, subjects, todo, host), made);
  return { loaded, classifier, source, subjects, run };
}

const isList = (targets: Job['targets']): targets is readonly Target[] => Array.isArray(targets);

/** What is explained. Errors: a list for faces, of which nobody knows how many are found; more or fewer than photos. */
function targetsOf(fields: ExplainFields, source: PhotosOrTensor['source'], all: number): Job['targets'] {
  const { target, targets, faces } = fields;
  if (!targets) return parseTarget(target);
  const where = words`${field('targets')}`;
  if (faces) failRequest(where, 'a photo may have several faces', words`give ${field('target')}`);
  // How many images a batch has shows when it is read.
  if (source === 'photos' && targets.length !== all)
    failRequest(where, `there are ${targets.length} for ${plural(all, 'photo')}`, 'give one for each');
  return photosOfShard(targets, source, fields).map(parseTarget);
}

/** What is the same for all photos of a request. */
interface Job {
  readonly classifier: Classifier;
  readonly made: Explainer;
  readonly compute: Compute;
  /** One for all, or one for each photo, or image of a batch. */
  readonly targets: Target | readonly Target[];
  readonly top: number;
  readonly pooling: ChannelReduction;
  readonly scale: HeatmapScale;
  readonly watch: Watch<ProgressEvent>;
}

/** Worker threads would keep the process alive. */
async function* released<T>(work: AsyncGenerator<T, void>, made: Explainer): AsyncGenerator<T, void> {
  try {
    yield* work;
  } finally {
    await made.release();
  }
}

async function* ofBatch(job: Job, file: string, host: Host): AsyncGenerator<ExplainedPhoto, void> {
  const { made, classifier, targets, watch } = job;
  const batch = await readBatch(file, classifier.input, host);
  const explanation = await made.explain(batch, { target: targets, ...passesOn(watch) });
  const images = batch.shape[0];
  for (let i = 0; i < images; i++)
    yield explained(job, images === 1 ? file : `${file}[${i}]`, explanation, i);
}

async function* ofPhotos(
  job: Job,
  subjects: readonly (Subject | FailedItem)[],
  todo: readonly number[],
  host: Host,
): AsyncGenerator<ExplainedPhoto | FailedItem, void> {
  const { classifier, made, targets, compute: where, watch } = job;
  const how = preprocessingOf(classifier);
  const task = async (index: number): Promise<ExplainedPhoto | FailedItem> => {
    watch.signal?.throwIfAborted();
    const asked = subjects[index];
    const target = isList(targets) ? targets[index] : targets;
    if ('error' in asked) return asked;
    const { item, path, face } = asked;
    return resultOrFailure(item, async () => {
      const { photo, subject, input, views, remarks } = await preparePhoto(
        path,
        classifier,
        'center',
        host,
        face,
      );
      const following = subjects.length === 1 ? passesOn(watch) : { signal: watch.signal };
      const explanation = await inItem(item, () => made.explain(input, { target, ...following }));
      const [view] = views();
      const toInput = face && compose(inputTransform(subject, how), face.transform);
      const whole = explained(job, item, explanation, 0);
      const more = { ...(face && { face, toInput }), ...(remarks.length > 0 && { remarks }) };
      return { ...whole, photo, view, ...more };
    });
  };
  let done = subjects.length - todo.length;
  // While the workers compute, the next photos are decoded.
  for await (const result of ordered(todo, task, where.workers + 2)) {
    yield result;
    watch.on?.({ kind: 'progress', what: 'photos', done: ++done, total: subjects.length });
  }
}

/** Methods of many passes tell of each, where there is but one photo to tell of. */
const passesOn = ({ on, signal }: Watch<ProgressEvent>) => ({
  signal,
  onProgress: (done: number, total: number) => on?.({ kind: 'progress', what: 'passes', done, total }),
});

function explained(job: Job, item: string, explanation: Explanation, row: number): ExplainedPhoto {
  const of = (tensor: Tensor<'float32'>) => rows(tensor, row, row + 1);
  const relevance = of(explanation.relevance);
  const [map] = heatmaps(relevance, job.pooling, item);
  return {
    item,
    reading: readExplanation(explanation, row, job.classifier, job.top),
    heat: { map: map, limit: limitOf(map, job.scale) },
    relevance,
    layers: Object.fromEntries(
      Object.entries(explanation.layers).map(([name, tensor]) => [name, of(tensor)]),
    ),
    description: explanation.description,
  };
}

export async function baselineOf(
  given: string | number | undefined,
  host: Host,
): Promise<Baseline | undefined> {
  if (typeof given !== 'string') return given;
  return /\.npy$/i.test(given) ? readFloats(given, host) : parseBaseline(given);
}
