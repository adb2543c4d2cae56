import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { concatenate } from '../common/bytes.ts';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from './generated/onnx_pb.ts';
import { leastStored } from './weights.ts';

/** Bytes that are read in places. */
interface Source {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

/** A field of a message: where it begins, where its value does, and where it ends. */
interface Field {
  readonly number: number;
  readonly wire: WireType;
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

/** What this is not for; the file is read whole then, which says what is wrong with it, if anything is. */
class Unusual extends Error {}

/**
 * The bytes of a model without its large float32 weights, which it says are in another file: `location`, where its own
 * are. Undefined if the file is not built as expected.
 */
export function withoutWeights(file: Source, location: string): Uint8Array | undefined {
  try {
    return concatenate(replaced(file, 0, file.size, ModelProtoSchema.field.graph.number, graph));
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }

  function graph({ value, end }: Field): readonly Uint8Array[] {
    return replaced(file, value, end, GraphProtoSchema.field.initializer.number, initializer);
  }

  function initializer(field: Field): readonly Uint8Array[] | undefined {
    if (field.end - field.value < leastStored) return undefined;
    const { rawData, dataType, dataLocation, externalData } = TensorProtoSchema.field;
    const fields = [...fieldsOf(file, field.value, field.end)];
    const [raw, ...more] = fields.filter(({ number }) => number === rawData.number);
    const type = fields.find(({ number }) => number === dataType.number);
    const isElsewhere = fields.some(
      ({ number }) => number === dataLocation.number || number === externalData.number,
    );
    const isFloat = type && varint(file, type.value, type.end).value === TensorProto_DataType.FLOAT;
    if (!raw || raw.wire !== WireType.LengthDelimited || more.length > 0 || isElsewhere || !isFloat)
      return undefined;
    const entries = { location, offset: raw.value, length: raw.end - raw.value };
    const place = create(TensorProtoSchema, {
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value: String(value) })),
    });
    const kept = [file.read(field.value, raw.start - field.value), file.read(raw.end, field.end - raw.end)];
    return [...kept, toBinary(TensorProtoSchema, place)];
  }
}

/** A message's bytes with other values for its fields of one number; where `change` has none, they stay. */
function replaced(
  file: Source,
  from: number,
  to: number,
  number: number,
  change: (field: Field) => readonly Uint8Array[] | undefined,
): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let kept = from;
  for (const field of fieldsOf(file, from, to)) {
    if (field.number !== number) continue;
    if (field.wire !== WireType.LengthDelimited) throw new Unusual();
    const value = change(field);
    if (!value) continue;
    const length = value.reduce((sum, part) => sum + part.length, 0);
    const tag = new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish();
    parts.push(file.read(kept, field.start - kept), tag, ...value);
    kept = field.end;
  }
  parts.push(file.read(kept, to - kept));
  return parts;
}

function* fieldsOf(file: Source, from: number, to: number): Generator<Field, void> {
  for (let start = from; start < to; ) {
    const tag = varint(file, start, to);
    const [number, wire] = [Math.floor(tag.value / 8), (tag.value % 8) as WireType];
    let [value, end] = [tag.end, tag.end];
    if (wire === WireType.Varint) end = varint(file, value, to).end;
    else if (wire === WireType.Bit32) end = value + 4;
    else if (wire === WireType.Bit64) end = value + 8;
    else if (wire === WireType.LengthDelimited) {
      const length = varint(file, value, to);
      value = length.end;
      end = value + length.value;
    } else throw new Unusual();
    if (end > to || number < 1) throw new Unusual();
    yield { number, wire, start, value, end };
    start = end;
  }
}

/** Longer than any varint of a file below 2⁵³ bytes that is not unusual. */
const longest = 8;

function varint(file: Source, from: number, to: number): { readonly value: number; readonly end: number } {
  const bytes = file.read(from, Math.min(longest, to - from));
  let value = 0;
  for (let i = 0, scale = 1; i < bytes.length; i++, scale *= 128) {
    value += (bytes[i] & 127) * scale;
    if (bytes[i] < 128) return { value, end: from + i + 1 };
  }
  throw new Unusual();
}
