import { create, isFieldSet } from '@bufbuild/protobuf';
import { bytesOf } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import { float32, size, type Tensor } from '../graph/tensor.ts';
import { float32Of, float64Of } from './floats.ts';
import { type BlobProto, BlobProtoSchema, type BlobShape, BlobShapeSchema } from './generated/caffe_pb.ts';

/** Caffe's own limit on the number of axes of a blob. */
const maxAxes = 32;

/** A shape's dimensions as numbers; `where` names it in errors. Negative ones (Reshape's -1) are kept. */
export function dimensions(shape: BlobShape | undefined, where: string): number[] {
  const dims = shape?.dim ?? [];
  if (dims.length > maxAxes) fail(where, `a shape has ${dims.length} axes, Caffe allows ${maxAxes}`);
  // As written: a number of this size would be rounded.
  const wrong = dims.find((dim) => dim < -1n || dim > 0x7fffffffn);
  return wrong === undefined ? dims.map(Number) : fail(where, `${wrong} is no size of an axis`);
}

/** A shape message from dimensions. */
export const blobShape = (dims: readonly number[]): BlobShape =>
  create(BlobShapeSchema, { dim: dims.map(BigInt) });

/** Whether a blob's shape is given the old way, as num × channels × height × width. */
export const hasLegacyShape = (blob: BlobProto): boolean =>
  (['num', 'channels', 'height', 'width'] as const).some((name) =>
    isFieldSet(blob, BlobProtoSchema.field[name]),
  );

/** A blob's shape as it stands; the old way gives four axes, with 0 for those left out. */
export const shapeOf = (blob: BlobProto, where: string): number[] =>
  hasLegacyShape(blob) ? [blob.num, blob.channels, blob.height, blob.width] : dimensions(blob.shape, where);

/**
 * A blob's values as a float32 tensor of the given shape (its own by default): a view into the file's
 * bytes where they are aligned, otherwise a copy; float64 values are rounded to float32, as Caffe does.
 * Errors: a shape that does not match the number of values.
 */
export function blobTensor(
  blob: BlobProto,
  where: string,
  shape: readonly number[] = shapeOf(blob, where),
): Tensor<'float32'> {
  const data =
    blob.doubleData.length > 0
      ? Float32Array.from(float64Of(blob.doubleData, where))
      : float32Of(blob.data, where);
  if (shape.some((dim) => dim < 0) || size(shape) !== data.length) {
    fail(
      where,
      `shape ${shape.join('×') || '()'} does not hold ${data.length} values`,
      'the file is damaged',
    );
  }
  return float32(shape, data);
}

/** A blob message that shares the tensor's memory. */
export const tensorBlob = (tensor: Tensor<'float32'>): BlobProto =>
  create(BlobProtoSchema, { shape: blobShape(tensor.shape), data: bytesOf(tensor.data) });
