import { create, toBinary } from '@bufbuild/protobuf';
import { bytesOf } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import { refuseOthers } from '../common/filekind.ts';
import type { Tensor } from '../graph/tensor.ts';
import { blobTensor, shapeOf } from './blob.ts';
import { decodeCaffe } from './decode.ts';
import { BlobProtoSchema } from './generated/caffe_pb.ts';

/**
 * A mean image from a `.binaryproto`: C×H×W float32, channels in the network's order (BGR for Caffe's
 * own). Errors name `file` and the byte offset.
 */
export function readMean(bytes: Uint8Array, file: string): Tensor<'float32'> {
  refuseOthers(bytes, file, 'a .binaryproto', 'mean');
  const blob = decodeCaffe(BlobProtoSchema, bytes, file, 'a .binaryproto');
  const shape = shapeOf(blob, file);
  const image = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
  if (image.length !== 3 || image.some((dim) => dim < 1)) {
    fail(file, `expected a mean image of 1×C×H×W, got ${shape.join('×') || 'a file without a shape'}`);
  }
  return blobTensor(blob, file, image);
}

/** A mean image of C×H×W as a `.binaryproto`, with the old shape fields, which every reader knows. */
export function writeMean(mean: Tensor<'float32'>): Uint8Array {
  const [channels, height, width] = mean.shape;
  if (mean.shape.length !== 3) fail('mean image', `expected C×H×W, got ${mean.shape.join('×')}`);
  const data = bytesOf(mean.data);
  return toBinary(BlobProtoSchema, create(BlobProtoSchema, { num: 1, channels, height, width, data }));
}

/**
 * Mean values given as numbers, one for all channels or one for each: `104,117,123`.
 * `where` names them in errors (a flag, a file).
 */
export function parseMeanValues(text: string, where: string): number[] {
  const parts = text.split(',').map((part) => part.trim());
  const values = parts.map(Number);
  if (parts.includes('') || !values.every(Number.isFinite)) {
    fail(where, `expected numbers such as 104,117,123, got ${JSON.stringify(text.slice(0, 60))}`);
  }
  return values;
}
