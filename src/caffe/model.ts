import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import {
  extentOf,
  type Head,
  type Model,
  type Preprocessing,
  type ResizeFilter,
  type ResizeMode,
  type Shape,
  type Size,
  type Tensor,
} from '../graph/index.ts';
import { readCaffemodel } from './caffemodel.ts';
import type { NetParameter } from './generated/caffe_pb.ts';
import { importNet } from './import.ts';
import { parseLabels } from './labels.ts';
import { readMean } from './mean.ts';
import { caffePreprocessing } from './preprocessing.ts';
import { leftOutText } from './prototxt/message.ts';
import { parsePrototxt } from './prototxt/parse.ts';
import type { State } from './state.ts';
import { upgradeNet } from './upgrade.ts';

/** A file's contents, the name that errors and provenance show, and its SHA-256 in hexadecimal. */
export interface Source<T> {
  readonly name: string;
  readonly content: T;
  readonly sha256?: string;
}

/** Caffe's files for a model, each with its name for errors, and what they do not say. */
export interface CaffeSources {
  readonly prototxt: Source<string>;
  /** Without it the model has zeros for weights. */
  readonly caffemodel?: Source<Uint8Array> | undefined;
  /** A mean image (`.binaryproto`), or one number per channel (or one for all) in the network's channel order. */
  readonly mean?: Source<Uint8Array> | readonly number[] | undefined;
  /** Class names, one a line, or as a list. */
  readonly labels?: Source<string> | readonly string[] | undefined;
  /** The size that photos are resized to; by default the mean image's, or 256 where `crop` is given. */
  readonly resize?: Size | undefined;
  /** How they come to that size; `stretch` unless given, as Caffe does. */
  readonly resizeMode?: ResizeMode | undefined;
  /** OpenCV's bilinear unless given, as Caffe does. */
  readonly resizeFilter?: ResizeFilter | undefined;
  /** The size that is cut out of the resized photo: the network's input size. */
  readonly crop?: Size | undefined;
  /** `bgr` unless given; networks with one channel are `gray`. */
  readonly channels?: Preprocessing['channels'] | undefined;
  /** Multiplied after the mean. */
  readonly scale?: number | undefined;
  /** Which `include` and `exclude` rules hold; the test phase unless given. */
  readonly state?: State | undefined;
  /** N×C×H×W of the input, where the network's files do not say or another size is wanted. */
  readonly inputShape?: readonly number[] | undefined;
  /** What to call the heads, by output: `{ prob: 'gender', fc_age: 'age' }`. */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /** What the network is for: the head that most layers lead to is called so. */
  readonly target?: string | undefined;
  /** Told what the user should know, but what is no error: fields without effect, layers that limn reads otherwise. */
  readonly tell?: ((note: string) => void) | undefined;
  /** The program that converts, with its version: `limn 0.1.0`. */
  readonly converter: string;
}

/**
 * A model from Caffe's files: the graph with its weights, how photos become its input, the labels of its classes, and
 * where it comes from. Errors name the file, and line and column or byte offset: whatever {@link importNet} and the
 * readers refuse, a mean or crop that does not fit the network, labels that fit no head.
 *
 * @example
 * ```ts
 * import { importCaffe, writeOnnx } from 'limn';
 * import { readBytes } from 'limn/node';
 *
 * const folder = 'tests/fixtures/reference/tiny_vgg';
 * const model = importCaffe({
 *   prototxt: { name: 'deploy.prototxt', content: new TextDecoder().decode(await readBytes(`${folder}/deploy.prototxt`)) },
 *   caffemodel: { name: 'weights.caffemodel', content: await readBytes(`${folder}/weights.caffemodel`) },
 *   mean: [104, 117, 123],
 *   converter: 'an example',
 * });
 * console.log(model.graph.nodes.length, writeOnnx(model).bytes.length);
 * ```
 */
export function importCaffe(sources: CaffeSources): Model {
  const { prototxt, caffemodel, state, tell } = sources;
  const net = upgradeNet(
    parsePrototxt(prototxt.content, prototxt.name, (left) => tell?.(leftOutText(left))),
    prototxt.name,
  );
  const inputShape = sources.inputShape ?? croppedShape(net, sources);
  const { graph, info } = importNet(net, prototxt.name, {
    ...(caffemodel && {
      weights: readCaffemodel(caffemodel.content, caffemodel.name),
      weightsFile: caffemodel.name,
    }),
    ...(state && { state }),
    ...(tell && { tell }),
    ...(inputShape && { inputShape }),
  });
  const { resize, resizeMode, resizeFilter, crop, channels, scale } = sources;
  const { mean, meanName } = meanOf(sources.mean);
  const fields = { mean, resize, resizeMode, resizeFilter, crop, channels, scale };
  const preprocessing = caffePreprocessing(net, graph.inputs[0], fields, { file: prototxt.name, meanName });
  // Without weights nobody is going to give it photos.
  if (caffemodel && preprocessing && !saysValues(preprocessing)) tell?.(plainValues(net, preprocessing));
  const shapes = new Map(graph.outputs.map(({ name, shape }) => [name, shape]));
  const heads = labelled(named(info.heads, sources), shapes, sources);
  const provenance = provenanceOf(sources);
  return { graph, info: { ...info, ...(preprocessing && { preprocessing }), heads, provenance } };
}

