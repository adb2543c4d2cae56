import { Parser } from 'pickleparser';
import { fail } from '../../common/error.ts';
import { andMore, isOrAre } from '../../common/format.ts';
import { quoted } from '../../common/quoted.ts';
import { size } from '../../graph/index.ts';
import { numpyData, numpyElements } from '../../graph/numpy.ts';

/** An array of NumPy's, the last axis fastest. */
export class NumpyArray {
  shape: readonly number[] = [];
  data: readonly number[] = [];

  /** As NumPy pickles it: version, shape, type, whether the first axis is fastest, bytes. */
  __setstate__([, shape, type, fortranOrder, bytes]: [unknown, number[], NumpyType, boolean, Bytes]): void {
    this.shape = shape;
    this.data = type.read(bytes, shape, fortranOrder);
  }
}

/** A pickled class, of which nothing is known but what its objects hold. */
export type PickledClass = new () => object;

type Bytes = Uint8Array | string;

/** How the numbers of an array are stored. */
class NumpyType {
  #order = '<';
  readonly #code: string;

  constructor(code: string) {
    this.#code = code;
  }

  __setstate__([, order]: [unknown, string]): void {
    this.#order = order;
  }

  read(given: Bytes, shape: readonly number[], fortranOrder = false): number[] {
    const bytes = typeof given === 'string' ? bytesOf(given) : given;
    const elements = numpyElements(/^[<>=|]/.test(this.#code) ? this.#code : `${this.#order}${this.#code}`);
    if (!elements) throw new Error(`numbers of NumPy's type '${this.#code}'`);
    const wanted = size(shape) * elements.bytes;
    if (bytes.length !== wanted || !shape.every((n) => Number.isSafeInteger(n) && n >= 0))
      throw new Error(`${bytes.length} bytes of an array [${shape}], which has ${wanted}`);
    return Array.from<number | bigint, number>(
      numpyData(bytes, 0, shape, { ...elements, fortranOrder }),
      Number,
    );
  }
}

/** Python 2 has no other bytes than strings: one character each. */
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** What pickles call to make arrays and objects: nothing of Python is run, and nothing else is known. */
const makers: Readonly<Record<string, unknown>> = {
  'multiarray._reconstruct': () => new NumpyArray(),
  'multiarray.scalar': (type: NumpyType, bytes: Bytes) => type.read(bytes, [])[0],
  'numeric._frombuffer': (bytes: Bytes, type: NumpyType, shape: number[], order: string) => {
    const array = new NumpyArray();
    array.__setstate__([1, shape, type, order === 'F', bytes]);
    return array;
  },
  'numpy.ndarray': NumpyArray,
  'numpy.dtype': (code: string) => new NumpyType(code),
  '_codecs.encode': (text: string) => text,
  'copy_reg._reconstructor': (type: PickledClass) => new type(),
  'builtins.object': Object,
};

/** The same by the names of other versions: `numpy._core.multiarray` of NumPy 2, `copyreg` of Python 3, `__builtin__` of Python 2. */
const makerOf = (module: string, name: string): unknown => {
  const short = module
    .replace(/^numpy\._?core\./, '')
    .replace(/^copyreg$/, 'copy_reg')
    .replace(/^__builtin__$/, 'builtins');
  const known = `${short}.${name}`;
  return Object.hasOwn(makers, known) ? makers[known] : undefined;
};

/** Stands for whatever has a name that is not known, so that all such names are told; nothing is called. */
function Foreign(): object {
  return {};
}

/** So many names are told. */
const mostForeign = 12;

/**
 * What is in a pickle of Python (protocols 0 to 5), without running anything that it names: `classOf` says which classes may be in it;
 * NumPy's arrays are {@link NumpyArray}. Errors: a file that ends too early or is none; names that are neither, all of them; other numbers
 * than whole ones and floats.
 */
export function readPickle(
  bytes: Uint8Array,
  file: string,
  classOf: (name: string) => PickledClass | undefined,
): unknown {
  const foreign = new Set<string>();
  const resolve = (module: string, name: string) => {
    const found = makerOf(module, name) ?? classOf(name);
    if (found !== undefined) return found as PickledClass;
    foreign.add(quoted(`${module}.${name}`));
    return Foreign;
  };
  let read: unknown;
  let failed: unknown;
  try {
    read = new Parser({ nameResolver: { resolve } }).read(new PickleReader(bytes));
  } catch (error) {
    failed = error;
  }
  // What stands for a name that is not known may well not do what the pickle asks of it: the names come first.
  if (foreign.size > 0) {
    const told = andMore([...foreign].slice(0, mostForeign), foreign.size);
    fail(file, `it holds ${told}, which ${isOrAre(foreign.size)} no part of a network`);
  }
  if (failed === undefined) return read;
  const said = failed instanceof RangeError ? 'it ends too early' : (failed as Error).message;
  return fail(file, `a pickle of Python that cannot be read: ${said}`);
}

/** In a line of a string no backslash stands for itself: Python writes two, or in Unicode its number. */
const escapes = /\\(u[\da-f]{4}|x[\da-f]{2}|[nrt\\'"])/gi;
const unescaped = (escaped: string): string => {
  const code = /^[ux](.+)/.exec(escaped)?.[1];
  if (code) return String.fromCharCode(Number.parseInt(code, 16));
  return { n: '\n', r: '\r', t: '\t' }[escaped] ?? escaped;
};

/** Reads a pickle's words; unlike the library's own reader, strings of Python 2 byte by byte, since they hold arrays' numbers. */
class PickleReader {
  #at = 0;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A pickle ends by a word of its own, before its bytes do. */
  hasNext = (): boolean => {
    if (this.#at < this.#bytes.length) return true;
    throw new RangeError();
  };
  byte = (): number => this.#view.getUint8(this.#past(1));
  uint16 = (): number => this.#view.getUint16(this.#past(2), true);
  int32 = (): number => this.#view.getInt32(this.#past(4), true);
  uint32 = (): number => this.#view.getUint32(this.#past(4), true);
  uint64 = (): number => Number(this.#view.getBigUint64(this.#past(8), true));
  float64 = (): number => this.#view.getFloat64(this.#past(8), false);
  skip = (count: number): void => void this.#past(count);

  bytes = (count: number): Uint8Array => {
    const from = this.#past(count);
    return this.#bytes.subarray(from, from + count);
  };

  string = (count: number, encoding: 'ascii' | 'utf-8'): string => {
    const bytes = this.bytes(count);
    if (encoding === 'utf-8') return new TextDecoder().decode(bytes);
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return text;
  };

  line = (): string => {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new RangeError();
    const text = this.string(end - this.#at, 'ascii');
    this.#at = end + 1;
    return text.replace(escapes, (_, escaped: string) => unescaped(escaped));
  };

  /** Where the next `count` bytes begin. */
  #past(count: number): number {
    const from = this.#at;
    if (!(count >= 0) || from + count > this.#bytes.length) throw new RangeError();
    this.#at = from + count;
    return from;
  }
}
