import {
  create,
  type DescField,
  type DescMessage,
  type Message,
  type MessageShape,
  mergeFromBinary,
  ScalarType,
} from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { concatenate } from './bytes.ts';
import { Cursor } from './cursor.ts';

/**
 * The fields, by full name, that are lists of numbers in the format but bytes in the schema, with the wire type of
 * one number: packed numbers are the same bytes, and so they are viewed, not copied.
 */
export type PackedFields = Readonly<Record<string, WireType>>;

/** Deeper nesting than any file of a network has; a limit, so that damaged files cannot exhaust the stack. */
const maxDepth = 100;

/**
 * A binary protobuf message, for schemas without groups, maps and oneofs. Bytes fields are views of `bytes`; those in
 * `packed` hold their numbers packed, however the file has them: packed, in several pieces, or one by one. Fields that
 * the schema does not know are left out; numbers that an enum does not know are kept.
 * Tags, lengths and wire types are checked here, and the library reads what lies between; alone it would take a field
 * of another type for its own, read beyond a message's end, and not say where.
 * Errors: a LimnError that names `file`, the byte offset and the field, and says that the file is not `kind`
 * ('an ONNX model') or damaged.
 */
export function decode<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  file: string,
  kind: string,
  packed: PackedFields = {},
): MessageShape<Desc> {
  // Not a Node Buffer, whose views would be Buffers too.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const message = create(schema);
  const cursor = new Cursor(plain, file, kind);
  readFields({ cursor, packed, tables: new Map() }, schema, message, plain.length, 0);
  return message;
}

interface Reading {
  readonly cursor: Cursor;
  readonly packed: PackedFields;
  readonly tables: Map<DescMessage, ReadonlyMap<number, Entry>>;
}

/** What the reader needs to know of a field. */
interface Entry {
  readonly field: DescField;
  /** For error messages: the message's type and the field's own name. */
  readonly name: string;
  /** The wire type of one value. */
  readonly wire: WireType;
  readonly repeated: boolean;
  /** Plain fields are left to the library. */
  readonly role: 'plain' | 'packed' | 'message' | 'enum';
}

function readFields(
  reading: Reading,
  schema: DescMessage,
  message: Message,
  end: number,
  depth: number,
): void {
  const { cursor } = reading;
  if (depth > maxDepth) cursor.fail(`messages are nested more than ${maxDepth} deep`);
  const values = message as unknown as Record<string, unknown>;
  const table = tableOf(schema, reading);
  const lists = new Map<string, Uint8Array[]>();
  // Where the plain fields begin that have been checked and not yet read.
  let unread = cursor.offset;
  const readPlain = (stop: number) => {
    if (unread === stop) return;
    mergeFromBinary(schema, message, cursor.bytes.subarray(unread, stop), { readUnknownFields: false });
  };
  while (cursor.offset < end) {
    const start = cursor.offset;
    const { number, wire } = cursor.tag(end);
    const entry = table.get(number);
    if (!entry) {
      cursor.skip(wire, end, `field ${number} of ${schema.name}`);
      continue;
    }
    const { field, name, repeated, role } = entry;
    const key = field.localName;
    const single = wire === entry.wire;
    if (!single && !(repeated && wire === WireType.LengthDelimited)) {
      cursor.fail(`${name} has wire type ${wire}`, undefined, start);
    }
    if (role === 'plain') {
      if (single) cursor.skip(wire, end, name);
      else packedList(cursor, entry, end);
      continue;
    }
    if (role === 'enum') {
      const from = cursor.offset;
      if (field.enum!.value[cursor.varint(end, name)]) continue;
      // The library would drop a number that the enum does not know.
      readPlain(start);
      values[key] = new BinaryReader(cursor.bytes.subarray(from, cursor.offset)).int32();
    } else if (role === 'packed') {
      const piece = single ? cursor.run(number, wire, end, name) : packedList(cursor, entry, end);
      readPlain(start);
      const pieces = lists.get(key);
      if (pieces) pieces.push(piece);
      else lists.set(key, [piece]);
    } else {
      const length = cursor.length(end, name);
      readPlain(start);
      const child = (!repeated && (values[key] as Message | undefined)) || create(field.message!);
      if (repeated) (values[key] as Message[]).push(child);
      else values[key] = child;
      readFields(reading, field.message!, child, cursor.offset + length, depth + 1);
    }
    unread = cursor.offset;
  }
  readPlain(end);
  for (const [key, pieces] of lists) values[key] = concatenate(pieces);
}

/** Passes a packed list and returns its bytes. Numbers that the library will take one by one are counted. */
function packedList(cursor: Cursor, { name, wire, role }: Entry, end: number): Uint8Array {
  const length = cursor.length(end, name);
  const start = cursor.offset;
  const stop = start + length;
  // How many fixed-width numbers a list of bytes holds is for its user to say.
  if (role === 'packed' && wire !== WireType.Varint) cursor.offset = stop;
  while (cursor.offset < stop) {
    if (role !== 'packed') cursor.count();
    cursor.skip(wire, stop, name);
  }
  return cursor.bytes.subarray(start, stop);
}

function tableOf(schema: DescMessage, { packed, tables }: Reading): ReadonlyMap<number, Entry> {
  const known = tables.get(schema);
  if (known) return known;
  const table = new Map(schema.fields.map((field) => [field.number, entryOf(field, packed)]));
  tables.set(schema, table);
  return table;
}

function entryOf(field: DescField, packed: PackedFields): Entry {
  const name = `${field.parent.name}.${field.name}`;
  const element = packed[fullName(field)];
  if (element !== undefined) return { field, name, wire: element, repeated: true, role: 'packed' };
  const repeated = field.fieldKind === 'list';
  const role = field.message ? 'message' : field.fieldKind === 'enum' ? 'enum' : 'plain';
  return { field, name, wire: wireOf(field), repeated, role };
}

/** A field's name in {@link PackedFields}. */
export const fullName = (field: DescField): string => `${field.parent.typeName}.${field.name}`;

function wireOf(field: DescField): WireType {
  if (field.message) return WireType.LengthDelimited;
  switch (field.scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    default:
      return WireType.Varint;
  }
}
