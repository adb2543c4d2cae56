import { type ResizeFilter, type ResizeMode, resizeFilters, resizeModes } from '../../graph/info.ts';
import { type Command, Option, parseNumber, parseSize } from '../command.ts';
import { usage } from '../errors.ts';

/** What an imported model shall know about its photos and classes. */
export interface PreprocessingOptions extends ResizeOptions {
  readonly resize?: { readonly height: number; readonly width: number };
  readonly crop?: { readonly height: number; readonly width: number };
  readonly channels?: 'bgr' | 'rgb' | 'gray';
  readonly mean?: string;
  readonly scale?: number;
  readonly std?: string;
  readonly labels?: string;
}

/** How photos come to the size that `--resize` says. */
export interface ResizeOptions {
  readonly resizeMode?: ResizeMode;
  readonly resizeFilter?: ResizeFilter;
}

export function withResizeOptions(given: Command): Command {
  return given
    .addOption(
      new Option(
        '--resize-mode <mode>',
        'stretch, cover with the shorter side, pad with black, or with the border repeated',
      ).choices(resizeModes),
    )
    .addOption(
      new Option(
        '--resize-filter <name>',
        "as Pillow resizes; OpenCV's bilinear, as Caffe, unless given",
      ).choices(resizeFilters),
    );
}

export function withPreprocessingOptions(given: Command): Command {
  return withResizeOptions(
    given.option('--resize <size>', 'resize photos to this: 256, or 256x320 for height and width', parseSize),
  )
    .option('--crop <size>', "cut this from the middle; the network's input size unless given", parseSize)
    .addOption(new Option('--channels <order>', 'as the network takes them').choices(['bgr', 'rgb', 'gray']))
    .option('--mean <file|numbers>', 'subtracted: numbers for the channels, or a .binaryproto or .npy image')
    .option('--scale <factor>', 'multiplied after the mean', parseNumber())
    .option('--std <numbers>', 'divided by, one for all channels or one each', (text) => text)
    .option('--labels <file>', 'names of the classes, one a line');
}

/** What a request says of the preparation, from these options. */
export async function preparationOf<T extends PreprocessingOptions>({ mean, std, ...rest }: T) {
  return {
    ...rest,
    mean: await meanOf(mean),
    std: std === undefined ? undefined : await numbersIn('--std', std),
  };
}

/** `--mean`: a file's path, or numbers. */
export async function meanOf(text: string | undefined): Promise<string | readonly number[] | undefined> {
  return text !== undefined && /^[-+\d.,eE\s]+$/.test(text) ? numbersIn('--mean', text) : text;
}

/** An option's numbers, with commas. */
export async function numbersIn(option: string, text: string): Promise<readonly number[]> {
  const { parseMeanValues } = await import('../../caffe/mean.ts');
  return usage(() => parseMeanValues(text, option));
}
