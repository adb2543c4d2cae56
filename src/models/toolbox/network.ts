import { fail } from '../../common/error.ts';
import { float32, type Graph } from '../../graph/index.ts';
import { TfBuilder } from '../tfjs/builder.ts';
import type { TfValue } from '../tfjs/values.ts';
import type { TfWindow } from '../tfjs/windows.ts';
import type { ToolboxLayer } from './layer.ts';
import { readToolboxObjects } from './objects.ts';
import { parseToolboxText } from './text.ts';

/** What the file of a network leaves open. */
export interface ToolboxNetworkOptions {
  /** N×H×W×C: what photos are brought to; see {@link readToolboxNetwork}. */
  readonly inputShape?: readonly number[] | undefined;
}

/**
 * A network of the LRP Toolbox's Python or MATLAB modules, in ONNX's operators, images N×C×H×W: of their text, or of the bytes of a
 * pickle of the Python modules (`.nn`), of which nothing is run. `SumPool` is what the modules compute: the sum over a window divided
 * by the root of its size.
 *
 * The file does not say how large images are. Unless given, that is the smallest image from which one place is left behind the
 * convolutions, or as many as a `Linear` behind them takes; vectors, of a network that begins with `Linear`, are square images of
 * one channel, as the toolbox draws them, else one row. Errors name the file, and the line or layer.
 */
export function readToolboxNetwork(
  { name, content }: { readonly name: string; readonly content: string | Uint8Array },
  { inputShape }: ToolboxNetworkOptions = {},
): Graph {
  const layers =
    typeof content === 'string' ? parseToolboxText(content, name) : readToolboxObjects(content, name);
  if (layers.length === 0) fail(name, 'there are no layers in it');
  const [, height, width, channels] = inputShape ?? [1, ...usualInput(layers, name)];
  const b = new TfBuilder('lrp-toolbox', name);
  b.layer('input');
  let value = b.input('data', ['N', height, width, channels]);
  for (const [i, layer] of layers.entries()) {
    b.layer(`${layer.type}-${i}`);
    value = convertLayer(b, layer, value, i === 0);
  }
  if (value.shape.length !== 2) value = b.flatten(value);
  return b.build([value]);
}

function convertLayer(
  b: TfBuilder,
  { type, sizes, where, weight, bias }: ToolboxLayer,
  x: TfValue,
  isFirst: boolean,
): TfValue {
  const windows = (strides: readonly number[]): TfWindow => ({
    strides: [strides[0], strides[1]],
    padding: 'valid',
  });
  const size = [sizes[0], sizes[1]] as const;
  const channels = x.shape.at(-1);
  switch (type) {
    case 'Linear': {
      const flat = isFirst ? b.flatten(x) : x;
      if (flat.shape.length !== 2)
        fail(where, `it takes vectors, not [${x.shape}]`, 'Flatten goes before it');
      if (flat.shape[1] !== sizes[0]) fail(where, `it takes ${sizes[0]} numbers, not ${flat.shape[1]}`);
      return b.dense(flat, weight!, bias);
    }
    case 'Convolution':
      if (channels !== sizes[2]) fail(where, `it takes ${sizes[2]} channels, not ${channels}`);
      return b.conv(x, weight!, bias, windows(sizes.slice(4)));
    case 'MaxPool':
      return b.pool('MaxPool', x, size, windows(sizes.slice(2)));
    case 'SumPool': {
      const mean = b.pool('AveragePool', x, size, windows(sizes.slice(2)));
      return b.binary('Mul', mean, float32([], [Math.sqrt(size[0] * size[1])]));
    }
    case 'Flatten':
      return x.shape.length === 2 ? x : b.flatten(x);
    case 'SoftMax':
      return b.softmax(x.shape.length === 2 ? x : b.flatten(x));
    default:
      return b.elementwise(type === 'Tanh' ? 'Tanh' : 'Relu', x);
  }
}

/** Height, width and channels that the text leaves open. */
function usualInput(layers: readonly ToolboxLayer[], file: string): readonly [number, number, number] {
  const end = layers.findIndex(({ type }) => type === 'Linear');
  const before = layers.slice(0, end < 0 ? layers.length : end);
  const filters = before.filter(({ type }) => type === 'Convolution');
  const places = (total: number, channels: number): readonly [number, number] => {
    const side = Math.round(Math.sqrt(total / channels));
    return side * side * channels === total ? [side, side] : [1, total / channels];
  };
  const [first] = filters;
  if (!first) {
    const [total] = layers[end]?.sizes ?? fail(file, 'it does not say what it takes', 'give its input shape');
    return [...places(total, 1), 1];
  }
  const depth = filters.at(-1)!.sizes[3];
  let [height, width] = end < 0 ? [1, 1] : places(layers[end].sizes[0], depth);
  if (!Number.isInteger(width))
    fail(file, `${layers[end].sizes[0]} inputs of Linear are not of ${depth} channels`);
  for (const { type, sizes } of [...before].reverse()) {
    const [rows, columns] = type === 'Convolution' ? sizes.slice(4) : sizes.slice(2);
    if (rows === undefined) continue;
    height = (height - 1) * rows + sizes[0];
    width = (width - 1) * columns + sizes[1];
  }
  return [height, width, first.sizes[2]];
}
