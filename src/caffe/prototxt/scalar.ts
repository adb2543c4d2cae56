import { type DescEnum, ScalarType } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { nearest } from '../../common/nearest.ts';
import { clipped } from '../../common/quoted.ts';
import { place } from '../position.ts';
import type { Value } from './tree.ts';

/** A written value as the given protobuf type; `field` names it in errors. */
export function readScalar(type: ScalarType, value: Value, field: string): unknown {
  switch (type) {
    case ScalarType.STRING:
      return new TextDecoder().decode(bytes(value, field));
    case ScalarType.BYTES:
      return bytes(value, field);
    case ScalarType.BOOL:
      return bool(value, field);
    case ScalarType.FLOAT:
      // What Caffe computes with: the float32 nearest to the number written.
      return Math.fround(writtenFloat(value, field));
    case ScalarType.DOUBLE:
      return writtenFloat(value, field);
    case ScalarType.INT64:
      return integer(value, field, -(2n ** 63n), 2n ** 63n);
    case ScalarType.UINT64:
      return integer(value, field, 0n, 2n ** 64n);
    case ScalarType.UINT32:
      return Number(integer(value, field, 0n, 2n ** 32n));
    case ScalarType.INT32:
      return Number(integer(value, field, -(2n ** 31n), 2n ** 31n));
    default:
      throw new Error(`caffe.proto has no field of scalar type ${type}`);
  }
}

/** A written enum value, by name or by number. */
export function readEnum(type: DescEnum, value: Value, field: string): number {
  const names = type.values.map((v) => v.name);
  if (value.kind === 'identifier' && !value.negative) {
    const found = type.values.find((v) => v.name === value.text);
    if (found) return found.number;
  } else if (value.kind === 'number') {
    const number = Number(integer(value, field, -(2n ** 31n), 2n ** 31n));
    if (type.values.some((v) => v.number === number)) return number;
  }
  // Which library computes is of no account here, and every fork has its own.
  if (type.name === 'Engine' && value.kind !== 'block') return 0;
  const near = value.kind === 'identifier' ? nearest(value.text, names) : undefined;
  if (type.name === 'LayerType' && value.kind === 'identifier') {
    const fix = near
      ? `did you mean ${near}?`
      : 'only forks of Caffe have them: leave them out, or put others there';
    fail(place(value.at), `layers of type ${clipped(value.text, 41)} are not supported`, fix);
  }
  const known = names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ');
  return mistyped(value, field, `one of ${known}`, near && `did you mean ${near}?`);
}

/** A written float, at double precision. */
export function writtenFloat(value: Value, field: string): number {
  if (value.kind !== 'number' && value.kind !== 'identifier') return mistyped(value, field, 'a number');
  const sign = value.negative ? -1 : 1;
  if (value.kind === 'identifier') {
    const word = value.text.toLowerCase();
    if (word === 'inf' || word === 'infinity') return sign * Number.POSITIVE_INFINITY;
    return word === 'nan' ? Number.NaN : mistyped(value, field, 'a number');
  }
  const hexadecimal = /^0x/i.test(value.text);
  return sign * Number(hexadecimal ? value.text : value.text.replace(/f$/i, ''));
}

function bytes(value: Value, field: string): Uint8Array {
  return value.kind === 'string' ? value.bytes : mistyped(value, field, 'a string', 'put it in quotes');
}

function bool(value: Value, field: string): boolean {
  if ((value.kind === 'identifier' || value.kind === 'number') && !value.negative) {
    if (/^(true|True|t|1)$/.test(value.text)) return true;
    if (/^(false|False|f|0)$/.test(value.text)) return false;
  }
  return mistyped(value, field, 'true or false');
}

/** An integer in [low, high): decimal, hexadecimal (0x1f) or octal (017). */
function integer(value: Value, field: string, low: bigint, high: bigint): bigint {
  if (value.kind !== 'number' || !/^(0x[0-9a-f]+|[0-9]+)$/i.test(value.text)) {
    return mistyped(value, field, 'a whole number');
  }
  const octal = /^0[0-9]+$/.test(value.text);
  if (octal && /[89]/.test(value.text)) return mistyped(value, field, 'octal digits after a leading 0');
  // Longer than any 64-bit number in any base; BigInt's time grows faster than the digits.
  if (value.text.length > 100) return mistyped(value, field, 'a number of fewer digits');
  const magnitude = BigInt(octal ? `0o${value.text.slice(1)}` : value.text);
  const number = value.negative ? -magnitude : magnitude;
  if (number < low || number >= high) return mistyped(value, field, `a number from ${low} to ${high - 1n}`);
  return number;
}

function mistyped(value: Value, field: string, expected: string, fix?: string): never {
  return fail(place(value.at), `${field} must be ${expected}, got ${describe(value)}`, fix);
}

function describe(value: Value): string {
  if (value.kind === 'block') return 'a message in braces';
  if (value.kind === 'string')
    return `the string ${clipped(JSON.stringify(new TextDecoder().decode(value.bytes)), 41)}`;
  return clipped(`${(value).negative ? '-' : ''}${value.text}`, 41);
}
