import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GraphBuilder, type Model, type Shape, type Tensor } from '../../src/graph/index.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import { attentions, infer, lower } from '../../src/operators/index.ts';
import { foreign, noise, runGraph } from './support.ts';

type Write = (b: GraphBuilder, x: string) => string;

/** A network that somebody else wrote: x in, y out. */
function written(
  shape: Shape,
  write: Write,
  also: Write = (_, x) => x,
): { bytes: Uint8Array; graph: Model['graph'] } {
  const b = new GraphBuilder('forms');
  const x = b.input({ name: 'x', type: 'float32', shape });
  const value = write(b, x);
  const other = also(b, value);
  b.output(plus(b, value, 0), { name: 'y', type: 'float32', shape });
  if (other !== value) b.output(other, { name: 'z', type: 'float32', shape: ['N'] });
  const graph = b.build();
  return { bytes: foreign(writeOnnx({ graph, info: { heads: [], provenance: {} } }).bytes), graph };
}

const opsOf = ({ graph }: Model): string[] => graph.nodes.map(({ op }) => op);

/** The form is found, it is all that is left, and it computes what its parts did. */
async function expectForm(
  shape: Shape,
  write: Write,
  expected: readonly string[],
  seed: number,
): Promise<void> {
  const { bytes, graph } = written(shape, write);
  const model = readOnnx(bytes, 'forms');
  expect(opsOf(model).filter((op) => op !== 'Add')).toEqual(expected);
  const x = noise(
    shape.map((dim) => (typeof dim === 'number' ? dim : 2)),
    seed,
  );
  const [parts, whole] = [await runGraph(graph, { x }), await runGraph(lower(model.graph), { x })];
  const scale = Math.max(1, ...parts.y.data.map(Math.abs));
  parts.y.data.forEach((value, i) => {
    expect(Math.abs(whole.y.data[i] - value) / scale).toBeLessThan(1e-6);
  });
}

const times = (b: GraphBuilder, value: string, factor: number) => b.op('Mul', [b.scalar(factor), value]);
const over = (b: GraphBuilder, value: string, divisor: number) => b.op('Div', [value, b.scalar(divisor)]);
const plus = (b: GraphBuilder, value: string, term: number) => b.op('Add', [value, b.scalar(term)]);

