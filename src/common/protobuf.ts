import {
  type DescField,
  type DescMessage,
  fromBinary,
  type MessageShape,
  ScalarType,
} from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { fail } from './error.ts';

/**
 * Reads a protobuf message. Every length, tag and wire type is checked first, in one pass over the structure that
 * does not look into the data, so that a damaged file is reported with its byte offset and nothing is allocated for
 * sizes that it only claims. `bytes` fields are views of `bytes`.
 * Errors: a {@link LimnError} that names `file`, the byte offset and the field.
 */
export function decode<T extends DescMessage>(
  schema: T,
  bytes: Uint8Array,
  file: string,
  kind: string,
): MessageShape<T> {
  const damage = check(schema, bytes);
  if (damage) {
    fail(
      `${file}, byte ${damage.offset}`,
      `${damage.what}: not ${kind}, or damaged`,
      'check the file or fetch it again',
    );
  }
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    return fail(file, `not ${kind}: ${error instanceof Error ? error.message : error}`);
  }
}

interface Damage {
  readonly offset: number;
  readonly what: string;
}

/** The first place where bytes are no message of the schema; undefined if there is none. */
function check(schema: DescMessage, bytes: Uint8Array): Damage | undefined {
  const spans = [{ schema, at: 0, end: bytes.length, path: '' }];
  const tables = new Map<DescMessage, Map<number, DescField>>();
  for (let span = spans.pop(); span; span = spans.pop()) {
    let { at } = span;
    const { schema, end, path } = span;
    let table = tables.get(schema);
    if (!table) {
      table = new Map(schema.fields.map((field) => [field.number, field]));
      tables.set(schema, table);
    }
    while (at < end) {
      const offset = at;
      const tag = varint(bytes, at, end);
      if (!tag || tag.value > 0xffffffff) return { offset, what: cut('a field tag', path) };
      at = tag.next;
      const number = Math.floor(tag.value / 8);
      const wire: WireType = tag.value % 8;
      const field = table.get(number);
      const name = path + (field?.name ?? `field ${number}`);
      if (number === 0 || (wire !== 0 && wire !== 1 && wire !== 2 && wire !== 5)) {
        return { offset, what: cut(`no such field (number ${number}, type ${wire})`, path) };
      }
      if (field && !fits(field, wire)) return { offset, what: `${name} has the wrong type ${wire}` };
      const start = at;
      if (wire === WireType.Varint) {
        const value = varint(bytes, at, end);
        if (!value) return { offset: start, what: `${name} is cut off` };
        at = value.next;
      } else if (wire === WireType.LengthDelimited) {
        const length = varint(bytes, at, end);
        if (!length) return { offset: start, what: `the length of ${name} is cut off` };
        at = length.next + length.value;
        if (at > end) {
          return {
            offset: start,
            what: `${name} claims ${length.value} bytes where ${end - length.next} are left`,
          };
        }
        if (field?.message) spans.push({ schema: field.message, at: length.next, end: at, path: `${name}.` });
        else if (field?.fieldKind === 'list') {
          const bad = packed(bytes, length.next, at, field);
          if (bad !== undefined) return { offset: bad, what: `${name} is cut off` };
        }
      } else {
        at += wire === WireType.Bit64 ? 8 : 4;
        if (at > end) return { offset: start, what: `${name} is cut off` };
      }
    }
  }
  return undefined;
}

const cut = (what: string, path: string): string => (path ? `${what} in ${path.slice(0, -1)}` : what);

/** A varint of up to ten bytes that ends before `end`; its value is exact up to 2⁵³. */
function varint(bytes: Uint8Array, at: number, end: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0, scale = 1; i < 10 && at + i < end; i++, scale *= 128) {
    const byte = bytes[at + i]!;
    value += (byte & 127) * scale;
    if (byte < 128) return { value, next: at + i + 1 };
  }
  return undefined;
}

/** Where a packed list of numbers ends amid an element; undefined if it does not. */
function packed(bytes: Uint8Array, start: number, end: number, field: DescField): number | undefined {
  const wire = wireOf(field);
  if (wire === WireType.LengthDelimited) return undefined;
  if (wire !== WireType.Varint)
    return (end - start) % (wire === WireType.Bit64 ? 8 : 4) === 0 ? undefined : end;
  for (let at = start; at < end; ) {
    const value = varint(bytes, at, end);
    if (!value) return at;
    at = value.next;
  }
  return undefined;
}

/** Whether a field can stand in a file with this wire type: lists of numbers also packed. */
function fits(field: DescField, wire: WireType): boolean {
  return wire === wireOf(field) || (wire === WireType.LengthDelimited && field.fieldKind === 'list');
}

function wireOf(field: DescField): WireType {
  if (field.message || field.fieldKind === 'map') return WireType.LengthDelimited;
  if (field.enum) return WireType.Varint;
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
