import {
  create,
  type DescField,
  type DescMessage,
  isFieldSet,
  type Message,
  type MessageShape,
} from '@bufbuild/protobuf';
import { bytesOf } from '../../common/bytes.ts';
import { fail, type LimnError } from '../../common/error.ts';
import { count } from '../../common/format.ts';
import { nearest } from '../../common/nearest.ts';
import { clipped } from '../../common/quoted.ts';
import { refusalOf, toldByKind } from '../../common/refusals.ts';
import { fieldRecord } from '../copy.ts';
import { packedWidth } from '../floats.ts';
import { foreignField, foreignType } from '../forks.ts';
import { place, setPosition } from '../position.ts';
import { readEnum, readScalar, writtenFloat } from './scalar.ts';
import type { TextBlock, TextField, Value } from './tree.ts';

/** A field of one of Caffe's forks that is left out, since nothing that limn computes depends on it. */
export interface LeftOut {
  /** `file:line:column`. */
  readonly where: string;
  readonly field: string;
  readonly why: string;
}

/** What is said of a field that is left out. */
export const leftOutText = ({ where, field, why }: LeftOut): string =>
  `${where}: ${field} is left out, ${why}`;

/** Told once of each field that is left out. */
export type Tell = (left: LeftOut) => void;

/**
 * A tree of fields as a message of the given type: names and types are the schema's. Every message remembers where it
 * stood (`positionOf`). Fields of forks of Caffe on which no result depends are left out; `tell` is told once of each.
 * Errors: unknown fields and enum values, values of another type, a field given twice that may be given once; all of them at once.
 */
export function toMessage<Desc extends DescMessage>(
  desc: Desc,
  block: TextBlock,
  tell: Tell = () => {},
): MessageShape<Desc> {
  const told = new Set<string>();
  const wrong: LimnError[] = [];
  const message = messageOf(desc, block, {
    leaveOut(entry, why) {
      const field = entry.name;
      const both = `${field}: ${why}`;
      if (!told.has(both)) tell({ where: place(entry.at), field, why });
      told.add(both);
    },
    attempt(work) {
      const error = refusalOf(work);
      if (error) wrong.push(error);
    },
  });
  failAll(wrong, block.at.file);
  return message;
}

/** Errors: the only one; of several all of them, by what is wrong and where. */
function failAll(wrong: readonly LimnError[], file: string): void {
  const [first, second] = wrong;
  if (!first) return;
  if (!second) throw first;
  const fixes = new Map(wrong.map(({ what, fix }) => [what, fix]));
  const { told } = toldByKind(wrong, {
    kind: ({ what }) => what,
    place: ({ where }) => where.slice(file.length + 1),
    noun: 'time',
    hint: (what) => fixes.get(what),
  });
  fail(file, `${count(wrong.length)} places cannot be read, each line:column: ${told}`);
}

/** What reading does beside it. */
interface Reading {
  readonly leaveOut: (entry: TextField, why: string) => void;
  /** Reads something, and keeps what is wrong with it: all of that is told at once. */
  readonly attempt: (work: () => void) => void;
}

function messageOf<Desc extends DescMessage>(
  desc: Desc,
  block: TextBlock,
  reading: Reading,
): MessageShape<Desc> {
  const message = create(desc);
  const values = fieldRecord(message);
  const packed = new Map<DescField, number[]>();
  setPosition(message, block.at);
  const fields = fieldsByName(desc);
  const take = (entry: TextField) => {
    const field = fields.get(entry.name);
    if (!field) {
      if (refusedLater(entry, desc, block)) return;
      reading.leaveOut(entry, foreignField(desc.name, entry.name) ?? unknown(entry, desc, block));
    } else if (packedWidth(field)) {
      const numbers = packed.get(field) ?? [];
      packed.set(field, numbers);
      numbers.push(writtenFloat(entry.value, field.name));
    } else if (field.fieldKind === 'list') {
      (values[field.localName] as unknown[]).push(read(field, entry, reading));
    } else {
      if (isFieldSet(message as Message, field)) {
        fail(place(entry.at), `${field.name} is given twice in ${desc.name}`, 'keep one of them');
      }
      values[field.localName] = read(field, entry, reading);
    }
  };
  for (const entry of block.fields) reading.attempt(() => take(entry));
  for (const [field, numbers] of packed) {
    values[field.localName] = bytesOf(
      packedWidth(field) === 4 ? Float32Array.from(numbers) : Float64Array.from(numbers),
    );
  }
  return message;
}

const tables = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

function fieldsByName(desc: DescMessage): ReadonlyMap<string, DescField> {
  const known = tables.get(desc) ?? new Map(desc.fields.map((field) => [field.name, field]));
  tables.set(desc, known);
  return known;
}

function read(field: DescField, entry: TextField, reading: Reading): unknown {
  if (field.message) {
    const message = messageOf(field.message, block(entry.value, field.name), reading);
    // A message is found by its field's name, not by its brace.
    setPosition(message, entry.at);
    return message;
  }
  if (field.enum) return readEnum(field.enum, entry.value, field.name);
  return readScalar(field.scalar, entry.value, field.name);
}

function block(value: Value, name: string): TextBlock {
  return value.kind === 'block'
    ? value
    : fail(place(value.at), `${name} must be a message`, `write ${name} { … }`);
}

/**
 * Whether a layer is refused, or left out, for what it is, which says more than that a field of it is not known: of the
 * first format, or of a type that has these parameters to itself (`multi_label_data_param` of MultiLabelData).
 */
function refusedLater({ name }: TextField, desc: DescMessage, block: TextBlock): boolean {
  if (desc.name === 'V0LayerParameter') return true;
  const own = name.replace(/_param$/, '').replaceAll('_', '');
  const isOwn = typeOf(block)?.toLowerCase().startsWith(own) ?? false;
  return desc.name === 'LayerParameter' && name.endsWith('_param') && isOwn;
}

function typeOf({ fields }: TextBlock): string | undefined {
  const type = fields.find(({ name }) => name === 'type')?.value;
  return type?.kind === 'string' ? new TextDecoder().decode(type.bytes) : undefined;
}

function unknown(entry: TextField, desc: DescMessage, block: TextBlock): never {
  // Of a layer that limn does not read, its type says more than its first parameter.
  const type = typeOf(block);
  const foreign = type === undefined ? undefined : foreignType(type);
  if (foreign) fail(place(entry.at), foreign.what, foreign.fix);
  const near = nearest(
    entry.name,
    desc.fields.map((field) => field.name),
  );
  return fail(
    place(entry.at),
    `unknown field ${clipped(entry.name, 40)} in ${desc.name}`,
    near ? `did you mean ${near}?` : 'remove it, or check the spelling',
  );
}
