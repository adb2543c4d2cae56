import type { LayerWeights } from '../caffe/index.ts';
import type { Parameter } from '../caffe/training/net.ts';
import { sameBlobShape } from '../caffe/weights.ts';
import { fail } from '../common/error.ts';
import { fill, streamOf } from './fillers/index.ts';

/** Trained weights to copy from. */
export interface TrainedWeights {
  /** The file, for errors and reports. */
  readonly name: string;
  /** Blobs by layer name, in the file's order. */
  readonly weights: ReadonlyMap<string, LayerWeights>;
}

/** A layer and the source that it was, or was not, copied from. */
export interface Copied {
  readonly layer: string;
  readonly from: string;
}

/** What a training begins with, and where it came from. */
export interface InitialWeights {
  /** By parameter; nobody else holds this memory. */
  readonly weights: Map<string, Float32Array>;
  /** Layers that have their weights from a source: the last that has them. */
  readonly copied: readonly Copied[];
  /** Layers that start from their fillers. */
  readonly fresh: readonly string[];
  /** Layers of sources that the network does not have. */
  readonly ignored: readonly Copied[];
}

/**
 * What a network starts from, as Caffe does it: every parameter is filled anew, then the sources are copied over, one
 * after the other, layer by layer of the same name and all blobs of a layer. Fillers' numbers follow from the seed and
 * the place of the blob alone. `file` names the network in errors: fillers that are wrong; a layer in a source with
 * other blobs than the network's, or values that are not finite.
 */
export function initialWeights(
  parameters: readonly Parameter[],
  sources: readonly TrainedWeights[],
  { seed, file }: { readonly seed: number; readonly file: string },
): InitialWeights {
  const layers = blobsOf(parameters);
  const from = new Map<string, string>();
  const found = new Map<Parameter, Float32Array>();
  const ignored: Copied[] = [];
  for (const { name, weights } of sources) {
    for (const [layer, { blobs }] of weights) {
      const wanted = layers.get(layer);
      if (!wanted) {
        ignored.push({ layer, from: name });
        continue;
      }
      checkFit(blobs, wanted, { source: name, layer, file });
      for (const [i, parameter] of wanted.entries()) found.set(parameter, blobs[i].data);
      from.set(layer, name);
    }
  }
  const weights = parameters.map((parameter): [string, Float32Array] => {
    const copy = found.get(parameter)?.slice();
    return [parameter.name, copy ?? filled(parameter, seed, file)];
  });
  const copied = [...layers.keys()].flatMap((layer) => {
    const source = from.get(layer);
    return source === undefined ? [] : [{ layer, from: source }];
  });
  // One that shares the weights of a copied layer has them too.
  const fresh = [...layers].flatMap(([layer, own]) => (own.some((each) => found.has(each)) ? [] : [layer]));
  return { weights: new Map(weights), copied, fresh, ignored };
}

/** Which layers were copied, which start fresh and which were ignored, a line each. */
export function describeInitial({ copied, fresh, ignored }: InitialWeights): string {
  const lines: string[] = [];
  const bySource = (verb: string, list: readonly Copied[]) => {
    for (const source of new Set(list.map(({ from }) => from))) {
      const layers = list.filter(({ from }) => from === source).map(({ layer }) => layer);
      lines.push(`${verb} ${source}: ${layers.join(', ')}`);
    }
  };
  bySource('copied from', copied);
  if (fresh.length > 0) lines.push(`filled anew: ${fresh.join(', ')}`);
  bySource('not in the network, of', ignored);
  return lines.map((line) => `${line}\n`).join('');
}

/** The parameters that are each layer's blobs, in Caffe's order. */
function blobsOf(parameters: readonly Parameter[]): Map<string, Parameter[]> {
  const layers = new Map<string, Parameter[]>();
  for (const parameter of parameters) {
    for (const { layer, blob } of parameter.blobs) {
      const own = layers.get(layer) ?? [];
      layers.set(layer, own);
      own[blob] = parameter;
    }
  }
  return layers;
}

function filled({ blobs, shape, filler }: Parameter, seed: number, file: string): Float32Array {
  const [{ layer, blob }] = blobs;
  return fill(shape, filler, seed, streamOf(layer, blob), `${file}: layer '${layer}': blob ${blob}`);
}

function checkFit(
  blobs: LayerWeights['blobs'],
  wanted: readonly Parameter[],
  { source, layer, file }: { source: string; layer: string; file: string },
): void {
  const where = `${source}: layer '${layer}'`;
  const fix = `rename the layer in ${file}: it starts from its filler then`;
  if (blobs.length !== wanted.length) {
    fail(where, `it has ${blobs.length} blobs, the network's has ${wanted.length}`, fix);
  }
  for (const [i, { shape, data }] of blobs.entries()) {
    if (!sameBlobShape(shape, wanted[i].shape)) {
      fail(`${where}: blob ${i}`, `it is [${shape}], the network's is [${wanted[i].shape}]`, fix);
    }
    const bad = data.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) {
      fail(`${where}: blob ${i}`, `it holds ${data[bad]} at element ${bad}`, 'take other weights');
    }
  }
}
