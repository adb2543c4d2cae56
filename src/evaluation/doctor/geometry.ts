import { float32, type Preprocessing, type ResizeMode, type Tensor } from '../../graph/index.ts';
import { resizeMean } from '../../image/index.ts';
import type { Setup, SetupVariant } from './setup.ts';

interface Size {
  readonly height: number;
  readonly width: number;
}

const modes: readonly ResizeMode[] = ['stretch', 'shorter-side', 'pad'];

const words: Readonly<Record<ResizeMode, string>> = {
  stretch: 'stretched',
  'shorter-side': 'resized by their shorter side',
  pad: 'padded to a square',
  replicate: 'padded to a square with their border repeated',
};

/**
 * Other ways to bring photos to a network's input size: stretched, by the shorter side or padded, to that size or to
 * one from which the middle is cut (256 for 224). None where the input's size is free; of `squares` all modes are the
 * same.
 */
export function geometries(setup: Setup, squares: boolean): SetupVariant[] {
  const { how } = setup;
  const input = inputSize(setup);
  if (!input) return [];
  const larger = { height: uncropped(input.height), width: uncropped(input.width) };
  const current = how.resize;
  const mode = current?.mode ?? 'stretch';
  const sizes = [current, input, larger].filter(
    (size): size is NonNullable<typeof size> => size !== undefined,
  );
  const seen = new Set(current ? [keyOf(current, mode)] : []);
  const variants: SetupVariant[] = [];
  for (const size of sizes) {
    for (const each of squares ? [mode] : modes) {
      const key = keyOf(size, each);
      if (seen.has(key)) continue;
      seen.add(key);
      const sameSize = current && keyOf(size, '') === keyOf(current, '');
      const resize = { height: size.height, width: size.width, mode: each };
      const cut =
        keyOf(size, '') === keyOf(input, '') ? 'whole' : `cropped from ${size.height}×${size.width}`;
      variants.push({
        kind: each === mode ? 'crop' : 'resize',
        what:
          each === mode
            ? `the network takes photos ${cut}`
            : `the network takes photos ${words[each]}, not ${words[mode]}${sameSize ? '' : `, and ${cut}`}`,
        changes: Number(each !== mode) + Number(!sameSize),
        setup: { ...setup, how: { ...how, resize, crop: input, ...meanFor(how, resize, input) } },
      });
    }
  }
  return variants;
}

/** Height and width of a network's input as its preparation makes it. */
export function inputSize({ how, graph }: Setup): Size | undefined {
  if (how.crop) return how.crop;
  if (how.resize) return { height: how.resize.height, width: how.resize.width };
  const [, , height, width] = graph.inputs[0]?.shape ?? [];
  return typeof height === 'number' && typeof width === 'number' ? { height, width } : undefined;
}

/** What photos are usually resized to before so much is cut out of them: 256 for 224 and 227. */
const uncropped = (side: number): number => (side >= 200 && side < 256 ? 256 : Math.round((side * 8) / 7));

const keyOf = ({ height, width }: Size, mode: string): string => `${height}×${width} ${mode}`;

/** A mean image belongs to the resized photo; of photos that keep their shape only its middle is sure to fit. */
function meanFor(
  how: Preprocessing,
  resize: NonNullable<Preprocessing['resize']>,
  input: Size,
): Pick<Preprocessing, 'mean'> {
  const { mean } = how;
  if (!mean || !('data' in mean) || !how.resize) return {};
  const belongs = mean.shape[1] === how.resize.height && mean.shape[2] === how.resize.width;
  if (!belongs) return {};
  const whole = resizeMean(mean, resize.height, resize.width);
  return { mean: resize.mode === 'shorter-side' ? middle(whole, input) : whole };
}

function middle(mean: Tensor<'float32'>, { height, width }: Size): Tensor<'float32'> {
  const [channels, h, w] = mean.shape;
  const top = Math.floor((h - height) / 2);
  const left = Math.floor((w - width) / 2);
  const data = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const from = (c * h + top + y) * w + left;
      data.set(mean.data.subarray(from, from + width), (c * height + y) * width);
    }
  }
  return float32([channels, height, width], data);
}
