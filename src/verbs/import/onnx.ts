import { parseLabels, readMean } from '../../caffe/index.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import {
  fieldsOf,
  type Head,
  type Model,
  type PreprocessingFields,
  preprocessingFor,
  type Shape,
  type Tensor,
} from '../../graph/index.ts';
import { resizeMean } from '../../image/index.ts';
import { infer } from '../../operators/index.ts';
import type { Host } from '../host.ts';
import { converter, sourceNote } from '../model.ts';
import { readFloats } from '../photos.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { type ImportOnnxRequest, importOnnxRequest } from './request.ts';
import { finishImport, type ImportResult } from './result.ts';

/**
 * Makes a self-describing model of any `.onnx` classifier. Errors: the request's, also a field that does not fit the
 * network; an operator that limn does not know; labels that are more or fewer than the classes.
 */
export async function importFromOnnx(
  request: ImportOnnxRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<ImportResult> {
  const {
    model: path,
    output,
    labels,
    mean,
    inputShape,
    ...rest
  } = checkRequest(importOnnxRequest, request, signal);
  host.files.protect([path, mean, labels].filter((each) => typeof each === 'string'));
  await host.files.claim([output]);
  const { model, bytes } = await host.files.readModel(path, { inputShape });
  // Knows every operator, or says which it does not.
  const { shapes } = infer(model.graph);
  const fields = { ...rest, mean: typeof mean === 'string' ? await meanImage(mean, host) : mean };
  const preprocessing = preprocessingWith(model, path, fields, typeof mean === 'string' ? mean : undefined);
  const provenance = { ...model.info.provenance, source: sourceNote(path, bytes, host), converter };
  const complete = { ...model, info: { ...model.info, ...(preprocessing && { preprocessing }), provenance } };
  if (labels === undefined) return finishImport(complete, output, host);
  const [list, file] =
    typeof labels === 'string' ? [await readLabels(labels, host), labels] : [labels, 'labels'];
  return finishImport(withLabels(complete, shapes, list, file), output, host);
}

/** What the fields say, else what the model says, else what its input asks for; nothing of a network without photos. */
function preprocessingWith(
  { graph, info }: Model,
  name: string,
  fields: PreprocessingFields,
  meanName: string | undefined,
) {
  const [input] = graph.inputs;
  const { preprocessing } = info;
  if (!input) return preprocessing;
  const known = preprocessing && fieldsOf(preprocessing);
  const context = { name, order: 'rgb', known, meanName, fitMean: resizeMean } as const;
  return preprocessingFor(input, fields, context) ?? preprocessing;
}

const readLabels = async (path: string, { files }: Host): Promise<readonly string[]> =>
  parseLabels(await readText(files, path, 'a list of class names'), path);

async function meanImage(path: string, host: Host): Promise<Tensor<'float32'>> {
  const mean = /\.npy$/i.test(path)
    ? await readFloats(path, host)
    : readMean(await host.files.read(path), path);
  const bad = mean.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail(path, `element ${bad} is ${mean.data[bad]}`);
  return mean.shape.length === 4 && mean.shape[0] === 1 ? { ...mean, shape: mean.shape.slice(1) } : mean;
}

/** The model with labels for every output of as many classes. Errors: the first has another number. */
function withLabels(
  model: Model,
  shapes: ReadonlyMap<string, Shape>,
  labels: readonly string[],
  file: string,
): Model {
  const classesOf = (head: Head) => (head.kind === 'classes' ? shapes.get(head.output)?.[1] : undefined);
  const main = model.info.heads.find((head) => head.kind === 'classes');
  if (!main) return fail(file, 'the network has no output of classes to label');
  if (classesOf(main) !== labels.length) {
    fail(
      file,
      `${labels.length} names for the ${classesOf(main)} classes of output '${main.name}'`,
      'one a line',
    );
  }
  const heads = model.info.heads.map((head) =>
    classesOf(head) === labels.length ? { ...head, labels } : head,
  );
  return { ...model, info: { ...model.info, heads } };
}
