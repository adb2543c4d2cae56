import type { DescField } from '@bufbuild/protobuf';
import { fail } from '../common/error.ts';

/** The bytes fields of caffe.proto that are packed repeated floats (4) or doubles (8) in the format. */
const widths: Readonly<Record<string, 4 | 8>> = {
  'caffe.BlobProto.data': 4,
  'caffe.BlobProto.diff': 4,
  'caffe.BlobProto.double_data': 8,
  'caffe.BlobProto.double_diff': 8,
  'caffe.Datum.float_data': 4,
};

/** Bytes per number of a field that holds packed numbers; undefined for every other field. */
export const packedWidth = (field: DescField): 4 | 8 | undefined =>
  widths[`${field.parent.typeName}.${field.name}`];

/**
 * Little-endian float32 bytes as numbers: a view where the bytes are aligned, otherwise a copy.
 * `where` names them in the error for a length that is no multiple of 4.
 */
export function float32Of(bytes: Uint8Array, where: string): Float32Array {
  const aligned = alignedTo(4, bytes, where);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** As {@link float32Of}, for float64. */
export function float64Of(bytes: Uint8Array, where: string): Float64Array {
  const aligned = alignedTo(8, bytes, where);
  return new Float64Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 8);
}

/** The bytes of a typed array, viewed. */
export const bytesOf = (array: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function alignedTo(width: number, bytes: Uint8Array, where: string): Uint8Array {
  if (bytes.byteLength % width !== 0) {
    fail(
      where,
      `${bytes.byteLength} bytes are no whole number of ${width}-byte floats`,
      'the file is damaged',
    );
  }
  // Not bytes.slice(): on a Node Buffer that is a view, with the same misaligned offset.
  return bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
}
