import type { Dice } from './random.ts';

/** How a file is made up, which decides how it is damaged. */
export type Structure = 'bytes' | 'text' | 'json' | 'protobuf' | 'pages';

/** What a mutant is made of. */
export interface Material {
  /** The file that is damaged. */
  readonly file: Uint8Array;
  /** Another of the same format, to take pieces of. */
  readonly other: Uint8Array;
  readonly structure: Structure;
  /** Words that mean something in the format. */
  readonly words: readonly string[];
}

/** The largest mutant: what is repeated must not grow without end. */
const MOST_BYTES = 200_000;

/** A damaged file: one to five edits, of the file's structure and of its bare bytes. */
export function mutant(material: Material, dice: Dice): Uint8Array {
  let file = material.file;
  const edits = 1 + dice.below(dice.chance(0.2) ? 5 : 2);
  for (let i = 0; i < edits; i++) file = edited({ ...material, file }, dice);
  return file.length > MOST_BYTES ? file.slice(0, MOST_BYTES) : file;
}

function edited(material: Material, dice: Dice): Uint8Array {
  const { structure } = material;
  if (structure === 'protobuf' && dice.chance(0.7)) return editFields(material, dice);
  if (structure === 'json' && dice.chance(0.7)) return editJson(material, dice);
  if ((structure === 'text' || structure === 'json') && dice.chance(0.8)) return editText(material, dice);
  return editBytes(material, dice);
}

/** Lengths, counts and signs at which programs go wrong. */
const numbers = [
  ...[0, 1, -1, 2, 3, 7, 8, 16, 127, 128, 255, 256, 1000, 4096, 32767, 32768, 65535, 65536, 1e6],
  ...[2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e15],
];

function editBytes({ file, other, structure }: Material, dice: Dice): Uint8Array {
  // The structure of pages stands at their beginnings.
  const place = () =>
    structure === 'pages' && dice.chance(0.8)
      ? dice.below(Math.ceil(file.length / 4096)) * 4096 + dice.below(160)
      : dice.below(file.length);
  const at = Math.min(place(), Math.max(file.length - 1, 0));
  const length = 1 + dice.below(dice.chance(0.5) ? 8 : 200);
  const copy = file.slice();
  switch (dice.below(9)) {
    case 0:
      copy[at] ^= 1 << dice.below(8);
      return copy;
    case 1:
      copy[at] = dice.pick([0, 1, 0x7f, 0x80, 0xff, dice.below(256)]);
      return copy;
    case 2:
    case 3: {
      const size = dice.pick([2, 4, 8]);
      if (at + size > copy.length) return copy;
      const view = new DataView(copy.buffer);
      const value = BigInt.asUintN(8 * size, BigInt(dice.pick(numbers)));
      const little = dice.chance(0.7);
      if (size === 2) view.setUint16(at, Number(value), little);
      else if (size === 4) view.setUint32(at, Number(value), little);
      else view.setBigUint64(at, value, little);
      return copy;
    }
    case 4:
      return file.slice(0, at);
    case 5:
      return spliced(file, at, length, new Uint8Array());
    case 6:
      return spliced(file, at, 0, file.slice(at, at + length));
    case 7:
      return spliced(
        file,
        at,
        0,
        Uint8Array.from({ length: length % 16 }, () => dice.below(256)),
      );
    default: {
      const from = dice.below(other.length);
      const piece = other.slice(from, from + length);
      return spliced(file, at, dice.chance(0.5) ? piece.length : 0, piece);
    }
  }
}

