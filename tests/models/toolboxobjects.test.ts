import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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

  it('is refused wherever it is cut', () => {
    for (const name of ['protocol-0.nn', 'protocol-4.nn', 'python2-0.nn', 'python2-2.nn']) {
      const whole = bytesOf(name);
      for (let end = 0; end < whole.length; end += 37)
        expect(() => read(whole.subarray(0, end)), `${name}, ${end} bytes`).toThrow(/^net\.nn: /);
    }
  });
});
