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

/** A message whose fields are being read. */
interface Target {
  readonly schema: DescMessage;
  readonly message: Message;
  /** The message's fields, by their local names. */
  readonly values: Record<string, unknown>;
  /** The pieces of packed fields, by the same names. */
  readonly lists: Map<string, Uint8Array[]>;
  /** Where the plain fields begin that have been checked and not yet read. */
  unread: number;
}

/** A field whose tag has been passed. */
interface Found {
  readonly entry: Entry;
  /** Where its tag begins. */
  readonly start: number;
  readonly number: number;
  readonly wire: WireType;
  /** Where the message ends. */
  readonly end: number;
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
  const target: Target = { schema, message, values, lists: new Map(), unread: cursor.offset };
  const table = tableOf(schema, reading);
  while (cursor.offset < end) {
    const start = cursor.offset;
    const { number, wire } = cursor.tag(end);
    const entry = table.get(number);
    if (!entry) {
      cursor.skip(wire, end, `field ${number} of ${schema.name}`);
      continue;
    }
    if (wire !== entry.wire && !(entry.repeated && wire === WireType.LengthDelimited)) {
      cursor.fail(`${entry.name} has wire type ${wire}`, undefined, start);
    }
    const found = { entry, start, number, wire, end };
    if (entry.role === 'plain') passPlain(cursor, found);
    else if (entry.role === 'enum') readEnum(cursor, target, found);
    else if (entry.role === 'packed') readPiece(cursor, target, found);
    else readMessage(reading, target, found, depth);
  }
  readPlain(cursor, target, end);
  for (const [key, pieces] of target.lists) values[key] = concatenate(pieces);
}

/** Has the library read the plain fields up to `stop`. */
function readPlain(cursor: Cursor, { schema, message, unread }: Target, stop: number): void {
  if (unread === stop) return;
  mergeFromBinary(schema, message, cursor.bytes.subarray(unread, stop), { readUnknownFields: false });
}

function passPlain(cursor: Cursor, { entry, wire, end }: Found): void {
  if (wire === entry.wire) cursor.skip(wire, end, entry.name);
  else packedList(cursor, entry, end);
}

function readEnum(cursor: Cursor, target: Target, { entry, start, end }: Found): void {
  const from = cursor.offset;
  if (entry.field.enum!.value[cursor.varint(end, entry.name)]) return;
  // The library would drop a number that the enum does not know.
  readPlain(cursor, target, start);
  const own = cursor.bytes.subarray(from, cursor.offset);
  target.values[entry.field.localName] = new BinaryReader(own).int32();
  target.unread = cursor.offset;
}

/** A run of single numbers, or a packed list, of a packed field. */
function readPiece(cursor: Cursor, target: Target, { entry, start, number, wire, end }: Found): void {
  const key = entry.field.localName;
  const isSingle = wire === entry.wire;
  const piece = isSingle ? cursor.run(number, wire, end, entry.name) : packedList(cursor, entry, end);
  readPlain(cursor, target, start);
  const pieces = target.lists.get(key);
  if (pieces) pieces.push(piece);
  else target.lists.set(key, [piece]);
  target.unread = cursor.offset;
}

function readMessage(reading: Reading, target: Target, { entry, start, end }: Found, depth: number): void {
  const { cursor } = reading;
  const { values } = target;
  const { field, name, repeated } = entry;
  const key = field.localName;
  const length = cursor.length(end, name);
  readPlain(cursor, target, start);
  const child = (!repeated && (values[key] as Message | undefined)) || create(field.message!);
  if (repeated) (values[key] as Message[]).push(child);
  else values[key] = child;
  readFields(reading, field.message!, child, cursor.offset + length, depth + 1);
  target.unread = cursor.offset;
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
