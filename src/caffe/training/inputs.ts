import { fail } from '../../common/error.ts';
import type { ValueInfo } from '../../graph/index.ts';
import { inputOf, layerInputs } from '../data.ts';
import type { LayerParameter, NetParameter } from '../generated/caffe_pb.ts';
import { netInputs } from '../inputs.ts';
import { inputTypes } from '../layers/table.ts';
import { whereOf } from '../where.ts';
import { labelTypes } from './loss.ts';
import type { DataTop } from './net.ts';

/** Layers that read pictures with labels; others are inputs that the caller feeds. */
const readingTypes: ReadonlySet<string> = new Set(['Data', 'ImageData']);

/**
 * The inputs of a network for training, and the data layers among them. `shapes` says how large the pictures of a data
 * layer are, C×H×W, by its name, where the file does not. Labels of data layers are int64 [N], and other inputs are
 * int64 where losses or measures take them as classes. `stages` are those of layers that may bring data. Errors: no input, a size that nobody says, no batch_size.
 */
export function trainingInputs(
  net: NetParameter,
  file: string,
  shapes: ReadonlyMap<string, readonly number[]> = new Map(),
  stages: readonly string[] = [],
): { readonly inputs: readonly ValueInfo[]; readonly data: readonly DataTop[] } {
  const classes = labelBlobs(net);
  const typeOf = (name: string) => (classes.has(name) ? 'int64' : 'float32');
  const declared = netInputs(net, file).map((input) =>
    inputOf({ ...input, where: `${file}: input '${input.name}'` }, typeOf(input.name)),
  );
  const taken = new Set(net.layer.flatMap(({ bottom }) => bottom));
  const data: DataTop[] = [];
  const inputs = net.layer
    .filter((layer) => inputTypes.has(layer.type))
    .flatMap((layer): ValueInfo[] => {
      const where = whereOf(layer, file);
      const given = shapes.get(layer.name);
      const pictures = layerInputs(layer, file).map((input, i) =>
        i === 0 && given ? { ...input, shape: [1, ...given] } : input,
      );
      // What no layer takes needs no size.
      const named = pictures
        .filter(({ name, shape }) => shape || taken.has(name) || readingTypes.has(layer.type))
        .map((input) => inputOf(input, typeOf(input.name)));
      if (layer.type === 'Input' || layer.type === 'DummyData') return named;
      if (layer.top.length > 2)
        fail(where, `it has ${layer.top.length} tops`, 'pictures and labels are supported');
      const label = layer.top[1];
      if (readingTypes.has(layer.type)) {
        data.push({ layer, where, data: layer.top[0], label, batchSize: batchSizeOf(layer, where) });
      }
      return label === undefined ? named : [...named, { name: label, type: 'int64', shape: ['N'] }];
    });
  if (declared.length + inputs.length === 0) {
    const fix =
      stages.length > 0
        ? `layers bring data in the stages ${stages.join(', ')}; name one in the solver, as test_state: { stage: "${stages[0]}" }`
        : 'declare one with a data layer, or input';
    fail(file, 'the network has no input', fix);
  }
  return { inputs: [...declared, ...inputs], data };
}

/** Layers that hand on what they get, in other shapes. */
const movingTypes: ReadonlySet<string> = new Set(['Concat', 'Flatten', 'Reshape', 'Slice', 'Split']);

/** The blobs that losses and measures take as classes, and those that such blobs are cut from. */
function labelBlobs(net: NetParameter): ReadonlySet<string> {
  const blobs = new Set<string>();
  for (const { type, bottom, top } of [...net.layer].reverse()) {
    if (labelTypes.has(type) && bottom[1] !== undefined) blobs.add(bottom[1]);
    if (movingTypes.has(type) && top.some((name) => blobs.has(name)))
      for (const name of bottom) blobs.add(name);
  }
  return blobs;
}

function batchSizeOf({ dataParam, imageDataParam }: LayerParameter, where: string): number {
  const size = dataParam?.batchSize ?? imageDataParam?.batchSize ?? 0;
  return size > 0 ? size : fail(where, 'batch_size is missing', 'say how many images make a batch');
}
