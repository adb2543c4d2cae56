import { create } from '@bufbuild/protobuf';
import { fail } from '../common/error.ts';
import { type Dim, dimName } from '../graph/dim.ts';
import type { ValueInfo } from '../graph/graph.ts';
import { codeOf, nameOf, typeOf } from './element.ts';
import { type ValueInfoProto, ValueInfoProtoSchema } from './generated/onnx_pb.ts';
import type { Dims } from './upgrade/step.ts';

/**
 * Reads an input or output. A dimension without a size is named: as the file names it, else `N` (the batch) for the
 * first and `value_axis` for others. An output whose shape the file leaves open gets the empty shape.
 * Errors: values that are no tensors, of element types without use, inputs without a shape.
 */
export function readValueInfo(proto: ValueInfoProto, kind: 'input' | 'output', file: string): ValueInfo {
  const { name } = proto;
  const where = `${file}: ${kind} '${name}'`;
  if (name === '') fail(where, 'it has no name');
  const tensor =
    proto.type?.tensorType ?? fail(where, 'it is no tensor', 'export the model with tensors only');
  const type =
    typeOf(tensor.elemType) ?? fail(where, `elements of type ${nameOf(tensor.elemType)} are not supported`);
  if (!tensor.shape && kind === 'input')
    fail(where, 'its shape is not stated', 'export the model with input shapes');
  const shape = (tensor.shape?.dim ?? []).map((dim, axis): Dim => {
    const size = Number(dim.dimValue);
    if (!Number.isSafeInteger(size)) fail(where, `impossible size ${dim.dimValue}`);
    return size > 0 ? size : dimName(dim.dimParam || (axis === 0 ? 'N' : `${name}_${axis}`));
  });
  return { name, type, shape };
}

/** An input or output as ONNX stores it; an empty output shape is left open. */
export function writeValueInfo({ name, type, shape }: ValueInfo, kind: 'input' | 'output'): ValueInfoProto {
  const dim = shape.map((size) =>
    typeof size === 'number' ? { dimValue: BigInt(size) } : { dimParam: size },
  );
  const stated = kind === 'input' || shape.length > 0 ? { shape: { dim } } : {};
  return create(ValueInfoProtoSchema, { name, type: { tensorType: { elemType: codeOf(type), ...stated } } });
}

/** The dimensions that a file states for a value. */
export function statedDims(proto: ValueInfoProto): Dims {
  return proto.type?.tensorType?.shape?.dim.map((dim) =>
    dim.dimValue > 0n ? Number(dim.dimValue) : undefined,
  );
}
