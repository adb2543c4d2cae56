import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readToolboxNetwork } from '../../src/models/index.ts';

const folder = fileURLToPath(new URL('../fixtures/toolbox/', import.meta.url));
const bytesOf = (name: string) => new Uint8Array(readFileSync(`${folder}${name}`));
const read = (content: string | Uint8Array) => readToolboxNetwork({ name: 'net.nn', content });
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A pickle of protocol 0 of an object with one field. */
const holding = (type: string, field: string, value: string) =>
  ascii(
    `ccopy_reg\n_reconstructor\n(cmodules.sequential\nSequential\nc__builtin__\nobject\nNtR(dVmodules\n` +
      `(lccopy_reg\n_reconstructor\n(cmodules.${type.toLowerCase()}\n${type}\nc__builtin__\nobject\nNtR` +
      `(dV${field}\n${value}sbasb.`.replace('ccopy', 'copy'),
  );

describe("a network of the LRP Toolbox's objects of Python", () => {
  const text = read(readFileSync(`${folder}network.txt`, 'utf8'));

  it.each(readdirSync(folder).filter((name) => name.endsWith('.nn')))(
    'is the one that its text says: %s',
    (name) => {
      expect(read(bytesOf(name))).toEqual(text);
    },
  );

  it.each([
    [
      'cposix\nsystem\n(Vtouch /tmp/x\ntR.',
      /^net\.nn: it holds 'posix\.system', which is no part of a network$/,
    ],
    [
      '(lcposix\nsystem\n(Vtouch /tmp/x\ntRacsklearn.tree\nTree\n)Racposix\nsystem\n)Ra.',
      /^net\.nn: it holds 'posix\.system', 'sklearn\.tree\.Tree', which are no part of a network$/,
    ],
    ['csklearn.tree\nTree\n)R.', /^net\.nn: it holds 'sklearn\.tree\.Tree', which/],
    ['(lp0\n.', /^net\.nn: a pickle of Python without one of the toolbox's networks in it$/],
    ['cmodules.sequential\nSequential\n.', /^net\.nn: a pickle of Python without one of/],
    ['Linear 2 1\n1 1\n0\n', /^net\.nn: a pickle of Python that cannot be read: /],
    ['', /^net\.nn: a pickle of Python that cannot be read: it ends too early$/],
  ])('is refused by name where it is something else: %j', (content, message) => {
    expect(() => read(ascii(content))).toThrow(message);
  });

  it.each([
    ['SumPool', 'pool', '(I2\nI2\nt', /^net\.nn: layer 1: SumPool without two whole numbers stride$/],
    ['SumPool', 'pool', '(I2\nF0.5\nt', /^net\.nn: layer 1: SumPool without two whole numbers pool$/],
    ['Linear', 'W', 'I1\n', /^net\.nn: layer 1: Linear without an array W$/],
  ])('names the layer and what it lacks: %s, %s', (type, field, value, message) => {
    expect(() => read(holding(type, field, value))).toThrow(message);
  });

  it('may hold numbers of any type of NumPy, in either order of bytes and of axes', () => {
    const types = { f2: 2, f4: 4, f8: 8, i1: 1, i2: 2, i4: 4, i8: 8 } as const;
    type Type = keyof typeof types;
    const bytesOfNumber = (value: number, type: Type, little: boolean): number[] => {
      const view = new DataView(new ArrayBuffer(8));
      // Of float16 the numbers 1 to 9: sign and exponent are those of float32, with another bias.
      if (type === 'f2') {
        const power = Math.floor(Math.log2(value));
        view.setUint16(0, ((power + 15) << 10) | (1024 * (value / 2 ** power - 1)), little);
      } else if (type === 'f4') view.setFloat32(0, value, little);
      else if (type === 'f8') view.setFloat64(0, value, little);
      else if (type === 'i1') view.setInt8(0, value);
      else if (type === 'i2') view.setInt16(0, value, little);
      else if (type === 'i4') view.setInt32(0, value, little);
      else view.setBigInt64(0, BigInt(value), little);
      return Array.from({ length: types[type] }, (_, i) => view.getUint8(i));
    };
    /** An array by its elements in row-major order, as protocol 0 has it. */
    const array = (
      shape: readonly number[],
      values: readonly number[],
      type: Type,
      little: boolean,
      columns: boolean,
    ) => {
      const [rows, width = 1] = shape;
      const order = values.map((_, i) => (columns ? (i % rows) * width + Math.floor(i / rows) : i));
      const text = order
        .flatMap((i) => bytesOfNumber(values[i], type, little))
        .map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)
        .join('');
      return (
        "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR" +
        `(I1\n(${shape.map((n) => `I${n}\n`).join('')}tcnumpy\ndtype\n(S'${type}'\nI0\nI1\ntR` +
        `(I3\nS'${little ? '<' : '>'}'\nNNNI-1\nI-1\nI0\ntbI0${columns ? 1 : 0}\nS'${text}'\ntb`
      );
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(types) as Type[])),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 9, maxLength: 9 }),
        (type, little, columns, outputs, numbers) => {
          const [weights, bias] = [numbers.slice(0, 2 * outputs), numbers.slice(0, outputs)];
          const fields = `${array([2, outputs], weights, type, little, columns)}sVB\n${array([outputs], bias, type, little, false)}`;
          const { constants } = read(holding('Linear', 'W', fields));
          const turned = bias.flatMap((_, o) => [weights[o], weights[outputs + o]]);
          expect([...constants.values()].map(({ data }) => [...data])).toEqual([turned, bias]);
        },
      ),
    );
  });

  it('is refused where an array has other bytes than its shape says', () => {
    const array = (shape: string, code: string) =>
      `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(${shape}tcnumpy\ndtype\n(S'${code}'\nI0\nI1\ntR` +
      "(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS'\\x00\\x00\\x80\\x3f'\ntb";
    const refused = (shape: string, code: string) =>
      expect(() => read(holding('Linear', 'W', array(shape, code))));
    refused('I2\n', 'f4').toThrow(
      /^net\.nn: a pickle of Python that cannot be read: 4 bytes of an array \[2\]/,
    );
    refused('I-1\nI-1\n', 'f4').toThrow(/4 bytes of an array \[-1,-1\]/);
    refused('I1\n', 'c8').toThrow(/numbers of NumPy's type 'c8'/);
    refused('I1\n', 'constructor').toThrow(/numbers of NumPy's type 'constructor'/);
  });

  it('is refused wherever it is cut', () => {
    for (const name of ['protocol-0.nn', 'protocol-4.nn', 'python2-0.nn', 'python2-2.nn']) {
      const whole = bytesOf(name);
      for (let end = 0; end < whole.length; end += 37)
        expect(() => read(whole.subarray(0, end)), `${name}, ${end} bytes`).toThrow(/^net\.nn: /);
    }
  });
});
