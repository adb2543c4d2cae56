import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { methodNames } from '../../src/attribution/index.ts';
import { differenceOf, shareOf, spanned } from '../../src/studio/explain/region.ts';
import { explainCommandText } from '../../src/studio/state/commands.ts';
import { explainProgramText } from '../../src/studio/state/programs.ts';
import { requestOf } from '../../src/studio/state/request.ts';
import { addressOf, type ExplainView, firstDrawing, viewOfAddress } from '../../src/studio/state/view.ts';
import { explainRequest } from '../../src/verbs/index.ts';

const map = fc
  .record({ width: fc.integer({ min: 1, max: 6 }), height: fc.integer({ min: 1, max: 6 }) })
  .chain((size) =>
    fc
      .array(fc.float({ noNaN: true, min: -9, max: 9 }), {
        minLength: size.width * size.height,
        maxLength: size.width * size.height,
      })
      .map((values) => ({ ...size, data: Float32Array.from(values) })),
  );

const column = fc.record(
  {
    model: fc.string({ minLength: 1 }),
    target: fc.string(),
    head: fc.string({ minLength: 1 }),
    method: fc.constantFrom(...methodNames),
    parameters: fc.dictionary(
      fc.constantFrom('composite', 'gamma', 'samples'),
      fc.oneof(fc.integer(), fc.constant('gamma')),
    ),
  },
  { requiredKeys: ['model', 'target', 'method', 'parameters'] },
);

describe('the address of a view', () => {
  it('brings it back, whatever files and classes are called', () => {
    const views = fc.record({
      photos: fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
      columns: fc.array(column, { minLength: 1, maxLength: 3 }),
      photo: fc.nat({ max: 3 }),
      column: fc.nat({ max: 3 }),
      opacity: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(views, ({ opacity, ...rest }) => {
        const view: ExplainView = {
          ...rest,
          drawing: { ...firstDrawing, opacity: opacity / 20, scale: 'shared' },
        };
        expect(viewOfAddress(`#${addressOf('network', view)}`)).toEqual({ room: 'network', view });
      }),
    );
  });

  it('is the first visit where it says nothing or nonsense', () => {
    for (const address of [
      '',
      '#',
      '#nowhere?column=x&at=a,b',
      '#explain?column=method%3Dnone%26model%3Da',
    ]) {
      const { room, view } = viewOfAddress(address);
      expect([room, view.columns[0].method, view.photo]).toEqual(['explain', 'lrp', 0]);
    }
  });
});

describe('a region of a map', () => {
  it('has the sum of its pixels, and its share of all', () => {
    fc.assert(
      fc.property(map, fc.nat(35), fc.nat(35), (given, p, q) => {
        const { width, height, data } = given;
        const at = (i: number) => ({ x: i % width, y: Math.floor(i / width) % height });
        const [a, b] = [at(p), at(q)];
        let [sum, absolute, all, count] = [0, 0, 0, 0];
        data.forEach((value, i) => {
          all += Math.abs(value);
          const { x, y } = at(i);
          if ((x - a.x) * (x - b.x) > 0 || (y - a.y) * (y - b.y) > 0) return;
          sum += value;
          absolute += Math.abs(value);
          count++;
        });
        const share = shareOf(given, spanned(a, b));
        expect(share.sum).toBeCloseTo(sum, 9);
        expect(share.ofAbsolute).toBeCloseTo(all === 0 ? 0 : absolute / all, 9);
        expect(share.ofArea).toBeCloseTo(count / data.length, 9);
      }),
    );
  });

  it('differs from another map by what each is in its own scale', () => {
    fc.assert(
      fc.property(map, (given) => {
        const twice = { ...given, data: given.data.map((value) => 2 * value) };
        const difference = differenceOf(given, 1.5, twice, 3);
        expect([...difference!.data].every((value) => Math.abs(value) < 1e-6)).toBe(true);
        expect(differenceOf(given, 1, { ...given, width: given.width + 1 }, 1)).toBeUndefined();
      }),
    );
  });
});

describe('the same elsewhere', () => {
  const column = {
    model: "it's a net.onnx",
    target: 'tiger cat vs tabby',
    method: 'lrp',
    head: 'class',
  } as const;

  it('is a command of this photo, with what is not a default', () => {
    const request = requestOf(
      { ...column, parameters: { composite: 'gamma', gamma: 1, upTo: 3 } },
      'a.png',
      'norm',
    );
    expect(explainCommandText(request, { colors: 'gray', percentile: 99.5 })).toBe(
      "limn explain 'it'\\''s a net.onnx' a.png --target 'tiger cat vs tabby' --head class --composite gamma " +
        '--gamma 1 --up-to 3 --pooling norm --colors gray -o explained',
    );
    expect(explainProgramText(request)).toContain(
      "explain('it\\'s a net.onnx', 'a.png', { target: 'tiger cat vs tabby', head: 'class', composite: 'gamma', gamma: 1, upTo: 3, pooling: 'norm' })",
    );
  });

  it('is a program that asks of several photos one after the other', () => {
    const request = requestOf({ ...column, target: 'predicted', parameters: {} }, 'a.png', 'sum');
    expect(explainProgramText({ ...request, photos: ['a.png', 'b.png'] })).toBe(
      [
        "import { explain } from 'limn/node';",
        '',
        "for (const photo of ['a.png', 'b.png']) {",
        "  const { reading, relevance } = await explain('it\\'s a net.onnx', photo, { head: 'class' });",
        '  console.log(reading.target.name, reading.score, reading.relevance.sum);',
        '}',
      ].join('\n'),
    );
  });

  it('asks for fields that the verb has', () => {
    const fields = Object.keys(explainRequest.entries);
    for (const method of methodNames) {
      const request = requestOf({ ...column, method, parameters: { samples: 3 } }, 'a.png', 'mean');
      expect(fields).toEqual(expect.arrayContaining(Object.keys(request)));
    }
  });
});