const erf: Write = (b, x) => b.op('Erf', [over(b, x, Math.SQRT2)]);
const [slope, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
const cubed: Write = (b, x) => b.op('Pow', [x, b.scalar(3)]);
const tanh: Write = (b, x) => b.op('Tanh', [times(b, b.op('Add', [x, times(b, cubed(b, x), cubic)]), slope)]);
const square: Write = (b, x) => b.op('Mul', [x, x]);

/** How files write functions of one element: by name, what is expected. */
const activations: Readonly<Record<string, readonly [op: string, write: Write]>> = {
  'PyTorch’s GELU': ['Gelu', (b, x) => times(b, b.op('Mul', [x, plus(b, erf(b, x), 1)]), 0.5)],
  'GELU, halved first': ['Gelu', (b, x) => b.op('Mul', [times(b, x, 0.5), plus(b, erf(b, x), 1)])],
  'GELU, halved inside': ['Gelu', (b, x) => b.op('Mul', [x, times(b, plus(b, erf(b, x), 1), 0.5)])],
  'GELU by Φ': ['Gelu', (b, x) => b.op('Mul', [plus(b, times(b, erf(b, x), 0.5), 0.5), x])],
  'GELU with a product inside': [
    'Gelu',
    (b, x) => over(b, b.op('Mul', [plus(b, b.op('Erf', [times(b, x, Math.SQRT1_2)]), 1), x]), 2),
  ],
  'GELU by tanh': ['Gelu', (b, x) => b.op('Mul', [times(b, x, 0.5), plus(b, tanh(b, x), 1)])],
  'GELU by tanh, cube by products': [
    'Gelu',
    (b, x) => {
      const cube = b.op('Mul', [x, square(b, x)]);
      const inner = b.op('Add', [times(b, cube, cubic), x]);
      return times(b, b.op('Mul', [x, plus(b, b.op('Tanh', [times(b, inner, slope)]), 1)]), 0.5);
    },
  ],
  'GELU by tanh, x taken out': [
    'Gelu',
    (b, x) => {
      const inner = b.op('Mul', [times(b, x, slope), plus(b, b.op('Mul', [times(b, x, cubic), x]), 1)]);
      return b.op('Mul', [times(b, x, 0.5), plus(b, b.op('Tanh', [inner]), 1)]);
    },
  ],
  SiLU: ['Swish', (b, x) => b.op('Mul', [b.op('Sigmoid', [x]), x])],
  'quick GELU': ['Swish', (b, x) => b.op('Mul', [x, b.op('Sigmoid', [times(b, x, 1.702)])])],
  'hard-swish by HardSigmoid': [
    'HardSwish',
    (b, x) => b.op('Mul', [x, b.op('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })]),
  ],
  'hard-swish by ReLU6': [
    'HardSwish',
    (b, x) => over(b, b.op('Mul', [x, b.op('Clip', [plus(b, x, 3), b.scalar(0), b.scalar(6)])]), 6),
  ],
  'hard-swish, divided first': [
    'HardSwish',
    (b, x) => b.op('Mul', [x, over(b, b.op('Clip', [plus(b, x, 3), b.scalar(0), b.scalar(6)]), 6)]),
  ],
  Mish: ['Mish', (b, x) => b.op('Mul', [x, b.op('Tanh', [b.op('Softplus', [x])])])],
};

const mean = (b: GraphBuilder, value: string, axes: readonly number[]) =>
  b.op('ReduceMean', [value, b.ints(...axes)], { keepdims: 1 });

interface Normalised {
  readonly centred: boolean;
  readonly axes: readonly number[];
  readonly squared: 'Pow' | 'Mul';
  readonly inverse: 'Div' | 'Reciprocal' | 'Div by root' | 'Pow';
  readonly scale?: readonly number[] | undefined;
  readonly bias?: readonly number[] | undefined;
  readonly seed: number;
}

/** A normalisation by its parts. */
const normalised =
  ({ centred, axes, squared, inverse, scale, bias, seed }: Normalised): Write =>
  (b, x) => {
    const d = centred ? b.op('Sub', [x, mean(b, x, axes)]) : x;
    const power = squared === 'Pow' ? b.op('Pow', [d, b.scalar(2)]) : square(b, d);
    const spread = plus(b, mean(b, power, axes), 1e-3);
    const made = () => {
      switch (inverse) {
        case 'Div':
          return b.op('Div', [d, b.op('Sqrt', [spread])]);
        case 'Reciprocal':
          return b.op('Mul', [d, b.op('Reciprocal', [b.op('Sqrt', [spread])])]);
        case 'Div by root':
          return b.op('Mul', [b.op('Div', [b.scalar(1), b.op('Sqrt', [spread])]), d]);
        case 'Pow':
          return b.op('Mul', [d, b.op('Pow', [spread, b.scalar(-0.5)])]);
      }
    };
    const value = made();
    const scaled = scale ? b.op('Mul', [b.constant(noise(scale, seed)), value]) : value;
    return bias ? b.op('Add', [scaled, b.constant(noise(bias, seed + 1))]) : scaled;
  };

const inverses = fc.constantFrom<Normalised['inverse']>('Div', 'Reciprocal', 'Div by root', 'Pow');
const squares = fc.constantFrom<Normalised['squared']>('Pow', 'Mul');

describe('forms that files write by their parts are one operation', () => {
  test.each(Object.entries(activations))('%s', async (_, [op, write]) => {
    await expectForm(['N', 3, 5], write, [op], 1);
  });

  test('layer and root mean square normalisation over the last axes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          centred: fc.boolean(),
          squared: squares,
          inverse: inverses,
          seed: fc.integer({ min: 1, max: 99 }),
        }),
        fc.constantFrom<readonly ('scale' | 'bias')[]>(['scale', 'bias'], ['scale'], ['bias'], []),
        fc.integer({ min: 1, max: 3 }),
        fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: 2, max: 5 }))),
        async (how, parts, count, dims) => {
          const shape = ['N', ...dims];
          const sizes = dims.slice(dims.length - count);
          const axes = sizes.map((_, i) => i - count);
          const write = normalised({
            ...how,
            axes: how.seed % 2 === 0 ? axes : axes.map((axis) => axis + shape.length),
            scale: parts.includes('scale') ? sizes : undefined,
            bias: parts.includes('bias') && how.centred ? sizes : undefined,
          });
          await expectForm(shape, write, [how.centred ? 'LayerNormalization' : 'RMSNormalization'], how.seed);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('layer normalisation over channels that come first is moved there and back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        inverses,
        fc.constantFrom([4, 1, 1], [1, 4, 1, 1], [1, 1, 1], undefined),
        fc.integer({ min: 1, max: 99 }),
        async (centred, inverse, scale, seed) => {
          const how = {
            centred,
            squared: 'Pow',
            inverse,
            axes: [1],
            scale,
            bias: centred ? scale : undefined,
            seed,
          } as const;
          const op = centred ? 'LayerNormalization' : 'RMSNormalization';
          await expectForm(['N', 4, 3, 5], normalised(how), ['Transpose', op, 'Transpose'], seed);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('layer normalisation as TensorFlow takes it apart', async () => {
    const parts =
      (hasScale: boolean, hasBias: boolean): Write =>
      (b, x) => {
        const mu = mean(b, x, [2]);
        const spread = plus(b, mean(b, square(b, b.op('Sub', [x, mu])), [2]), 1e-6);
        const inverse = b.op('Reciprocal', [b.op('Sqrt', [spread])]);
        const r = hasScale ? b.op('Mul', [inverse, b.constant(noise([5], 3))]) : inverse;
        const [scaled, moved] = [b.op('Mul', [x, r]), b.op('Mul', [mu, r])];
        if (!hasBias) return b.op('Sub', [scaled, moved]);
        return b.op('Add', [scaled, b.op('Sub', [b.constant(noise([5], 4)), moved])]);
      };
    for (const hasScale of [true, false])
      for (const hasBias of [true, false])
        await expectForm(['N', 3, 5], parts(hasScale, hasBias), ['LayerNormalization'], 7);
  });
});

describe('what only looks like a form stays as it is written', () => {
  const opsAfter = (shape: Shape, write: Write, also?: Write) =>
    opsOf(readOnnx(written(shape, write, also).bytes, 'forms'));

  test('other constants', () => {
    expect(opsAfter(['N', 4], (b, x) => times(b, b.op('Mul', [x, plus(b, erf(b, x), 1)]), 0.51))).toContain(
      'Erf',
    );
    expect(opsAfter(['N', 4], (b, x) => times(b, b.op('Mul', [x, plus(b, erf(b, x), 1.01)]), 0.5))).toContain(
      'Erf',
    );
    expect(
      opsAfter(['N', 4], (b, x) => b.op('Mul', [x, b.op('Sigmoid', [times(b, b.op('Neg', [x]), 2)])])),
    ).toContain('Sigmoid');
  });

  test('another value where the same is needed', () => {
    const other: Write = (b, x) => b.op('Mul', [b.op('Tanh', [x]), b.op('Sigmoid', [x])]);
    expect(opsAfter(['N', 4], other)).toContain('Sigmoid');
  });

  test('parts that something else uses', () => {
    const gate: Write = (b, x) => b.op('Sigmoid', [x]);
    const swish: Write = (b, x) => b.op('Mul', [x, gate(b, x)]);
    expect(opsAfter(['N', 4], swish)).toContain('Swish');
    const also: Write = (b) => b.op('ReduceSum', [gate(b, 'x'), b.ints(1)], { keepdims: 0 });
    expect(opsAfter(['N', 4], swish, also)).toContain('Sigmoid');
  });

  test('a scale along other axes is no part of a normalisation', () => {
    const how = { centred: true, squared: 'Pow', inverse: 'Div', axes: [2], seed: 3 } as const;
    expect(opsAfter(['N', 3, 5], normalised({ ...how, scale: [3, 1] }))).toEqual([
      'LayerNormalization',
      'Mul',
      'Add',
    ]);
  });

  test('statistics of whole batches', () => {
    const how = { centred: true, squared: 'Pow', inverse: 'Div', axes: [0], seed: 3 } as const;
    expect(opsAfter(['N', 3], normalised(how))).toContain('ReduceMean');
  });
});

describe('attention', () => {
  interface Written {
    /** `cosine` as in Swin v2: of queries and keys of length 1, times a factor for each head. */
    readonly scaled: 'scores' | 'quotient' | 'queries' | 'cosine' | 'none';
    readonly masked: 'no' | 'added' | 'chosen';
    readonly heads: 'axis' | 'batch';
    /** As PyTorch's newer exporter writes it: zeros where the softmax is no number. */
    readonly guarded: boolean;
  }

  const constant = (shape: readonly number[], seed: number): Tensor => noise(shape, seed);

  /** Self-attention over x N×L×D, as exporters write it. */
  const attention =
    ({ scaled, masked, heads, guarded }: Written): Write =>
    (b, x) => {
      const [tokens, heads_, width] = [4, 2, 3];
      const project = (seed: number) => b.op('MatMul', [x, b.constant(constant([6, heads_ * width], seed))]);
      const split = (value: string, perm: readonly number[]) => {
        const apart = b.op('Reshape', [value, b.ints(0, tokens, heads_, width)]);
        const turned = b.op('Transpose', [apart], { perm });
        if (heads === 'axis') return turned;
        return b.op('Reshape', [turned, b.ints(-1, ...(perm[2] === 1 ? [tokens, width] : [width, tokens]))]);
      };
      const q = split(project(1), [0, 2, 1, 3]);
      const k = split(project(2), [0, 2, 3, 1]);
      const v = split(project(3), [0, 2, 1, 3]);
      const unit = (value: string, axis: number) => {
        const length = b.op('ReduceL2', [value, b.ints(axis)], { keepdims: 1 });
        return b.op('Div', [value, b.op('Clip', [length, b.scalar(1e-12)])]);
      };
      let scores = b.op(
        'MatMul',
        scaled === 'cosine' ? [unit(q, -1), unit(k, -2)] : [scaled === 'queries' ? times(b, q, 0.5) : q, k],
      );
      if (scaled === 'cosine') {
        const factor = b.constant(constant(heads === 'axis' ? [heads_, 1, 1] : [1, 1], 7));
        scores = b.op('Mul', [scores, factor]);
      }
      if (scaled === 'scores') scores = times(b, scores, 0.5);
      if (scaled === 'quotient') scores = over(b, scores, 2);
      if (masked === 'added') scores = b.op('Add', [scores, b.constant(constant([tokens, tokens], 5))]);
      if (masked === 'chosen') {
        const keep = {
          type: 'bool',
          shape: [tokens, tokens],
          data: Uint8Array.from({ length: 16 }, (_, i) => (i % 3 ? 1 : 0)),
        } as const;
        scores = b.op('Where', [b.constant(keep), scores, b.scalar(-1e9)]);
      }
      const softmax = b.op('Softmax', [scores], { axis: -1 });
      const weights = guarded ? b.op('Where', [b.op('IsNaN', [softmax]), b.scalar(0), softmax]) : softmax;
      const y = b.op('MatMul', [weights, v]);
      const apart = heads === 'axis' ? y : b.op('Reshape', [y, b.ints(-1, heads_, tokens, width)]);
      return b.op('Reshape', [
        b.op('Transpose', [apart], { perm: [0, 2, 1, 3] }),
        b.ints(0, tokens, heads_ * width),
      ]);
    };

  test('is found however it is scaled and masked, and wherever its heads are', () => {
    fc.assert(
      fc.property(
        fc.record<Written>({
          scaled: fc.constantFrom('scores', 'quotient', 'queries', 'cosine', 'none'),
          masked: fc.constantFrom('no', 'added', 'chosen'),
          heads: fc.constantFrom('axis', 'batch'),
          guarded: fc.boolean(),
        }),
        (how) => {
          const { graph } = readOnnx(written(['N', 4, 6], attention(how)).bytes, 'attention');
          const [found, ...others] = attentions(graph, infer(graph));
          expect(others).toEqual([]);
          const byName = new Map(graph.nodes.map((node) => [node.name, node]));
          const opOf = (value: string) => graph.nodes.find(({ outputs }) => outputs[0] === value)!.op;
          expect(byName.get(found.name)!.op).toBe('MatMul');
          expect(found.softmax.op).toBe('Softmax');
          expect(found.nodes.filter((name) => byName.get(name)!.op === 'MatMul')).toHaveLength(2);
          const last = how.heads === 'axis' ? 'Transpose' : 'Reshape';
          expect(opOf(found.values)).toBe(last);
          expect(opOf(found.queries)).toBe({ queries: 'Mul', cosine: 'Div' }[how.scaled as string] ?? last);
          expect(graph.nodes.filter(({ op }) => op === 'IsNaN' || op === 'Where')).toHaveLength(
            how.masked === 'chosen' ? 1 : 0,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a choice by IsNaN that is no guard stays', async () => {
    // Of another value, or between two values: what is chosen then is not what was tested.
    const other: Write = (b, x) => b.op('Where', [b.op('IsNaN', [times(b, x, 2)]), b.scalar(0), x]);
    const between: Write = (b, x) => b.op('Where', [b.op('IsNaN', [x]), times(b, x, 2), x]);
    for (const write of [other, between])
      expect(opsOf(readOnnx(written(['N', 4], write).bytes, 'choice'))).toContain('Where');
    const guard: Write = (b, x) => b.op('Where', [b.op('IsNaN', [x]), b.scalar(0), x]);
    expect(opsOf(readOnnx(written(['N', 4], guard).bytes, 'guard'))).toEqual(['Add']);
  });

  test('a softmax over other axes, or without a product behind it, is none', () => {
    const graphOf = (write: Write) => readOnnx(written(['N', 4, 4], write).bytes, 'none').graph;
    const across: Write = (b, x) =>
      b.op('MatMul', [b.op('Softmax', [b.op('MatMul', [x, x])], { axis: 1 }), x]);
    const alone: Write = (b, x) => b.op('Softmax', [b.op('MatMul', [x, x])], { axis: -1 });
    for (const write of [across, alone]) {
      const graph = graphOf(write);
      expect(attentions(graph, infer(graph))).toEqual([]);
    }
  });
});
