import { create, type DescField, type DescMessage, type MessageShape, ScalarType } from '@bufbuild/protobuf';
import { fail } from '../common/error.ts';
import { concatenate } from './bytes.ts';
import { fieldsOf } from './copy.ts';
import { Cursor, Wire } from './cursor.ts';
import { packedWidth } from './floats.ts';

/** Deeper nesting than any Caffe file has; a limit, so that damaged files cannot exhaust the stack. */
const maxDepth = 100;

/**
 * A binary protobuf message of the given type. `file` names it in errors, which give the byte offset.
 * Bytes fields (weights) are views into `bytes`. Fields that the schema does not know are skipped, as
 * protobuf does, but a known field of another wire type is an error: it means another kind of file.
 * (The protobuf library's own reader neither checks wire types and nested lengths nor says where.)
 */
export function decode<Desc extends DescMessage>(
  desc: Desc,
  bytes: Uint8Array,
  file: string,
): MessageShape<Desc> {
  const cursor = new Cursor(bytes, file);
  const message = create(desc);
  readFields(cursor, desc, fieldsOf(message), bytes.length, 0);
  return message;
}

type Values = Record<string, unknown>;

function readFields(cursor: Cursor, desc: DescMessage, values: Values, end: number, depth: number): void {
  if (depth > maxDepth) cursor.fail(`messages are nested more than ${maxDepth} deep`);
  const packed = new Map<DescField, Uint8Array[]>();
  while (cursor.offset < end) {
    const start = cursor.offset;
    const { number, wire } = cursor.tag(end);
    const field = desc.fields.find((candidate) => candidate.number === number);
    if (!field) {
      cursor.skip(wire, end, `field ${number} of ${desc.name}`);
      continue;
    }
    const name = `${desc.name}.${field.name}`;
    const mismatch = () =>
      cursor.fail(`${name} has wire type ${wire}`, 'this is another kind of file, or it is damaged', start);

    if (packedWidth(field)) {
      const chunk = packedChunk(cursor, field, wire, end, name) ?? mismatch();
      const chunks = packed.get(field);
      if (chunks) chunks.push(chunk);
      else packed.set(field, [chunk]);
    } else if (field.message) {
      if (wire !== Wire.Bytes) mismatch();
      const length = cursor.length(end, name);
      const list = field.fieldKind === 'list' ? (values[field.localName] as unknown[]) : undefined;
      const child = (!list && values[field.localName]) || create(field.message);
      if (list) list.push(child);
      else values[field.localName] = child;
      readFields(cursor, field.message, child as Values, cursor.offset + length, depth + 1);
    } else {
      const type = field.enum ? ScalarType.INT32 : field.scalar!;
      const natural = wireOf(type);
      if (field.fieldKind !== 'list') {
        if (wire !== natural) mismatch();
        values[field.localName] = readScalar(cursor, type, end, name);
      } else {
        const list = values[field.localName] as unknown[];
        if (wire === natural) {
          list.push(readScalar(cursor, type, end, name));
        } else if (wire === Wire.Bytes) {
          const length = cursor.length(end, name);
          const listEnd = cursor.offset + length;
          while (cursor.offset < listEnd) {
            cursor.count();
            list.push(readScalar(cursor, type, listEnd, name));
          }
        } else mismatch();
      }
    }
  }
  for (const [field, chunks] of packed) values[field.localName] = concatenate(chunks);
}

/** The bytes of packed numbers, or of a run of unpacked ones (one tag per number); undefined: neither. */
function packedChunk(
  cursor: Cursor,
  field: DescField,
  wire: Wire,
  end: number,
  name: string,
): Uint8Array | undefined {
  if (wire === Wire.Bytes) return cursor.take(cursor.length(end, name), end, name);
  const width = packedWidth(field)!;
  if (wire !== (width === 4 ? Wire.Fixed32 : Wire.Fixed64)) return undefined;
  return cursor.run(field.number, wire, width, end, name);
}

const wireOf = (type: ScalarType): Wire =>
  type === ScalarType.STRING || type === ScalarType.BYTES
    ? Wire.Bytes
    : type === ScalarType.FLOAT
      ? Wire.Fixed32
      : type === ScalarType.DOUBLE
        ? Wire.Fixed64
        : Wire.Varint;

function readScalar(cursor: Cursor, type: ScalarType, end: number, name: string): unknown {
  switch (type) {
    case ScalarType.STRING:
      return new TextDecoder().decode(cursor.take(cursor.length(end, name), end, name));
    case ScalarType.BYTES:
      return cursor.take(cursor.length(end, name), end, name);
    case ScalarType.FLOAT:
      return cursor.view(4, end, name).getFloat32(0, true);
    case ScalarType.DOUBLE:
      return cursor.view(8, end, name).getFloat64(0, true);
    case ScalarType.BOOL:
      return cursor.varint(end, name) !== 0n;
    case ScalarType.INT32:
      return Number(BigInt.asIntN(32, cursor.varint(end, name)));
    case ScalarType.UINT32:
      return Number(BigInt.asUintN(32, cursor.varint(end, name)));
    case ScalarType.INT64:
      return BigInt.asIntN(64, cursor.varint(end, name));
    case ScalarType.UINT64:
      return BigInt.asUintN(64, cursor.varint(end, name));
    default:
      return fail(name, `caffe.proto has no field of scalar type ${type}`);
  }
}
