import { type DescField, type DescMessage, isFieldSet, type Message, ScalarType } from '@bufbuild/protobuf';
import { fieldRecord } from '../copy.ts';
import { float32Of, float64Of, packedWidth } from '../floats.ts';
import {
  type NetParameter,
  NetParameterSchema,
  type SolverParameter,
  SolverParameterSchema,
} from '../generated/caffe_pb.ts';

/** A network definition as protobuf text format, the way Caffe prints it: fields by number, layers last. */
export const writePrototxt = (net: NetParameter): string => writeText(NetParameterSchema, net);

/** A solver definition as protobuf text format. */
export const writeSolver = (solver: SolverParameter): string => writeText(SolverParameterSchema, solver);

/** Any of caffe.proto's messages as protobuf text format, two spaces per level. */
export function writeText(desc: DescMessage, message: Message, indent = ''): string {
  return desc.fields
    .filter((field) => isFieldSet(message, field))
    .sort((a, b) => a.number - b.number)
    .flatMap((field) => entries(field, fieldRecord(message)[field.localName]))
    .map(([field, value]) =>
      field.message
        ? `${indent}${field.name} {\n${writeText(field.message, value as Message, `${indent}  `)}${indent}}\n`
        : `${indent}${field.name}: ${scalar(field, value)}\n`,
    )
    .join('');
}

function entries(field: DescField, value: unknown): (readonly [DescField, unknown])[] {
  const width = packedWidth(field);
  if (width) {
    const read = width === 4 ? float32Of : float64Of;
    return Array.from(read(value as Uint8Array, field.name), (number) => [field, number] as const);
  }
  return field.fieldKind === 'list'
    ? (value as unknown[]).map((item) => [field, item] as const)
    : [[field, value]];
}

function scalar(field: DescField, value: unknown): string {
  if (field.enum) return field.enum.value[value as number]?.name ?? String(value);
  if (typeof value === 'string') return quote(value);
  if (value instanceof Uint8Array) return quoteBytes(value);
  const single = field.scalar === ScalarType.FLOAT || packedWidth(field) === 4;
  return typeof value === 'number' ? number(value, single) : String(value);
}

/** The shortest decimal that reads back as the same number: for a float32, `0.1` and not 0.10000000149. */
function number(value: number, single: boolean): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  if (!single) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const octal = (code: number): string => `\\${code.toString(8).padStart(3, '0')}`;

function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
  const escaped = text.replace(/["\\\x00-\x1f\x7f]/g, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : (named[char] ?? octal(char.charCodeAt(0))),
  );
  return `"${escaped}"`;
}

const quoteBytes = (bytes: Uint8Array): string =>
  `"${Array.from(bytes, (byte) => (byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 ? String.fromCharCode(byte) : octal(byte))).join('')}"`;