function spliced(file: Uint8Array, at: number, removed: number, put: Uint8Array): Uint8Array {
  const rest = file.subarray(Math.min(at + removed, file.length));
  const result = new Uint8Array(at + put.length + rest.length);
  result.set(file.subarray(0, at));
  result.set(put, at);
  result.set(rest, at + put.length);
  return result;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Words, numbers, spaces, and each other character. */
const tokensOf = (text: string): string[] =>
  text.match(/[A-Za-z_]\w*|[+-]?\d[\d.eE+-]*|[^\S\n]+|[\s\S]/gu) ?? [];

function editText({ file, other, words }: Material, dice: Dice): Uint8Array {
  const tokens = tokensOf(decoder.decode(file));
  const at = dice.below(tokens.length);
  const foreign = () => {
    const all = tokensOf(decoder.decode(other));
    const from = dice.below(all.length);
    return all.slice(from, from + 1 + dice.below(12));
  };
  const one = (): string =>
    dice.pick([
      () => dice.pick(words.length > 0 ? words : ['']),
      () => String(dice.pick([...numbers, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e308])),
      () =>
        dice.pick([...'{}[]<>(),;:"\'\\#*&!|-?%@` \t\n\r\0\u2028\ufeff', '\ud800', '../', '__proto__', '']),
      () => tokens[dice.below(tokens.length)] ?? '',
    ])();
  const edits: readonly (() => unknown)[] = [
    () => tokens.splice(at, 1 + dice.below(6)),
    () => tokens.splice(at, 1, one()),
    () => tokens.splice(at, 0, one()),
    () => tokens.splice(at, 0, ...foreign()),
    () => tokens.splice(at, 0, ...tokens.slice(at, at + 1 + dice.below(30))),
    () => tokens.splice(at, 1, ...Array.from({ length: 2 + dice.below(200) }, () => tokens[at] ?? '')),
    () => {
      const b = dice.below(tokens.length);
      [tokens[at], tokens[b]] = [tokens[b], tokens[at]];
    },
    () => tokens.splice(at),
  ];
  dice.pick(edits)();
  return encoder.encode(tokens.join(''));
}

/** Objects and lists of a document, the outermost first. */
function containers(value: unknown): (Record<string, unknown> | unknown[])[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(containers);
  return [value as Record<string, unknown>, ...inner];
}

/** The document of a file; of one in lines, one of them and what stands around it. */
function document(text: string, dice: Dice): { value: unknown; before: string; after: string } | undefined {
  const whole = parsed(text);
  if (whole !== undefined) return { value: whole, before: '', after: '' };
  const lines = text.split('\n');
  const at = dice.below(lines.length);
  const value = parsed(lines[at]);
  const joined = (part: readonly string[]) => part.map((line) => `${line}\n`).join('');
  const before = joined(lines.slice(0, at));
  return value === undefined ? undefined : { value, before, after: `\n${lines.slice(at + 1).join('\n')}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function editJson(material: Material, dice: Dice): Uint8Array {
  const found = document(decoder.decode(material.file), dice);
  const all = containers(found?.value);
  if (!found || all.length === 0) return editText(material, dice);
  const target = dice.pick(all) as Record<string, unknown>;
  const donors = containers(document(decoder.decode(material.other), dice)?.value);
  const key = dice.pick([...Object.keys(target), '']) ?? '';
  const value = (): unknown =>
    dice.pick<() => unknown>([
      () => dice.pick<unknown>([null, true, false, '', [], {}, '\u0000', [[]], { a: 1 }, 'a'.repeat(3000)]),
      () => dice.pick([...numbers, 0.5, -0.5, 1e308, 1e-320]),
      () => dice.pick(material.words.length > 0 ? material.words : ['x']),
      () => dice.pick([...all, ...donors]),
      () => dice.pick(Object.values(dice.pick([...all, ...donors]))),
      () => Array.from({ length: dice.below(50) }, () => target[key] ?? 0),
    ])();
  if (Array.isArray(target)) {
    const at = dice.below(target.length + 1);
    target.splice(at, dice.below(2), ...(dice.chance(0.6) ? [copied(value())] : []));
  } else if (dice.chance(0.25)) delete target[key];
  else
    target[dice.chance(0.3) ? dice.pick(['', 'constructor', 'length', 'format', ...material.words]) : key] =
      copied(value());
  return encoder.encode(`${found.before}${JSON.stringify(found.value)}${found.after}`);
}

/** A value within itself could not be written. */
const copied = (value: unknown): unknown => (value === undefined ? undefined : structuredClone(value));

/** A field of a message as it is on the wire. */
interface WireField {
  readonly tag: number;
  readonly type: number;
  /** Of a number that is not fixed in size. */
  readonly value?: bigint;
  /** Everything else. */
  readonly bytes?: Uint8Array;
}

/** The fields of a message; undefined if it is none. */
function fieldsOf(bytes: Uint8Array): WireField[] | undefined {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; at < bytes.length && shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const key = varint();
    if (key === undefined || key < 8n || key > 0xffffffffn) return undefined;
    const [tag, type] = [Number(key >> 3n), Number(key & 7n)];
    if (type === 0) {
      const value = varint();
      if (value === undefined) return undefined;
      fields.push({ tag, type, value });
      continue;
    }
    const length = type === 1 ? 8n : type === 5 ? 4n : type === 2 ? varint() : undefined;
    if (length === undefined || BigInt(at) + length > BigInt(bytes.length)) return undefined;
    fields.push({ tag, type, bytes: bytes.subarray(at, at + Number(length)) });
    at += Number(length);
  }
  return fields;
}

function varintBytes(value: bigint): number[] {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    out.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return out;
}

function bytesOf(fields: readonly WireField[]): Uint8Array {
  const parts = fields.flatMap(({ tag, type, value, bytes = new Uint8Array() }) => {
    const key = varintBytes((BigInt(tag) << 3n) | BigInt(type));
    if (value !== undefined) return [Uint8Array.from([...key, ...varintBytes(value)])];
    return [Uint8Array.from(type === 2 ? [...key, ...varintBytes(BigInt(bytes.length))] : key), bytes];
  });
  return new Uint8Array(Buffer.concat(parts));
}

/** Changes a message's fields at any depth; all lengths around them are right afterwards. */
function editFields(material: Material, dice: Dice): Uint8Array {
  const fields = fieldsOf(material.file);
  return fields && fields.length > 0
    ? bytesOf(editedFields(fields, material, dice))
    : editBytes(material, dice);
}

function editedFields(fields: readonly WireField[], material: Material, dice: Dice): WireField[] {
  const at = dice.below(fields.length);
  const field = fields[at];
  const inner = field.type === 2 && field.bytes ? fieldsOf(field.bytes) : undefined;
  if (inner && inner.length > 0 && dice.chance(0.8))
    return fields.with(at, { ...field, bytes: bytesOf(editedFields(inner, material, dice)) });
  const result = [...fields];
  switch (dice.below(7)) {
    case 0:
      result.splice(at, 1);
      break;
    case 1:
      result.splice(
        at,
        0,
        ...Array.from({ length: 1 + dice.below(dice.chance(0.1) ? 100 : 2) }, () => field),
      );
      break;
    case 2:
      result.push(...result.splice(at, 1));
      break;
    case 3:
      result[at] = {
        ...field,
        tag: Math.max(1, dice.chance(0.5) ? field.tag + dice.below(5) - 2 : dice.below(40)),
      };
      break;
    case 4: {
      const other = fields[dice.below(fields.length)];
      result[at] = { ...other, tag: field.tag };
      break;
    }
    default:
      result[at] = valueChanged(field, material, dice);
  }
  return result;
}

function valueChanged(field: WireField, material: Material, dice: Dice): WireField {
  if (field.value !== undefined) {
    const value = dice.chance(0.5) ? BigInt(dice.pick(numbers)) : field.value + BigInt(dice.below(9) - 4);
    return { ...field, value };
  }
  const bytes = field.bytes ?? new Uint8Array();
  if (field.type !== 2) {
    const changed = bytes.slice();
    changed[dice.below(changed.length)] = dice.pick([0, 0x7f, 0x80, 0xff, dice.below(256)]);
    return { ...field, bytes: changed };
  }
  const word = encoder.encode(dice.pick(material.words.length > 0 ? material.words : ['x']));
  const put = dice.pick([
    () => word,
    () => new Uint8Array(),
    () => editBytes({ ...material, file: bytes }, dice),
  ])();
  return { ...field, bytes: put };
}
