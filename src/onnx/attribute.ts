import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { fail } from '../common/error.ts';
import type { Attribute } from '../graph/graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
} from './generated/onnx_pb.ts';
import { tensorProto } from './tensor.ts';
import { type ExternalData, readTensorProto } from './weights.ts';

/** Reads one attribute of the node that `where` names. Errors: kinds that limn has no use for (subgraphs, types). */
export function readAttribute(proto: AttributeProto, where: string, external?: ExternalData): Attribute {
  const kind = kindOf(proto);
  switch (kind) {
    case Kind.FLOAT:
      return { float: proto.f };
    case Kind.INT:
      return integer(proto.i);
    case Kind.STRING:
      return text(proto.s);
    case Kind.FLOATS:
      return { floats: proto.floats };
    case Kind.INTS:
      return proto.ints.map(integer);
    case Kind.STRINGS:
      return proto.strings.map(text);
    case Kind.TENSOR: {
      const at = `${where}, attribute '${proto.name}'`;
      return readTensorProto(proto.t ?? fail(at, 'the tensor is missing'), at, external);
    }
    case Kind.GRAPH:
    case Kind.GRAPHS:
      return fail(where, 'control flow with subgraphs is not supported', 'export the model without it');
    default:
      return fail(
        where,
        `attribute '${proto.name}' is of a kind that is not supported (${Kind[kind]?.toLowerCase() ?? kind})`,
      );
  }
}

/** The attribute as ONNX stores it. Errors: a number that is no integer and not marked as a float. */
export function writeAttribute(name: string, value: Attribute, where: string): AttributeProto {
  const make = (fields: Partial<AttributeProto> & { type: Kind }) =>
    create(AttributeProtoSchema, { name, ...(fields as object) });
  const int = (n: number): bigint =>
    Number.isSafeInteger(n) ? BigInt(n) : fail(where, `attribute '${name}' is ${n}, not an integer`);
  if (typeof value === 'number') return make({ type: Kind.INT, i: int(value) });
  if (typeof value === 'string') return make({ type: Kind.STRING, s: new TextEncoder().encode(value) });
  if (isList(value)) {
    return value.some((item) => typeof item === 'string')
      ? make({ type: Kind.STRINGS, strings: value.map((item) => new TextEncoder().encode(String(item))) })
      : make({ type: Kind.INTS, ints: value.map((item) => int(Number(item))) });
  }
  if ('float' in value) return make({ type: Kind.FLOAT, f: value.float });
  if ('floats' in value) return make({ type: Kind.FLOATS, floats: [...value.floats] });
  return make({ type: Kind.TENSOR, t: tensorProto('', value as Tensor) });
}

/** The bytes of {@link writeAttribute}'s message. Integers, which most attributes are, are written as they stand. */
export function attributeBytes(name: string, value: Attribute, where: string): Uint8Array {
  const list = typeof value === 'number' ? [value] : isList(value) ? value : [];
  if (list.length === 0 || !list.every((item) => Number.isSafeInteger(item)))
    return toBinary(AttributeProtoSchema, writeAttribute(name, value, where));
  const { field } = AttributeProtoSchema;
  const isOne = typeof value === 'number';
  const writer = new BinaryWriter().tag(field.name.number, WireType.LengthDelimited).string(name);
  for (const item of list as readonly number[])
    writer.tag(isOne ? field.i.number : field.ints.number, WireType.Varint).int64(item);
  return writer
    .tag(field.type.number, WireType.Varint)
    .int32(isOne ? Kind.INT : Kind.INTS)
    .finish();
}

const isList = (value: Attribute): value is readonly number[] | readonly string[] => Array.isArray(value);

/** Old files do not say the kind: it shows in what is there. */
function kindOf(proto: AttributeProto): Kind {
  if (proto.type !== Kind.UNDEFINED) return proto.type;
  if (proto.ints.length > 0) return Kind.INTS;
  if (proto.floats.length > 0) return Kind.FLOATS;
  if (proto.strings.length > 0) return Kind.STRINGS;
  if (proto.t) return Kind.TENSOR;
  if (proto.g) return Kind.GRAPH;
  if (proto.s.length > 0) return Kind.STRING;
  return proto.f !== 0 ? Kind.FLOAT : Kind.INT;
}

/** Exporters write 2⁶³−1 for "to the end"; the largest number that stays exact means the same. */
function integer(value: bigint): number {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > most ? most : value < -most ? -most : value);
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
