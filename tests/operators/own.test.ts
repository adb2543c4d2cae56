import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gradient } from '../../src/gradient/index.ts';
import {
  type Attributes,
  float32,
  GraphBuilder,
  numbers,
  ownDomain,
  size,
  type Tensor,
} from '../../src/graph/index.ts';
import { lower } from '../../src/operators/index.ts';
import { runGraph } from '../run.ts';
import { array, random } from './random.ts';

/** An operation of limn's own with constants, lowered: its output and the gradient of Σ y·dy with respect to x. */
async function computed(
  op: string,
  x: Tensor,
  constants: readonly Tensor[],
  attributes: Attributes,
  dy: (shape: readonly number[]) => Tensor,
) {
  const b = new GraphBuilder('own');
  const inputs = [
    b.input({ name: 'x', type: 'float32', shape: ['N', ...x.shape.slice(1)] }),
    ...constants.map((constant, i) => b.weight(`c${i}`, constant)),
  ];
  b.node({ op, domain: ownDomain, name: 'n', inputs, outputs: ['y'], attributes });
  b.output('y', { name: 'y', type: 'float32', shape: [] });
  const graph = b.build();
  const { y } = await runGraph(lower(graph), { x });
  const back = gradient(graph, { outputs: ['y'], wrt: ['x'] });
  const results = await runGraph(lower(back), { x, 'cotangent:y': dy(y.shape) });
  return { y, dx: results['gradient:x'] };
}

const floats = (shape: readonly number[], next: () => number): Tensor =>
  float32(shape, array(next, shape).data);

function expectNear(actual: Tensor, shape: readonly number[], expected: ArrayLike<number>): void {
  expect(actual.shape).toEqual(shape);
  numbers(actual).forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThan(1e-5);
  });
}

const shapes = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
);

it('Rectify keeps what is on the active side of each channel’s threshold', () =>
  fc.assert(
    fc.asyncProperty(shapes, fc.boolean(), fc.integer(), async (shape, isPositive, seed) => {
      const next = random(seed);
      const [x, threshold] = [floats(shape, next), floats([shape[1], 1, 1], next)];
      const sign = float32(
        threshold.shape,
        Array.from({ length: shape[1] }, () => (isPositive || next() > 0.5 ? 1 : -1)),
      );
      const dy = floats(shape, next);
      const { y, dx } = await computed('Rectify', x, [threshold, sign], {}, () => dy);
      const channel = (i: number) => Math.floor(i / (shape[2] * shape[3])) % shape[1];
      const at = (t: Tensor, i: number) => Number(t.data[i]);
      const isActive = (i: number) => (at(x, i) - at(threshold, channel(i))) * at(sign, channel(i)) > 0;
      const each = Array.from({ length: size(shape) }, (_, i) => i);
      expectNear(
        y,
        shape,
        each.map((i) => (isActive(i) ? at(x, i) : at(threshold, channel(i)))),
      );
      expectNear(
        dx,
        shape,
        each.map((i) => (isActive(i) ? at(dy, i) : 0)),
      );
    }),
    { numRuns: 20 },
  ));

it('ChannelPad puts each channel’s number around it', () =>
  fc.assert(
    fc.asyncProperty(
      shapes,
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
      fc.integer(),
      async (shape, pads, seed) => {
        const next = random(seed);
        const [n, c, h, w] = shape;
        const [x, fill] = [floats(shape, next), floats([c], next)];
        const [top, left, bottom, right] = pads;
        const padded = [n, c, h + top + bottom, w + left + right];
        const dy = floats(padded, next);
        const { y, dx } = await computed('ChannelPad', x, [fill], { pads }, () => dy);
        const expected = new Float64Array(size(padded));
        const back = new Float64Array(size(shape));
        for (let i = 0; i < expected.length; i++) {
          const column = (i % padded[3]) - left;
          const row = (Math.floor(i / padded[3]) % padded[2]) - top;
          const image = Math.floor(i / (padded[2] * padded[3]));
          const from = (image * h + row) * w + column;
          const isInside = row >= 0 && row < h && column >= 0 && column < w;
          expected[i] = isInside ? Number(x.data[from]) : Number(fill.data[image % c]);
          if (isInside) back[from] = Number(dy.data[i]);
        }
        expectNear(y, padded, expected);
        expectNear(dx, shape, back);
      },
    ),
    { numRuns: 20 },
  ));