/** Whether somebody says what becomes of pixel values, if only that nothing does. */
const saysValues = ({ mean, scale }: Preprocessing): boolean => mean !== undefined || scale !== undefined;

/** That values go in as they are, which few networks were trained with, and where the mean is if the file names one. */
function plainValues(net: NetParameter, { channels }: Preprocessing): string {
  const file = net.layer.find(({ transformParam }) => transformParam?.meanFile)?.transformParam?.meanFile;
  const named = file ? ` (the definition names ${quoted(file)})` : '';
  return `nothing says which mean is subtracted: ${channels === 'gray' ? 'gray' : channels.toUpperCase()} from 0 to 255 goes into the network as it is; most of Caffe's were trained with a mean${named}: give its file (.binaryproto) or a number for each channel`;
}

/** A crop says how large the input is where the network itself does not (an Input layer or `input` without a size). */
function croppedShape(net: NetParameter, { crop, channels }: CaffeSources): readonly number[] | undefined {
  const says = net.layer.some(
    ({ inputParam, transformParam, imageDataParam, memoryDataParam, dummyDataParam }) =>
      inputParam?.shape.length ||
      transformParam?.cropSize ||
      imageDataParam?.newHeight ||
      memoryDataParam ||
      dummyDataParam,
  );
  if (crop === undefined || says || net.inputDim.length > 0 || net.inputShape.length > 0) return undefined;
  const { height, width } = extentOf(crop);
  return [1, channels === 'gray' ? 1 : 3, height, width];
}

function meanOf(mean: CaffeSources['mean']): {
  mean?: Tensor<'float32'> | readonly number[];
  meanName?: string;
} {
  if (mean === undefined) return {};
  if (!('content' in mean)) return { mean };
  return { mean: readMean(mean.content, mean.name), meanName: mean.name };
}

/** Heads under the names they are given; the main one is called as the target, or, if it is the only one, `class`. */
function named(heads: readonly Head[], { names = {}, target, prototxt }: CaffeSources): Head[] {
  const unknown = Object.keys(names).find((output) => !heads.some((head) => head.output === output));
  if (unknown !== undefined) {
    const outputs = heads.map((head) => head.output).join(', ');
    fail(prototxt.name, `the network has no output '${unknown}' to name`, `it has ${outputs}`);
  }
  // What a network is about comes first.
  const main = heads.find(({ kind }) => kind === 'classes') ?? heads[0];
  const usual = (head: Head) => {
    if (head === main && target !== undefined) return target;
    return heads.length === 1 && head.kind === 'classes' ? 'class' : head.name;
  };
  return heads.map((head) => ({ ...head, name: names[head.output] ?? usual(head) }));
}

/** Heads with the labels, where they are as many as the classes. */
function labelled(
  heads: readonly Head[],
  shapes: ReadonlyMap<string, Shape>,
  { labels: given }: CaffeSources,
): readonly Head[] {
  if (given === undefined) return heads;
  const file = 'content' in given ? given.name : 'labels';
  const labels = 'content' in given ? parseLabels(given.content, file) : given;
  const count = (head: Head) => shapes.get(head.output)?.[1];
  const fits = (head: Head) => head.kind === 'classes' && count(head) === labels.length;
  if (!heads.some(fits)) {
    const classes = heads
      .filter((head) => head.kind === 'classes')
      .map((head) => `${head.name}: ${count(head)}`);
    const has =
      classes.length > 0 ? `the network has classes ${classes.join(', ')}` : 'the network has no classes';
    fail(file, `${labels.length} labels fit no head`, has);
  }
  return heads.map((head) => (fits(head) ? { ...head, labels } : head));
}

function provenanceOf(sources: CaffeSources): Record<string, string> {
  const entries: [string, string][] = [['converter', sources.converter]];
  for (const role of ['prototxt', 'caffemodel', 'mean', 'labels'] as const) {
    const source = sources[role];
    if (source === undefined || !('content' in source)) continue;
    entries.push([role, source.name]);
    if (source.sha256 !== undefined) entries.push([`${role}.sha256`, source.sha256]);
  }
  return Object.fromEntries(entries);
}
