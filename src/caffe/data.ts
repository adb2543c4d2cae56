import { fail } from '../common/error.ts';
import { field, words } from '../common/words.ts';
import type { ValueInfo } from '../graph/index.ts';
import { dimensions } from './blob.ts';
import type { LayerParameter, NetParameter } from './generated/caffe_pb.ts';
import { netInputs } from './inputs.ts';
import { inputTypes } from './layers/table.ts';
import { whereOf } from './where.ts';

/** An input of a network as its file declares it. */
export interface DataInput {
  readonly name: string;
  readonly shape: readonly number[] | undefined;
  readonly where: string;
}

/**
 * The graph inputs of a network that some layer takes (`taken`): declared at its top, by Input layers, or the first
 * top of its data layers (labels are left out). The batch is free. A data layer's photos are as large as it crops or
 * resizes them; `given` N×C×H×W takes precedence for the first input. `stages` are those of layers that may bring data.
 * Errors: no input, or one whose size nobody says.
 */
export function dataInputs(
  net: NetParameter,
  file: string,
  taken: ReadonlySet<string>,
  given?: readonly number[],
  stages: readonly string[] = [],
): ValueInfo[] {
  const declared = netInputs(net, file).map((input) => ({
    ...input,
    where: `${file}: input '${input.name}'`,
  }));
  const layers = net.layer
    .filter((layer) => inputTypes.has(layer.type))
    .flatMap((layer) => layerInputs(layer, file));
  const inputs: DataInput[] = [...declared, ...layers];
  if (inputs.length === 0) {
    const [bare] = undeclaredInputs(net, taken);
    const declare = 'declare one with input, or an Input or data layer';
    const fix =
      stages.length > 0
        ? words`give ${field('stage')}: ${stages.join(' or ')}`
        : bare !== undefined
          ? words`give ${field('inputShape')} of '${bare}', or ${declare}`
          : declare;
    fail(file, 'the network has no input', fix);
  }
  return inputs
    .filter((input) => taken.has(input.name))
    .map((input, i) => inputOf({ ...input, shape: (i === 0 ? given : undefined) ?? input.shape }, 'float32'));
}

/** The stages in which layers may bring data. */
export const stagesOf = ({ layer }: NetParameter): string[] => [
  ...new Set(
    layer
      .filter(({ bottom }) => bottom.length === 0)
      .flatMap(({ include }) => include.flatMap(({ stage }) => stage)),
  ),
];

/**
 * What a network without inputs is fed with, though its file does not say so: the one blob that nothing makes, of those
 * that are `taken`; the others, which only losses and measures take, after it. None where it is not one.
 */
export function undeclaredInputs(net: NetParameter, taken: ReadonlySet<string>): string[] {
  if (net.input.length > 0 || net.layer.some(({ type }) => inputTypes.has(type))) return [];
  const made = new Set(net.layer.flatMap(({ top }) => top));
  const unmade = new Set(net.layer.flatMap(({ bottom }) => bottom).filter((blob) => !made.has(blob)));
  const [name, ...others] = [...unmade].filter((blob) => taken.has(blob));
  return name !== undefined && others.length === 0 ? [...new Set([name, ...unmade])] : [];
}

/** The graph's input, with the batch free. Errors: a shape that nobody gives, or an impossible one. */
export function inputOf({ name, shape, where }: DataInput, type: 'float32' | 'int64'): ValueInfo {
  const dims = shape ?? fail(where, 'its size is not known', words`give ${field('inputShape')}: N×C×H×W`);
  if (dims.length === 0 || dims.slice(1).some((dim) => dim < 1)) {
    fail(where, `an input cannot have the shape ${dims.join('×') || '()'}`);
  }
  return { name, type, shape: ['N', ...dims.slice(1)] };
}

/** What an input layer brings, besides labels. */
export function layerInputs(layer: LayerParameter, file: string): DataInput[] {
  const where = whereOf(layer, file);
  if (layer.top.length === 0) fail(where, 'it has no top');
  if (layer.type === 'Input' || layer.type === 'DummyData') {
    const shapes = declaredShapes(layer, where);
    if (shapes.length > 1 && shapes.length !== layer.top.length) {
      fail(where, `${shapes.length} shapes for ${layer.top.length} tops`, 'give one for all, or one each');
    }
    return layer.top.map((name, i) => ({ name, shape: shapes[i] ?? shapes[0], where }));
  }
  return [{ name: layer.top[0], shape: photoShape(layer), where }];
}

function declaredShapes({ inputParam, dummyDataParam: dummy }: LayerParameter, where: string): number[][] {
  const shapes = (inputParam?.shape ?? dummy?.shape ?? []).map((shape) => dimensions(shape, where));
  if (shapes.length > 0 || !dummy) return shapes;
  return dummy.num.map((num, i) =>
    [[num], dummy.channels, dummy.height, dummy.width].map((list) => list[i] ?? list[0] ?? 0),
  );
}

/** 1×C×H×W of what a layer that reads photos makes; undefined where the photos themselves decide. */
function photoShape(layer: LayerParameter): number[] | undefined {
  const { transformParam: transform, imageDataParam: images, memoryDataParam: memory } = layer;
  if (layer.type === 'HDF5Data') return undefined;
  const crop = transform?.cropSize;
  const height = crop || images?.newHeight || memory?.height;
  const width = crop || images?.newWidth || memory?.width;
  const gray = transform?.forceGray || images?.isColor === false;
  const channels = memory?.channels ?? (gray ? 1 : 3);
  return height && width ? [1, channels, height, width] : undefined;
}
