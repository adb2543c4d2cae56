import { fail } from '../../common/error.ts';
import { refuseOthers } from '../../common/filekind.ts';

/** What stands before the data of a NumPy array file. */
export interface NpyHeader {
  /** Byte order and element type, `<f4`. */
  readonly descr: string;
  /** Byte offset of `descr`, for errors. */
  readonly descrStart: number;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Byte offset of the first element. */
  readonly dataStart: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

type Literal = string | boolean | number[];

/**
 * Reads the header of a NumPy array file: magic, version 1 to 3, and a Python dictionary literal with exactly
 * the keys `descr`, `fortran_order` and `shape`. Errors name `name` and the byte offset.
 */
export function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  if (bytes.length < magic.length || magic.some((byte, i) => bytes[i] !== byte)) {
    refuseOthers(bytes, name, 'an npy file', 'array');
    fail(`${name}: byte 0`, 'not an npy file', 'save the array with numpy.save');
  }
  const major = bytes[6];
  if (major === undefined || major < 1 || major > 3) {
    fail(`${name}: byte 6`, `unknown npy format version ${major ?? '(truncated)'}`, 'use version 1, 2 or 3');
  }
  const lengthBytes = major === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  if (bytes.length < start) fail(`${name}: byte ${bytes.length}`, 'truncated in the header length');
  let length = 0;
  for (let i = lengthBytes - 1; i >= 0; i--) length = length * 256 + bytes[8 + i];
  if (start + length > bytes.length) {
    fail(
      `${name}: byte ${bytes.length}`,
      `truncated: the header needs ${length} bytes from byte ${start} on`,
    );
  }
  const parser = new DictionaryParser(bytes, start, start + length, name);
  const entries = parser.dictionary();
  const { descr, fortran_order: fortranOrder, shape } = Object.fromEntries(entries);
  if (typeof descr?.value !== 'string')
    fail(`${name}: byte ${start}`, 'the header names no element type (descr)');
  if (typeof fortranOrder?.value !== 'boolean') {
    fail(`${name}: byte ${start}`, 'the header has no fortran_order');
  }
  if (!Array.isArray(shape?.value)) fail(`${name}: byte ${start}`, 'the header has no shape');
  return {
    descr: descr.value,
    descrStart: descr.start,
    fortranOrder: fortranOrder.value,
    shape: shape.value,
    dataStart: start + length,
  };
}

/** Reads the few kinds of Python literals that NumPy writes: strings, booleans, tuples of whole numbers. */
class DictionaryParser {
  private at: number;

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
    private readonly end: number,
    private readonly name: string,
  ) {
    this.at = start;
  }

  dictionary(): [string, { value: Literal; start: number }][] {
    const entries: [string, { value: Literal; start: number }][] = [];
    this.expect('{');
    while (this.peek() !== '}') {
      const key = this.string();
      this.expect(':');
      this.peek();
      const start = this.at;
      if (entries.some(([known]) => known === key)) this.error(`a second ${key}`);
      entries.push([key, { value: this.literal(), start }]);
      if (this.peek() !== '}') this.expect(',');
    }
    this.expect('}');
    if (this.peek() !== '') this.error('text after the header dictionary');
    return entries;
  }

  private literal(): Literal {
    const next = this.peek();
    if (next === "'" || next === '"') return this.string();
    if (next === '(') return this.tuple();
    if (next === '[') this.error('a structured element type; save one field of it');
    const word = this.take(/[A-Za-z]/);
    if (word === 'True' || word === 'False') return word === 'True';
    return this.error('expected a string, True, False or a tuple');
  }

  private string(): string {
    const quote = this.peek();
    if (quote !== "'" && quote !== '"') this.error('expected a quoted string');
    this.at++;
    const text = this.take(/[^'"\\]/);
    if (this.char() !== quote) this.error('unterminated string');
    this.at++;
    return text;
  }

  private tuple(): number[] {
    const numbers: number[] = [];
    this.expect('(');
    while (this.peek() !== ')') {
      const digits = this.take(/\d/);
      const value = Number(digits);
      if (digits === '' || !Number.isSafeInteger(value)) this.error('expected a dimension of the shape');
      // Python 2 wrote long integers as 3L.
      if (this.char() === 'L') this.at++;
      numbers.push(value);
      if (this.peek() !== ')') this.expect(',');
    }
    this.expect(')');
    return numbers;
  }

  private char(): string {
    return this.at < this.end ? String.fromCharCode(this.bytes[this.at]) : '';
  }

  private peek(): string {
    this.take(/[ \t\r\n]/);
    return this.char();
  }

  private take(pattern: RegExp): string {
    let text = '';
    while (this.at < this.end && pattern.test(this.char())) {
      text += this.char();
      this.at++;
    }
    return text;
  }

  private expect(char: string): void {
    if (this.peek() !== char) this.error(`expected ${char}`);
    this.at++;
  }

  private error(what: string): never {
    return fail(`${this.name}: byte ${this.at}`, `bad npy header: ${what}`);
  }
}
