import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { concatenate } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import { refuseOthers } from '../common/filekind.ts';
import type { Tensor } from '../graph/tensor.ts';
import { blobTensor, hasLegacyShape, shapeOf, tensorBlob } from './blob.ts';
import { copyWith } from './copy.ts';
import { decodeCaffe } from './decode.ts';
import {
  type BlobProto,
  BlobProtoSchema,
  type LayerParameter,
  LayerParameterSchema,
  type NetParameter,
  NetParameterSchema,
} from './generated/caffe_pb.ts';
import { upgradeNet } from './upgrade.ts';

/** A layer's learned parameters, in Caffe's order (weights, bias, …). */
export interface LayerWeights {
  readonly type: string;
  readonly blobs: readonly Tensor<'float32'>[];
}

/**
 * The weights in a `.caffemodel` (V1 or V2), by layer name, in the file's order; layers without blobs are
 * left out. Tensors are views into `bytes` where it aligns them. Blobs of the old num × channels × height ×
 * width kind get the axes that their layer has today. Errors name `file` and byte offset, or layer and blob.
 */
export function readCaffemodel(bytes: Uint8Array, file: string): Map<string, LayerWeights> {
  const weights = new Map<string, LayerWeights>();
  for (const { name, type, blobs } of readNet(bytes, file).layer) {
    if (blobs.length === 0) continue;
    if (weights.has(name)) fail(`${file}: layer ${name}`, 'two layers of this name have weights');
    const tensors = blobs.map((blob, i) => {
      const where = `${file}: layer ${name}: blob ${i}`;
      return blobTensor(blob, where, currentShape(type, i, blob, where));
    });
    weights.set(name, { type, blobs: tensors });
  }
  return weights;
}

/** The network inside a `.caffemodel`, in V2 format, with its blobs. */
export function readNet(bytes: Uint8Array, file: string): NetParameter {
  refuseOthers(bytes, file, 'a .caffemodel', 'weights');
  const net = decodeCaffe(NetParameterSchema, bytes, file, 'a .caffemodel');
  if (net.layer.length === 0 && net.layers.length === 0) {
    fail(file, 'the file holds no layers', 'pass a .caffemodel here');
  }
  return upgradeNet(net, file);
}

/**
 * A `.caffemodel` (V2): the network with the given weights as its layers' blobs.
 * Errors: weights for a layer that the network does not have.
 */
export const writeCaffemodel = (net: NetParameter, weights: ReadonlyMap<string, LayerWeights>): Uint8Array =>
  concatenate(caffemodelParts(net, weights));

/** {@link writeCaffemodel} in parts that follow each other; the weights in them are views, not copies. */
export function caffemodelParts(net: NetParameter, weights: ReadonlyMap<string, LayerWeights>): Uint8Array[] {
  const names = new Set(net.layer.map((layer) => layer.name));
  const missing = [...weights.keys()].filter((name) => !names.has(name));
  if (missing.length > 0)
    fail(net.name || 'network', `it has no layer for the weights of ${missing.join(', ')}`);
  const layers = net.layer.map((layer) => encodeLayer(layer, weights.get(layer.name)));
  const rest = toBinary(NetParameterSchema, copyWith(NetParameterSchema, net, { layer: [] }));
  return [rest, ...layers.flatMap((layer) => framed(NetParameterSchema.field.layer.number, layer))];
}

// Weights are laid down as chunks and joined once: the library's writer would hold several copies of them.
function encodeLayer(layer: LayerParameter, weights: LayerWeights | undefined): Uint8Array[] {
  const rest = toBinary(LayerParameterSchema, copyWith(LayerParameterSchema, layer, { blobs: [] }));
  const blobs = (weights?.blobs ?? []).map((tensor) => encodeBlob(tensorBlob(tensor)));
  return [rest, ...blobs.flatMap((blob) => framed(LayerParameterSchema.field.blobs.number, blob))];
}

/** A blob message in parts. */
export const encodeBlob = (blob: BlobProto): Uint8Array[] => [
  ...framed(BlobProtoSchema.field.data.number, [blob.data]),
  toBinary(BlobProtoSchema, create(BlobProtoSchema, { shape: blob.shape! })),
];

/** One length-delimited field in parts. */
export function framed(number: number, chunks: readonly Uint8Array[]): Uint8Array[] {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return [new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish(), ...chunks];
}

/** Old files give every blob four axes; biases and slopes have one, inner products two. */
function currentShape(type: string, index: number, blob: BlobProto, where: string): readonly number[] {
  const shape = shapeOf(blob, where);
  if (!hasLegacyShape(blob)) return shape;
  const convolution = type === 'Convolution' || type === 'Deconvolution';
  const axes = index > 0 ? 1 : convolution ? 4 : type === 'InnerProduct' || type === 'Embed' ? 2 : 1;
  const superfluous = shape.slice(0, 4 - axes);
  return superfluous.every((dim) => dim === 1) ? shape.slice(4 - axes) : shape;
}
