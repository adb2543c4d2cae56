import type { LayerParameter, NetParameter } from './generated/caffe_pb.ts';
import { netInputs } from './inputs.ts';
import { failMissing } from './refusals.ts';
import { whereOf } from './where.ts';

/** A layer as Caffe lists it, with its number in the list. */
export interface ListedLayer {
  readonly index: number;
  readonly name: string;
  readonly type: string;
  readonly bottoms: readonly string[];
  readonly tops: readonly string[];
}

/** One version of a blob: a layer that writes in place makes a new version of the same name. */
interface Version {
  readonly blob: string;
  /** The layer that makes it, `input` for the network's inputs, and which of its tops it is. */
  readonly producer: string;
  readonly top: number;
  consumers: number;
  taken: number;
}

/**
 * The layers as Caffe numbers them: its own list, after it put a Split layer behind every layer whose output
 * has several consumers. A top with a loss weight counts as consumed by the loss. Input layers are newer than
 * this numbering: they count as the network's inputs, as if declared at its top. Splits of inputs come first.
 * The network must be in V2 format (`upgradeNet`) and for one state (`filterNet`). Errors: a bottom that no
 * layer above makes.
 */
export function caffeLayers(net: NetParameter, file: string): ListedLayer[] {
  const isInput = (layer: LayerParameter) => layer.type === 'Input';
  const names = [
    ...netInputs(net, file).map(({ name }) => name),
    ...net.layer.filter(isInput).flatMap(({ top }) => top),
  ];
  const inputs = names.map((blob, top) => version(blob, 'input', top));
  const layers = linkLayers(
    net.layer.filter((layer) => !isInput(layer)),
    inputs,
    file,
  );
  const list: Omit<ListedLayer, 'index'>[] = inputs.filter(isSplit).map(split);
  for (const { layer, bottoms, tops } of layers) {
    const renamed = bottoms.map((bottom) =>
      isSplit(bottom) ? `${splitName(bottom)}_${bottom.taken++}` : bottom.blob,
    );
    list.push({ name: layer.name, type: layer.type, bottoms: renamed, tops: layer.top });
    for (const top of tops.filter(isSplit)) {
      // The loss takes the first copy.
      if (lossWeight(layer, top.top) !== 0) top.taken++;
      list.push(split(top));
    }
  }
  return list.map((layer, index) => ({ index, ...layer }));
}

interface Linked {
  readonly layer: LayerParameter;
  readonly bottoms: readonly Version[];
  readonly tops: readonly Version[];
}

function linkLayers(layers: readonly LayerParameter[], inputs: readonly Version[], file: string): Linked[] {
  const current = new Map(inputs.map((input) => [input.blob, input]));
  return layers.map((layer) => {
    const bottoms = layer.bottom.map(
      (blob) => current.get(blob) ?? failMissing(layer, blob, whereOf(layer, file)),
    );
    for (const bottom of bottoms) bottom.consumers++;
    const tops = layer.top.map((blob, top) => version(blob, layer.name, top));
    for (const top of tops) {
      current.set(top.blob, top);
      if (lossWeight(layer, top.top) !== 0) top.consumers++;
    }
    return { layer, bottoms, tops };
  });
}

const version = (blob: string, producer: string, top: number): Version => ({
  blob,
  producer,
  top,
  consumers: 0,
  taken: 0,
});

/** Only weights that the file gives: loss layers' default of 1 comes after the splits. */
const lossWeight = (layer: LayerParameter, top: number): number => layer.lossWeight[top] ?? 0;

const isSplit = (version: Version): boolean => version.consumers > 1;

const splitName = ({ blob, producer, top }: Version): string => `${blob}_${producer}_${top}_split`;

const split = (version: Version): Omit<ListedLayer, 'index'> => ({
  name: splitName(version),
  type: 'Split',
  bottoms: [version.blob],
  tops: Array.from({ length: version.consumers }, (_, k) => `${splitName(version)}_${k}`),
});
