import { WireType } from '@bufbuild/protobuf/wire';
import { fail } from './error.ts';

/**
 * More fields than any file of a network has (a run of unpacked numbers counts as one): a limit, so that a damaged
 * file, where two bytes may stand for a whole message, cannot exhaust memory.
 */
const maxFields = 1 << 20;

/** A place in a protobuf file, moving forward; every read is checked against the end of its message. */
export class Cursor {
  offset = 0;
  #fields = 0;
  readonly bytes: Uint8Array;
  readonly #file: string;
  readonly #kind: string;

  constructor(bytes: Uint8Array, file: string, kind: string) {
    this.bytes = bytes;
    this.#file = file;
    this.#kind = kind;
  }

  /** A LimnError at a byte offset. */
  fail(what: string, fix = `this is not ${this.#kind}, or it is damaged`, offset = this.offset): never {
    return fail(`${this.#file}: byte ${offset}`, what, fix);
  }

  /** Counts one more field or list element. */
  count(): void {
    if (++this.#fields > maxFields) this.fail(`more than ${maxFields} fields`);
  }

  /** A field's tag. Groups, which no file of a network uses, are none. */
  tag(end: number): { number: number; wire: WireType } {
    this.count();
    const start = this.offset;
    const tag = this.varint(end, 'a field');
    const number = Math.floor(tag / 8);
    const wire: WireType = tag % 8;
    // Protobuf takes tags of 32 bits, in five bytes at most.
    const isLong = this.offset - start > 5;
    if (isLong || number < 1 || number > 0x1fffffff || (wire > 2 && wire !== WireType.Bit32)) {
      this.fail('no field starts here', undefined, start);
    }
    return { number, wire };
  }

  /** A varint, exact up to 2⁵³. */
  varint(end: number, name: string): number {
    const start = this.offset;
    for (let i = 0, value = 0, scale = 1; i < 10; i++, scale *= 128) {
      this.#need(1, end, name);
      const byte = this.bytes[this.offset++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return this.fail(`${name} has a number of more than 10 bytes`, 'the file is damaged', start);
  }

  /** The length of a string, bytes or message that must fit before `end`. */
  length(end: number, name: string): number {
    const start = this.offset;
    const length = this.varint(end, name);
    this.#need(length, end, name, start);
    return length;
  }

  /** Passes a field's value. */
  skip(wire: WireType, end: number, name: string): void {
    if (wire === WireType.Varint) {
      this.varint(end, name);
    } else {
      const length = wire === WireType.Bit32 ? 4 : wire === WireType.Bit64 ? 8 : this.length(end, name);
      this.#need(length, end, name);
      this.offset += length;
    }
  }

  /** The values, joined, of consecutive fields of one number, whose first tag has been read. */
  run(number: number, wire: WireType, end: number, name: string): Uint8Array {
    const tag = number * 8 + wire;
    if (tag > 127) throw new Error('runs are read for fields with tags of one byte');
    const start = this.offset;
    let count = 1;
    this.skip(wire, end, name);
    for (; this.offset < end && this.bytes[this.offset] === tag; count++) {
      this.offset++;
      this.skip(wire, end, name);
    }
    const stop = this.offset;
    const values = new Uint8Array(stop - start - (count - 1));
    this.offset = start;
    for (let to = 0; to < values.length; this.offset++) {
      const from = this.offset;
      this.skip(wire, end, name);
      for (let i = from; i < this.offset; i++) values[to++] = this.bytes[i];
    }
    this.offset = stop;
    return values;
  }

  #need(length: number, end: number, name: string, start = this.offset): void {
    if (end - this.offset < length) {
      // What is no safe integer was rounded when it was read.
      const needed = Number.isSafeInteger(length) ? String(length) : 'more than 2⁵³';
      this.fail(
        `${name} needs ${needed} bytes, ${end - this.offset} are left`,
        end === this.bytes.length ? `the file is truncated, or not ${this.#kind}` : 'the file is damaged',
        start,
      );
    }
  }
}
