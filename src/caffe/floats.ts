import type { DescField } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { viewAs } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import { fullName, type PackedFields } from '../common/protobuf.ts';

/** The bytes fields of caffe.proto that are packed repeated floats or doubles in the format. */
export const caffePackedFields: PackedFields = {
  'caffe.BlobProto.data': WireType.Bit32,
  'caffe.BlobProto.diff': WireType.Bit32,
  'caffe.BlobProto.double_data': WireType.Bit64,
  'caffe.BlobProto.double_diff': WireType.Bit64,
  'caffe.Datum.float_data': WireType.Bit32,
};

/** Bytes per number of a field that holds packed numbers; undefined for every other field. */
export function packedWidth(field: DescField): 4 | 8 | undefined {
  const wire = caffePackedFields[fullName(field)];
  return wire === WireType.Bit32 ? 4 : wire === WireType.Bit64 ? 8 : undefined;
}

/**
 * Little-endian float32 bytes as numbers: a view where the bytes are aligned, otherwise a copy.
 * `where` names them in the error for a length that is no multiple of 4.
 */
export const float32Of = (bytes: Uint8Array, where: string): Float32Array =>
  viewAs(Float32Array, whole(bytes, 4, where));

/** As {@link float32Of}, for float64. */
export const float64Of = (bytes: Uint8Array, where: string): Float64Array =>
  viewAs(Float64Array, whole(bytes, 8, where));

function whole(bytes: Uint8Array, width: number, where: string): Uint8Array {
  return bytes.length % width === 0
    ? bytes
    : fail(where, `${bytes.length} bytes are no whole number of ${width}-byte floats`, 'the file is damaged');
}
