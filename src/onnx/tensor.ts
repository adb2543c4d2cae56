import { create } from '@bufbuild/protobuf';
import { bytesOf } from '../common/bytes.ts';
import { byteLengthOf } from '../graph/stored.ts';
import type { Tensor } from '../graph/tensor.ts';
import { codeOf } from './element.ts';
import { type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from './generated/onnx_pb.ts';

/** Where a tensor's data stands when it is not in the model. */
export interface DataPlace {
  readonly path: string;
  readonly offset: number;
}

/** A tensor as ONNX stores it, with its data inside. */
export function tensorProto(name: string, tensor: Tensor): TensorProto {
  return create(TensorProtoSchema, { ...head(name, tensor), rawData: bytesOf(tensor.data) });
}

/** A tensor as ONNX stores it, without its data, which follows. */
export function bareTensorProto(name: string, tensor: Tensor): TensorProto {
  return create(TensorProtoSchema, head(name, tensor));
}

/** A tensor whose data stands in another file. */
export function externalTensorProto(name: string, tensor: Tensor, { path, offset }: DataPlace): TensorProto {
  const entries = { location: path, offset, length: byteLengthOf(tensor) };
  return create(TensorProtoSchema, {
    ...head(name, tensor),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value: String(value) })),
  });
}

const head = (name: string, { type, shape }: Tensor) => ({
  name,
  dataType: codeOf(type),
  dims: shape.map(BigInt),
});
