import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32, GraphBuilder, int64, numbers, type Tensor } from '../../src/graph/index.ts';
import { evaluateNode, foldConstants } from '../../src/operators/index.ts';
import { runGraph } from '../run.ts';

describe('foldConstants', () => {
  const number = fc.float({ min: -1e3, max: 1e3, noNaN: true, noDefaultInfinity: true });
  const vector = fc.array(number, { minLength: 3, maxLength: 3 });

  test.each(['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max', 'Relu', 'Neg', 'Abs', 'Sqrt'])(
    'makes of %s on small constants what ONNX Runtime does',
    async (op) => {
      const isUnary = ['Relu', 'Neg', 'Abs', 'Sqrt'].includes(op);
      await fc.assert(
        fc.asyncProperty(vector, vector, fc.boolean(), async (left, right, scalar) => {
          const operands = [
            float32([3], left),
            ...(isUnary ? [] : [scalar ? float32([], right.slice(0, 1)) : float32([3], right)]),
          ];
          const b = new GraphBuilder('net');
          const inputs = operands.map((t, i) => b.input({ name: `x${i}`, type: 'float32', shape: t.shape }));
          const constant = b.op(
            op,
            operands.map((t) => b.constant(t)),
          );
          b.output(constant, { name: 'folded', type: 'float32', shape: [3] });
          b.output(b.op(op, inputs), { name: 'run', type: 'float32', shape: [3] });
          const graph = foldConstants(b.build());
          expect(graph.nodes.filter((node) => node.op === op)).toHaveLength(1);
          const out = await runGraph(graph, Object.fromEntries(operands.map((t, i) => [`x${i}`, t])));
          // Zeros may differ in sign.
          const plain = (t: Tensor) => numbers(t).map((x) => x + 0);
          expect(plain(out.folded)).toEqual(plain(out.run));
        }),
        { numRuns: 20 },
      );
    },
  );

  test.each([
    ['IsNaN', {}],
    ['IsInf', {}],
    ['IsInf', { detect_negative: 0 }],
    ['IsInf', { detect_positive: 0 }],
  ])('makes of %s %o what ONNX Runtime does', async (op, attributes) => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1.5];
    const b = new GraphBuilder('net');
    const x = b.input({ name: 'x', type: 'float32', shape: [5] });
    const outputs = { folded: b.constant(float32([5], values)), run: x };
    for (const [name, value] of Object.entries(outputs))
      b.output(b.op(op, [value], attributes), { name, type: 'bool', shape: [5] });
    const graph = foldConstants(b.build());
    expect(graph.nodes.filter((node) => node.op === op)).toHaveLength(1);
    const out = await runGraph(graph, { x: float32([5], values) });
    expect([...out.folded.data]).toEqual([...out.run.data]);
    expect([...out.run.data].some(Boolean)).toBe(true);
  });

  test('makes of GatherND on small constants what ONNX Runtime does', async () => {
    const table = fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 4 })));
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(1, 2, 3), fc.nat(99), async (shape, depth, seed) => {
        const data = float32(
          shape,
          Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => i),
        );
        // From behind, too.
        const index = (i: number, axis: number) =>
          ((seed + 7 * i + 3 * axis) % shape[axis]) - (i % 2 === 0 ? 0 : shape[axis]);
        const list = Array.from({ length: 6 * depth }, (_, i) => index(Math.floor(i / depth), i % depth));
        const b = new GraphBuilder('net');
        const x = b.input({ name: 'x', type: 'float32', shape });
        const at = b.constant(int64([3, 2, depth], list));
        const made = [3, 2, ...shape.slice(depth)];
        b.output(b.op('GatherND', [b.constant(data), at]), { name: 'folded', type: 'float32', shape: made });
        b.output(b.op('GatherND', [x, at]), { name: 'run', type: 'float32', shape: made });
        const { folded, run } = await runGraph(b.build(), { x: data });
        const place = { name: 'g', op: 'GatherND', inputs: ['t', 'i'], outputs: ['y'], attributes: {} };
        const constants = new Map<string, Tensor>([
          ['t', data],
          ['i', int64([3, 2, depth], list)],
        ]);
        const [known] = evaluateNode(place, constants)!;
        expect(known.shape).toEqual(run.shape);
        expect(numbers(known)).toEqual(numbers(run));
        expect(numbers(folded)).toEqual(numbers(run));
      }),
      { numRuns: 20 },
    );
  });

  test('refuses slices that do not exist', () => {
    const of = (op: string, depth: number, list: readonly number[]) => {
      const constants = new Map<string, Tensor>([
        ['t', float32([2, 3], [1, 2, 3, 4, 5, 6])],
        ['i', int64([1, depth], list)],
        ['u', float32(depth === 1 ? [1, 3] : [1], depth === 1 ? [7, 8, 9] : [7])],
      ]);
      const inputs = op === 'GatherND' ? ['t', 'i'] : ['t', 'i', 'u'];
      return evaluateNode({ name: 'g', op, inputs, outputs: ['y'], attributes: {} }, constants);
    };
    for (const op of ['GatherND', 'ScatterND']) {
      for (const index of [-2, -1, 0, 1]) expect(of(op, 1, [index])).toHaveLength(1);
      for (const index of [-3, 2])
        expect(() => of(op, 1, [index])).toThrow(`index ${index} does not exist on axis 0, which has 2`);
      expect(() => of(op, 2, [1, 3])).toThrow('index 3 does not exist on axis 1, which has 3');
      expect(() => of(op, 3, [0, 0, 0])).toThrow('indices of 3 axes for a tensor that has 2');
    }
  });

  test('leaves what depends on an input, what is large, and what it does not know', () => {
    const b = new GraphBuilder('net');
    const x = b.input({ name: 'x', type: 'float32', shape: [3] });
    const two = b.op('Add', [b.scalar(1), b.scalar(1)]);
    const large = b.op('Neg', [b.weight('w', float32([5000], new Float32Array(5000)))]);
    const outputs = {
      scaled: b.op('Mul', [x, two]),
      kept: b.op('ReduceSum', [large]),
      odd: b.op('Odd', [two]),
    };
    for (const [name, value] of Object.entries(outputs))
      b.output(value, { name, type: 'float32', shape: [] });
    const graph = foldConstants(b.build());
    expect(graph.nodes.map(({ op }) => op).sort()).toEqual([
      'Identity',
      'Identity',
      'Identity',
      'Mul',
      'Neg',
      'Odd',
      'ReduceSum',
    ]);
  });
});
