import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importNet, parsePrototxt, readCaffemodel, upgradeNet } from '../src/caffe/index.ts';
import type { Model, Tensor } from '../src/graph/index.ts';
import { readNpy } from '../src/image/index.ts';

/** One relevance computation of the original, as its manifest lists it. */
export interface ReferenceCase {
  readonly case: string;
  readonly formula: number;
  readonly epsilon: number;
  readonly beta: number;
  readonly lrn_backward: 'taylor' | 'identity';
  readonly flat_or_w2_up_to_layer: number;
  /** The class explained, one per image. */
  readonly classes: readonly number[];
  readonly mean_values_bgr?: readonly number[];
  /** Given where there is relevance layer by layer. */
  readonly initial_relevance_blob?: string;
}

export interface ReferenceManifest {
  readonly net: string;
  readonly layers: readonly {
    readonly index: number;
    readonly name: string;
    readonly type: string;
    readonly bottoms: readonly string[];
    readonly tops: readonly string[];
  }[];
  readonly cases: readonly ReferenceCase[];
}

/** A network with outputs of the original: `dir` holds input.npy, activations/ and relevance/. */
export interface ReferenceNet {
  readonly name: string;
  readonly dir: string;
  readonly prototxt: string;
  readonly caffemodel: string;
  /** No layers and no cases where only activations are stored. */
  readonly manifest: ReferenceManifest;
}

const sharedRoot = fileURLToPath(new URL('../../shared/', import.meta.url));
const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));
const root = existsSync(sharedRoot) ? sharedRoot : fixtures;

/** Where a net's files lie that do not lie beside its outputs. */
const elsewhere: Readonly<Record<string, readonly [prototxt: string, caffemodel: string]>> = {
  googlenet_cat: ['models/bvlc_googlenet_deploy.prototxt', 'models/bvlc_googlenet.caffemodel'],
  squeezenet_cat: ['models/squeezenet_v1.1_deploy.prototxt', 'models/squeezenet_v1.1.caffemodel'],
};

/** The reference networks: all where ../shared is present, otherwise the trimmed fixtures, in the same layout. */
export function referenceNets(): ReferenceNet[] {
  return readdirSync(`${root}reference`)
    .sort()
    .map((name) => {
      const dir = `${root}reference/${name}/`;
      const [prototxt, caffemodel] = elsewhere[name]?.map((path) => root + path) ?? [
        `${dir}deploy.prototxt`,
        `${dir}weights.caffemodel`,
      ];
      const path = `${dir}manifest.json`;
      const manifest: ReferenceManifest = existsSync(path)
        ? JSON.parse(readFileSync(path, 'utf8'))
        : { net: name, layers: [], cases: [] };
      return { name, dir, prototxt, caffemodel, manifest };
    });
}

/** A reference network as a model with its weights. */
export const referenceModel = ({ prototxt, caffemodel }: ReferenceNet): Model =>
  caffeModel(prototxt, caffemodel);

/** A model from Caffe's two files. */
export function caffeModel(prototxt: string, caffemodel: string): Model {
  const net = upgradeNet(parsePrototxt(readFileSync(prototxt, 'utf8'), prototxt), prototxt);
  const weights = readCaffemodel(readFileSync(caffemodel), caffemodel);
  return importNet(net, prototxt, { weights, weightsFile: caffemodel });
}

/** An array of the reference data, float32. */
export function readArray(path: string): Tensor<'float32'> {
  const array = readNpy(readFileSync(path), path);
  if (array.type !== 'float32') throw new Error(`${path} holds ${array.type}`);
  return array as Tensor<'float32'>;
}

/** The stored activations of a net, by the blob's name with `/` written as `_`. */
export function activations({ dir }: ReferenceNet): Map<string, Tensor<'float32'>> {
  return new Map(
    readdirSync(`${dir}activations`)
      .sort()
      .map((file) => [file.replace(/\.npy$/, ''), readArray(`${dir}activations/${file}`)]),
  );
}

/** The largest difference, as a share of the largest reference value. */
export function relativeError(actual: Tensor, reference: Tensor): number {
  if (actual.data.length !== reference.data.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  let difference = 0;
  for (let i = 0; i < reference.data.length; i++) {
    most = Math.max(most, Math.abs(Number(reference.data[i])));
    // Not Math.max: a NaN must not get lost.
    const d = Math.abs(Number(actual.data[i]) - Number(reference.data[i]));
    if (!(d <= difference)) difference = d;
  }
  return difference / most;
}
