import { fail, failRequest } from '../common/error.ts';
import { readBytes, readText } from '../common/file.node.ts';
import { short } from '../common/format.ts';
import type { Graph, Head, Model, Preprocessing, Shape, Tensor } from '../graph/index.ts';
import { type Command, extent, number, Option } from './command.ts';
import { usage } from './errors.ts';
import { readFloats } from './tensors.ts';

/** What an imported model shall know about its photos and classes. */
export interface PreprocessingOptions {
  readonly resize?: { readonly height: number; readonly width: number };
  readonly resizeMode?: 'stretch' | 'shorter-side' | 'pad';
  readonly crop?: { readonly height: number; readonly width: number };
  readonly channels?: 'bgr' | 'rgb' | 'gray';
  readonly mean?: string;
  readonly scale?: number;
  readonly std?: string;
  readonly labels?: string;
}

export function withPreprocessingOptions(given: Command): Command {
  return given
    .option('--resize <size>', 'resize photos to this: 256, or 256x320 for height and width', extent)
    .addOption(
      new Option('--resize-mode <mode>', 'stretch, cover with the shorter side, or pad with black').choices([
        'stretch',
        'shorter-side',
        'pad',
      ]),
    )
    .option('--crop <size>', "cut this from the middle; the network's input size unless given", extent)
    .addOption(new Option('--channels <order>', 'as the network takes them').choices(['bgr', 'rgb', 'gray']))
    .option('--mean <file|numbers>', 'subtracted: numbers for the channels, or a .binaryproto or .npy image')
    .option('--scale <factor>', 'multiplied after the mean', number())
    .option('--std <numbers>', 'divided by, one for all channels or one each', (text) => text)
    .option('--labels <file>', 'names of the classes, one a line');
}

/**
 * How photos are prepared: what the options say, else what is `known`, else what the network's input asks for. Nothing
 * for a network that takes no photos, unless options say how.
 */
export async function preprocessingOf(
  graph: Graph,
  path: string,
  options: PreprocessingOptions,
  known: Preprocessing | undefined,
): Promise<Preprocessing | undefined> {
  const [input] = graph.inputs;
  const shape: Shape = input?.shape ?? [];
  const [, depth, height, width] = shape;
  if (shape.length !== 4 || (depth !== 1 && depth !== 3)) {
    const given = flags.find((flag) => options[flag] !== undefined);
    return given
      ? failRequest(`--${given}`, `${path} takes [${shape}], not photos of 3 channels or 1`, 'leave it out')
      : known;
  }
  const size = typeof height === 'number' && typeof width === 'number' ? { height, width } : undefined;
  const channels = options.channels ?? known?.channels ?? (depth === 1 ? 'gray' : 'rgb');
  if ((channels === 'gray') !== (depth === 1))
    failRequest('--channels', `${channels} for an input of ${depth} channels`);

  const mean = options.mean === undefined ? known?.mean : await meanOf(options.mean, depth);
  const image = isImage(mean) ? { height: mean.shape[1]!, width: mean.shape[2]! } : undefined;
  const target = options.resize ?? known?.resize ?? image ?? size;
  const mode = options.resizeMode ?? known?.resize?.mode ?? 'stretch';
  const crop = options.crop ?? known?.crop ?? size;
  if (size && crop && (crop.height !== size.height || crop.width !== size.width)) {
    failRequest('--crop', `${crop.height}×${crop.width}, the network takes ${size.height}×${size.width}`);
  }
  if (target && crop && (crop.height > target.height || crop.width > target.width)) {
    failRequest(
      '--resize',
      `${target.height}×${target.width} is less than the crop, ${crop.height}×${crop.width}`,
    );
  }
  const std = options.std === undefined ? known?.std : await numbersOf('--std', options.std, depth);
  if (std?.includes(0)) failRequest('--std', 'one of its numbers is 0');
  refuseFractions(mean, std);
  const { resizeMean } = await import('../image/preprocess.ts');
  // Before the crop the mean belongs to the resized photo, whatever its size was.
  const fitted = isImage(mean) && target ? resizeMean(mean, target.height, target.width) : mean;
  return {
    ...(target && { resize: { ...target, mode } }),
    ...(crop && { crop }),
    channels,
    ...(fitted !== undefined && { mean: image && sameSize(image, target) ? mean : fitted }),
    ...defined('scale', options.scale ?? known?.scale),
    ...defined('std', std),
  };
}

const flags = ['resize', 'crop', 'channels', 'mean', 'scale', 'std'] as const;

/** The model with labels from a file for every output of as many classes. Errors: the first has another number. */
export async function withLabels(
  model: Model,
  shapes: ReadonlyMap<string, Shape>,
  file?: string,
): Promise<Model> {
  if (file === undefined) return model;
  const { parseLabels } = await import('../caffe/labels.ts');
  const labels = parseLabels(await readText(file, 'a list of class names'), file);
  const classesOf = (head: Head) => (head.kind === 'classes' ? shapes.get(head.output)?.[1] : undefined);
  const main = model.info.heads.find((head) => head.kind === 'classes');
  if (!main) fail(file, 'the network has no output of classes to label');
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

async function meanOf(text: string, channels: number): Promise<readonly number[] | Tensor<'float32'>> {
  if (/^[-+\d.,eE\s]+$/.test(text)) return numbersOf('--mean', text, channels);
  const { readMean } = await import('../caffe/index.ts');
  const mean = /\.npy$/i.test(text) ? await readFloats(text) : readMean(await readBytes(text), text);
  const shape = mean.shape.length === 4 && mean.shape[0] === 1 ? mean.shape.slice(1) : mean.shape;
  if (shape.length !== 3 || shape[0] !== channels) {
    fail(text, `a mean image of [${mean.shape}] for an input of ${channels} channels`);
  }
  const bad = mean.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail(text, `element ${bad} is ${mean.data[bad]}`);
  return { ...mean, shape };
}

async function numbersOf(option: string, text: string, channels: number): Promise<number[]> {
  const { parseMeanValues } = await import('../caffe/mean.ts');
  const values = usage(() => parseMeanValues(text, option));
  if (values.length !== 1 && values.length !== channels) {
    failRequest(option, `${values.length} numbers for ${channels} channels`);
  }
  return Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c]!);
}

/** PyTorch states these numbers for pixels from 0 to 1; limn takes them for pixels from 0 to 255. */
function refuseFractions(mean: Preprocessing['mean'], std: readonly number[] | undefined): void {
  if (!mean || isImage(mean) || !std) return;
  const fractions = [...mean, ...std].every((x) => x >= 0 && x < 1) && mean.some((x) => x > 0);
  if (!fractions) return;
  const whole = (values: readonly number[]) => values.map((x) => short(x * 255)).join(',');
  failRequest(
    '--mean',
    'these are for pixels from 0 to 1',
    `from 0 to 255: --mean ${whole(mean)} --std ${whole(std)}`,
  );
}

const isImage = (mean: Preprocessing['mean']): mean is Tensor<'float32'> =>
  mean !== undefined && 'data' in mean;

const sameSize = (
  a: { height: number; width: number },
  b: { height: number; width: number } | undefined,
): boolean => a.height === b?.height && a.width === b.width;

const defined = <K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: T });
