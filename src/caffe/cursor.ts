import { fail } from '../common/error.ts';

/** How protobuf writes a field's value. Groups (3 and 4) are not used by Caffe. */
export enum Wire {
  Varint = 0,
  Fixed64 = 1,
  Bytes = 2,
  Fixed32 = 5,
}

/**
 * More fields than any Caffe file has (runs of unpacked floats count as one): a limit, so that a damaged
 * file, where two bytes may stand for a whole message, cannot exhaust memory.
 */
const maxFields = 1 << 20;

/** A place in a binary file, moving forward; every read is checked against the end of its message. */
export class Cursor {
  offset = 0;
  private fields = 0;
  private readonly bytes: Uint8Array;
  private readonly file: string;

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.file = file;
  }

  /** A LimnError at a byte offset. */
  fail(what: string, fix?: string, offset = this.offset): never {
    return fail(`${this.file}: byte ${offset}`, what, fix);
  }

  /** Counts one more field or list element. */
  count(): void {
    if (++this.fields > maxFields)
      this.fail(`more than ${maxFields} fields`, 'this is no Caffe file, or it is damaged');
  }

  tag(end: number): { number: number; wire: Wire } {
    this.count();
    const start = this.offset;
    const tag = this.varint(end, 'a field');
    const wire = Number(tag & 7n);
    const number = Number(tag >> 3n);
    if (Wire[wire] === undefined || number < 1 || number > 0x1fffffff) {
      this.fail('no field starts here', 'this is no Caffe file of this kind, or it is damaged', start);
    }
    return { number, wire };
  }

  varint(end: number, name: string): bigint {
    const start = this.offset;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      this.need(1, end, name);
      const byte = this.bytes[this.offset++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return this.fail(`${name} has a number of more than 10 bytes`, 'the file is damaged', start);
  }

  /** The length of a string, bytes or message that must fit before `end`. */
  length(end: number, name: string): number {
    const start = this.offset;
    const length = this.varint(end, name);
    if (length > BigInt(end - this.offset)) {
      this.fail(`${name} needs ${length} bytes, ${end - this.offset} are left`, this.truncated(end), start);
    }
    return Number(length);
  }

  take(length: number, end: number, name: string): Uint8Array {
    this.need(length, end, name);
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  view(length: number, end: number, name: string): DataView {
    const { buffer, byteOffset } = this.take(length, end, name);
    return new DataView(buffer, byteOffset, length);
  }

  skip(wire: Wire, end: number, name: string): void {
    if (wire === Wire.Varint) this.varint(end, name);
    else this.take(wire === Wire.Fixed32 ? 4 : wire === Wire.Fixed64 ? 8 : this.length(end, name), end, name);
  }

  /** The values of consecutive fixed-width fields of one number, whose first tag has been read. */
  run(number: number, wire: Wire, width: number, end: number, name: string): Uint8Array {
    const tag = (number << 3) | wire;
    if (tag > 127) throw new Error('runs are read for fields with tags of one byte');
    let count = 1;
    while (
      this.offset + count * (width + 1) < end &&
      this.bytes[this.offset + count * (width + 1) - 1] === tag
    ) {
      count++;
    }
    const values = new Uint8Array(count * width);
    for (let i = 0; i < count; i++) {
      if (i > 0) this.offset++;
      values.set(this.take(width, end, name), i * width);
    }
    return values;
  }

  private need(length: number, end: number, name: string): void {
    if (end - this.offset < length) {
      this.fail(`${name} needs ${length} bytes, ${end - this.offset} are left`, this.truncated(end));
    }
  }

  private truncated(end: number): string {
    return end === this.bytes.length
      ? 'the file is truncated, or no Caffe file of this kind'
      : 'the file is damaged';
  }
}
