import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { decode as decodeProtobuf } from '../common/protobuf.ts';
import { caffePackedFields } from './floats.ts';

/**
 * A binary message of caffe.proto's. `file` names it in errors, which give the byte offset, and `kind` says what it
 * should have been. Bytes fields (weights) are views of `bytes`.
 */
export const decodeCaffe = <Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  file: string,
  kind = 'a Caffe file of this kind',
): MessageShape<Desc> => decodeProtobuf(schema, bytes, file, kind, caffePackedFields);
