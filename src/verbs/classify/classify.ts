import {
  type Classifier,
  checkFinite,
  classifierOf,
  isProbability,
  meanRow,
  openRunner,
  preprocessingOf,
  type Runner,
  ranked,
} from '../../classifier/index.ts';
import { fail } from '../../common/error.ts';
import { ordered } from '../../common/ordered.ts';
import type { Shard } from '../../common/shard.ts';
import type { Graph, Model, Tensor } from '../../graph/index.ts';
import { inputsPerPhoto } from '../../image/index.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import { lower } from '../../operators/index.ts';
import { checkAsked } from '../faces/request.ts';
import { type Subject, subjectsOf } from '../faces/subjects.ts';
import type { Host } from '../host.ts';
import { askedOf, photosOfShard, preparePhoto, readBatch } from '../photos.ts';
import { checkRequest } from '../request.ts';
import { type FailedItem, resultOrFailure, type Watch } from '../verb.ts';
import { type ClassifyFields, type ClassifyRequest, classifyRequest } from './request.ts';
import {
  type ClassifiedPhoto,
  type ClassifyEvent,
  type ClassifyResult,
  classifyDocument,
  type HeadAnswer,
} from './result.ts';

/**
 * Says what is in photos: the best classes of every output, and outputs that are numbers; writes it into a file, if one is asked
 * for. What is wrong with one photo does not concern the others. Errors: the request's, the model's; a model none of whose outputs has a known meaning.
 */
export async function classify(
  request: ClassifyRequest,
  host: Host,
  watch: Watch<ClassifyEvent> = {},
): Promise<ClassifyResult> {
  const { output, ...fields } = checkRequest(classifyRequest, request, watch.signal);
  const { photos, run } = await openClassify(fields, host, watch);
  if (output === undefined) return run();
  host.files.protect([fields.model, ...photos]);
  await host.files.claim([output]);
  return writeAnswers(await run(), output, host);
}

/** Writes the document that scripts read. */
export async function writeAnswers(
  result: ClassifyResult,
  output: string,
  { files }: Host,
): Promise<ClassifyResult> {
  await files.write(output, `${JSON.stringify(classifyDocument(result), null, 2)}\n`);
  return result;
}

/** An opened request of which nothing is computed yet. */
export interface OpenClassify {
  readonly loaded: LoadedModel;
  /** All photos of the request, those of other shards as well. */
  readonly photos: readonly string[];
  /** Those that are asked about. */
  readonly part: readonly string[];
  run(): Promise<ClassifyResult>;
}

/** What {@link classify} does before the first photo; `shard` says which part of the photos is asked about. */
export async function openClassify(
  {
    model: path,
    photos: given,
    crops,
    top,
    ...fields
  }: Omit<ClassifyFields, 'output'> & {
    readonly shard?: Shard;
  },
  host: Host,
  { on, signal }: Watch<ClassifyEvent>,
): Promise<OpenClassify> {
  const { source, paths: photos } = await askedOf(given, host);
  const part = photosOfShard(photos, source, fields);
  checkAsked(fields.faces, source);
  const loaded = await host.files.readModel(path);
  const { model } = loaded;
  if (model.info.heads.length === 0) fail(path, 'limn knows the meaning of none of its outputs');
  const classifiers = model.info.heads.map(({ name: head }) => classifierOf(model, { name: path, head }));
  const [first] = classifiers;
  const graph = forward(model);
  if (source === 'photos') preprocessingOf(first);
  const run = async (): Promise<ClassifyResult> => {
    const subjects = await subjectsOf(part, model, fields, host, { on, signal });
    const tensor = source === 'tensor' ? await readBatch(photos[0], first.input, host) : undefined;
    const crop = inputsPerPhoto(crops);
    // A part is computed as the whole is.
    const images = fields.shard ? photos.length : subjects.length;
    const { runtime, session, workers } = await host.compute(graph, tensor ? 1 : images * crop, fields);
    // Several workers share a photo's crops.
    const batch = tensor ? tensor.shape[0] : Math.ceil(crop / workers);
    const runner = await openRunner(graph, runtime, { session, batch, parallel: workers });
    const heads: AskedHeads = { classifiers, runner, top };
    const results: (ClassifiedPhoto | FailedItem)[] = [];
    const tell = (photo: ClassifiedPhoto | FailedItem, total: number) => {
      signal?.throwIfAborted();
      results.push(photo);
      on?.({ kind: 'photo', photo });
      on?.({ kind: 'progress', what: 'photos', done: results.length, total });
    };
    const task = async (subject: Subject | FailedItem) => {
      signal?.throwIfAborted();
      return 'error' in subject ? subject : classifySubject(subject, heads, crops, host);
    };
    try {
      if (tensor) {
        const outputs = await runner.run(tensor);
        const images = tensor.shape[0];
        for (let i = 0; i < images; i++)
          tell(photoAnswer(`${photos[0]}[${i}]`, heads, outputs, i, i + 1), images);
      } else {
        // While the workers compute, the next photos are decoded.
        for await (const photo of ordered(subjects, task, workers + 2)) tell(photo, subjects.length);
      }
      return { model: path, crops, photos: results };
    } finally {
      await runner.release();
    }
  };
  return { loaded, photos, part, run };
}

/** A model's heads, ready to be asked. */
interface AskedHeads {
  readonly classifiers: readonly Classifier[];
  readonly runner: Runner;
  /** Classes that are told. */
  readonly top: number;
}

/** Decodes a photo, or cuts out a face, and asks all heads about its crops at once. */
async function classifySubject(
  { item, path, face }: Subject,
  heads: AskedHeads,
  crops: ClassifyResult['crops'],
  host: Host,
): Promise<ClassifiedPhoto | FailedItem> {
  const { classifiers, runner } = heads;
  return resultOrFailure(item, async () => {
    const { input, remarks } = await preparePhoto(path, classifiers[0], crops, host, face);
    const answer = photoAnswer(item, heads, await runner.run(input), 0, input.shape[0]);
    return { ...answer, ...(face && { face }), ...(remarks.length > 0 && { remarks }) };
  });
}

/** What all heads say of the images `from` to `to` of a batch: means over them. */
const photoAnswer = (
  item: string,
  { classifiers, top }: AskedHeads,
  outputs: Record<string, Tensor>,
  from: number,
  to: number,
): ClassifiedPhoto => ({
  item,
  outputs: Object.fromEntries(
    classifiers.map((classifier) => [
      classifier.head.name,
      answerOf(item, classifier, meanRow(outputs[classifier.head.output], from, to), top),
    ]),
  ),
});

/** The network with the outputs that mean something, each once. */
function forward({ graph, info }: Model): Graph {
  const wanted = new Set(info.heads.map(({ output }) => output));
  return lower({ ...graph, outputs: graph.outputs.filter(({ name }) => wanted.has(name)) });
}

function answerOf(item: string, classifier: Classifier, row: readonly number[], top: number): HeadAnswer {
  const { head } = classifier;
  checkFinite(row, `${item}: output '${head.name}'`, item);
  if (head.kind === 'number') return { kind: 'number', value: row[0] };
  return { kind: 'classes', probabilities: isProbability(classifier), top: ranked(row, head, top) };
}
