import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Attributes, float, float32, GraphBuilder, type Model } from '../../src/graph/index.ts';
import { lower } from '../../src/operators/index.ts';
import { canonise } from '../../src/relevance/index.ts';
import { array, random } from '../operators/random.ts';
import { runGraph } from '../run.ts';
import { expectClose } from './close.ts';
import { tensorOf } from './several.ts';

/** A chain of operations over x N×4×5×5 (or N×4 for dense ones), written down as it goes. */
class Chain {
  readonly b = new GraphBuilder('chain');
  readonly next: () => number;
  value: string;
  #count = 0;

  constructor(
    seed: number,
    readonly shape: readonly number[] = [4, 5, 5],
  ) {
    this.next = random(seed);
    this.value = this.b.input({ name: 'x', type: 'float32', shape: ['N', ...shape] });
  }

  constant(shape: readonly number[], low?: number, high?: number): string {
    return this.b.weight(`constant${this.#count++}`, tensorOf(array(this.next, shape, low, high)));
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    name = `${op}${this.#count++}`,
  ): this {
    this.value = this.b.node({ op, name, inputs, outputs: [`${name}:y`], attributes })[0];
    return this;
  }

  conv(name: string, attributes: Attributes = {}, biased = true): this {
    const group = typeof attributes.group === 'number' ? attributes.group : 1;
    const weight = this.constant([4, 4 / group, 2, 2]);
    return this.node('Conv', [this.value, weight, ...(biased ? [this.constant([4])] : [])], attributes, name);
  }

  /** A layer in front, so that what follows is not preparation of pixels. */
  layer(): this {
    const weight = this.constant([4, 4, 1, 1]);
    return this.node('Conv', [this.value, weight], {}, 'layer').node('Relu', ['layer:y']);
  }

  norm(): this {
    const statistics = [
      this.constant([4]),
      this.constant([4]),
      this.constant([4]),
      this.constant([4], 0.1, 3),
    ];
    return this.node('BatchNormalization', [this.value, ...statistics], { epsilon: float(1e-3) });
  }

  model(): Model {
    this.b.output(this.value, { name: this.value, type: 'float32', shape: [] });
    return {
      graph: this.b.build(),
      info: { heads: [{ name: 'class', output: this.value, kind: 'classes' }], provenance: {} },
    };
  }
}

/** The operators of the canonised model, after its outputs were held to the given model's. */
async function canonised(model: Model, shape: readonly number[] = [4, 5, 5]): Promise<string[]> {
  const made = canonise(model, true);
  const x = tensorOf(array(random(1), [2, ...shape]));
  const [before, after] = [await runGraph(model.graph, { x }), await runGraph(lower(made.graph), { x })];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const [name, { shape, data }] of Object.entries(before)) {
    const wide = (d: ArrayLike<number>) => ({ shape, data: Float64Array.from(d) });
    expectClose(wide(after[name].data as Float32Array), wide(data as Float32Array), name);
  }
  return made.graph.nodes.map(({ op }) => op);
}

const affine = fc.constantFrom(
  'BatchNormalization',
  'Mul',
  'Add',
  'Sub',
  'rSub',
  'Div',
  'scalar',
  'Identity',
  'Dropout',
);

function append(chain: Chain, what: string, channels: readonly number[]): void {
  const { value } = chain;
  switch (what) {
    case 'BatchNormalization':
      return void chain.norm();
    case 'rSub':
      return void chain.node('Sub', [chain.constant(channels), value]);
    case 'Div':
      return void chain.node('Div', [value, chain.constant(channels, 0.5, 2)]);
    case 'scalar':
      return void chain.node('Mul', [chain.constant([]), value]);
    case 'Identity':
    case 'Dropout':
      return void chain.node(what, [value]);
    default:
      return void chain.node(what, [value, chain.constant(channels)]);
  }
}

describe('normalisation is merged into linear layers', () => {
  test('behind convolutions of any groups, transposed ones too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(affine, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('Conv', 'ConvTranspose'),
        fc.constantFrom(1, 2, 4),
        fc.boolean(),
        async (seed, chain, op, group, biased) => {
          const c = new Chain(seed);
          const weight = c.constant([4, 4 / group, 2, 2]);
          const bias = biased ? [c.constant([4])] : [];
          c.node(op, [c.value, weight, ...bias], { group, pads: [1, 0, 1, 0] }, 'linear');
          for (const what of chain) append(c, what, [4, 1, 1]);
          c.node('Relu', [c.value]);
          const model = c.model();
          const merged = await canonised(model);
          // Identities behind the last scale or shift stay where they are.
          expect(merged.filter((name) => name !== 'Identity' && name !== 'Dropout')).toEqual([op, 'Relu']);
          expect(canonise(model).graph.nodes[0].name).toBe('linear');
        },
      ),
      { numRuns: 60 },
    );
  });

  test('behind dense layers; MatMul with a bias becomes Gemm; factors of Gemm go', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(affine, { minLength: 0, maxLength: 4 }),
        fc.constantFrom('Gemm', 'transposed', 'factors', 'MatMul'),
        async (seed, chain, kind) => {
          const c = new Chain(seed, [4]);
          const weight = c.constant([4, 4]);
          if (kind === 'MatMul') c.node('MatMul', [c.value, weight], {}, 'linear');
          else {
            const factors: Attributes = kind === 'factors' ? { alpha: float(0.5), beta: float(-2) } : {};
            const transB: Attributes = kind === 'transposed' ? { transB: 1 } : {};
            c.node('Gemm', [c.value, weight, c.constant([1, 4])], { ...factors, ...transB }, 'linear');
          }
          for (const what of chain) append(c, what, [4]);
          c.node('Relu', [c.value]);
          const model = c.model();
          const merged = await canonised(model, [4]);
          const linear = merged.filter((name) => name !== 'Identity' && name !== 'Dropout');
          expect(linear.length).toBe(2);
          expect(canonise(model).graph.nodes[0].attributes).not.toHaveProperty('alpha');
        },
      ),
      { numRuns: 40 },
    );
  });

  test('before a convolution; where it pads, the input is padded by channel instead', async () => {
    const none = new Chain(1).norm().conv('conv');
    expect(await canonised(none.model())).toEqual(['Conv']);
    const valid = new Chain(1).norm().conv('conv', { auto_pad: 'VALID', group: 2 });
    expect(await canonised(valid.model())).toEqual(['Conv']);
    const padded = new Chain(2)
      .layer()
      .norm()
      .conv('conv', { pads: [1, 1, 0, 0] });
    expect(await canonised(padded.model())).toEqual(['Conv', 'Relu', 'ChannelPad', 'Conv']);
    const pixels = new Chain(2).norm().conv('conv', { pads: [1, 1, 0, 0] });
    expect(await canonised(pixels.model())).toEqual(['BatchNormalization', 'Conv']);
    const scaled = new Chain(3);
    scaled.node('Mul', [scaled.value, scaled.constant([4, 1, 1])]).node('Dropout', [scaled.value]);
    scaled.conv('conv', { pads: [1, 1, 0, 0], group: 2 }, false);
    expect(await canonised(scaled.model())).toEqual(['Conv']);
    const between = new Chain(4).conv('one').node('Relu', ['one:y']).norm().conv('two');
    expect(await canonised(between.model())).toEqual(['Conv', 'Relu', 'Conv']);
    const same = new Chain(5).layer().norm().conv('conv', { auto_pad: 'SAME_UPPER' });
    expect(await canonised(same.model())).toEqual(['Conv', 'Relu', 'ChannelPad', 'Conv']);
    const pooled = pool(new Chain(6).norm(), 'AveragePool').conv('conv', { pads: [1, 1, 0, 0] });
    expect(await canonised(pooled.model())).toEqual(['BatchNormalization', 'AveragePool', 'Conv']);
  });

  test('before convolutions that pad, of any geometry, with a rectifier between or none', async () => {
    const side = fc.integer({ min: 0, max: 2 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.boolean(),
        fc.constantFrom('norm', 'shift', 'scalar'),
        fc.constantFrom(1, 2, 4),
        fc.tuple(side, side, side, side),
        fc.integer({ min: 1, max: 2 }),
        async (seed, isRectified, what, group, pads, stride) => {
          const c = new Chain(seed).layer();
          // One number for all channels has no other sign.
          const scale = what === 'scalar' ? c.constant([], 0.3, 2) : c.constant([4, 1, 1], -2, 2);
          if (what === 'norm') c.norm();
          else {
            c.node('Mul', [c.value, scale]);
            c.node('Add', [c.value, what === 'scalar' ? c.constant([]) : c.constant([4, 1, 1])]);
          }
          if (isRectified) c.node('Relu', [c.value]);
          c.conv('conv', { pads, group, strides: [stride, 1], dilations: [1, 2] });
          const merged = await canonised(c.model());
          if (what !== 'norm') return;
          const pad = pads.some((n) => n > 0) ? ['ChannelPad'] : [];
          expect(merged.slice(2)).toEqual([...(isRectified ? ['Rectify'] : []), ...pad, 'Conv']);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('behind a rectifier and pooling over the whole picture, into what is dense', async () => {
    const pooled = new Chain(31).norm();
    pooled.node('Relu', [pooled.value]);
    pool(pooled, 'GlobalAveragePool').node('Flatten', [pooled.value]);
    pooled.node('Gemm', [pooled.value, pooled.constant([4, 3]), pooled.constant([3])]);
    expect(await canonised(pooled.model())).toEqual(['Rectify', 'GlobalAveragePool', 'Flatten', 'Gemm']);
    const dense = new Chain(32).norm();
    dense.node('Relu', [dense.value]);
    dense.node('ReduceMean', [dense.value, dense.b.ints(2, 3)], { keepdims: 0 });
    dense.node('Gemm', [dense.value, dense.constant([4, 3]), dense.constant([3])]);
    expect(await canonised(dense.model())).toEqual(['Rectify', 'ReduceMean', 'Gemm']);
  });

  test('not over a rectifier unless that is asked for', () => {
    const c = new Chain(35).norm();
    c.node('Relu', [c.value]).conv('conv');
    const model = c.model();
    expect(canonise(model)).toBe(model);
    expect(canonise(model, true)).not.toBe(model);
  });

  test('not over a rectifier whose result somebody else needs, nor where a channel is nothing but a shift', async () => {
    const shared = new Chain(33).norm();
    const rectified = shared.node('Relu', [shared.value]).value;
    shared.conv('conv', { pads: [1, 1, 0, 0] });
    shared.node('Add', [shared.value, rectified]);
    expect(await canonised(shared.model())).toEqual(['BatchNormalization', 'Relu', 'Conv', 'Add']);

    const dead = new Chain(34).layer();
    const scale = dead.b.weight('scale', float32([4], [1, 0, 2, -1]));
    const statistics = [dead.constant([4]), dead.constant([4]), dead.constant([4], 0.1, 3)];
    dead.node('BatchNormalization', [dead.value, scale, ...statistics]).conv('conv', { pads: [1, 1, 0, 0] });
    expect(await canonised(dead.model())).toEqual(['Conv', 'Relu', 'BatchNormalization', 'Conv']);
  });

  test('two normalisations around two convolutions: each goes to the layer before it', async () => {
    const model = new Chain(6).conv('one').norm().conv('two').norm().model();
    expect(await canonised(model)).toEqual(['Conv', 'Conv']);
    expect(canonise(model).graph.nodes.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  test('not where somebody else needs the value between, nor where constants differ by pixel', async () => {
    const shared = new Chain(7).conv('conv');
    const kept = shared.value;
    shared.norm();
    shared.node('Add', [shared.value, kept]);
    expect(await canonised(shared.model())).toEqual(['Conv', 'BatchNormalization', 'Add']);

    const seen = new Chain(8).conv('conv');
    seen.b.output(seen.value, { name: seen.value, type: 'float32', shape: [] });
    expect(await canonised(seen.norm().model())).toEqual(['Conv', 'BatchNormalization']);

    const pixels = new Chain(9).conv('conv');
    pixels.node('Add', [pixels.value, pixels.constant([1, 1, 4, 4])]);
    expect(await canonised(pixels.model())).toEqual(['Conv', 'Add']);
  });

  test('behind dense layers that stand on sequences, with the bias that MatMul has no room for', async () => {
    const stacked = new Chain(10, [3, 4]);
    stacked.node('MatMul', [stacked.value, stacked.constant([4, 4])]);
    stacked
      .node('Mul', [stacked.value, stacked.constant([4])])
      .node('Add', [stacked.value, stacked.constant([4])]);
    expect(await canonised(stacked.model(), [3, 4])).toEqual(['Dense']);
  });

  const pool = (chain: Chain, op: string, attributes: Attributes = {}) =>
    chain.node(op, [chain.value], op.startsWith('Global') ? {} : { kernel_shape: [2, 2], ...attributes });
  const positive = (chain: Chain) =>
    chain
      .node('Mul', [chain.value, chain.constant([4, 1, 1], 0.5, 2)])
      .node('Add', [chain.value, chain.constant([4, 1, 1])]);

  test('through pooling before it, as far as that changes places with it', async () => {
    const padded = { pads: [1, 1, 0, 0] };
    const whole = { ...padded, count_include_pad: 1 };
    for (const [op, attributes, affine, expected] of [
      ['AveragePool', {}, 'norm', ['Conv', 'AveragePool']],
      ['AveragePool', padded, 'norm', ['Conv', 'AveragePool']],
      ['AveragePool', whole, 'norm', ['Conv', 'AveragePool', 'BatchNormalization']],
      ['AveragePool', whole, 'scale', ['Conv', 'AveragePool']],
      ['GlobalAveragePool', {}, 'norm', ['Conv', 'GlobalAveragePool']],
      ['MaxPool', padded, 'positive', ['Conv', 'MaxPool']],
      ['GlobalMaxPool', {}, 'positive', ['Conv', 'GlobalMaxPool']],
      ['MaxPool', {}, 'negative', ['Conv', 'MaxPool', 'Mul']],
    ] as const) {
      const chain = pool(new Chain(21).conv('conv'), op, attributes);
      if (affine === 'norm') chain.norm();
      else if (affine === 'positive') positive(chain);
      else
        chain.node('Mul', [
          chain.value,
          chain.constant([4, 1, 1], ...(affine === 'scale' ? ([-2, 2] as const) : ([-2, -1] as const))),
        ]);
      chain.node('Relu', [chain.value]);
      expect(await canonised(chain.model()), `${op} ${affine}`).toEqual([...expected, 'Relu']);
    }
  });

  test('through pooling behind it, one or more', async () => {
    const down = pool(new Chain(22).norm(), 'AveragePool').conv('conv');
    expect(await canonised(down.model())).toEqual(['AveragePool', 'Conv']);
    const chained = pool(new Chain(24).norm(), 'AveragePool');
    chained.node('Identity', [chained.value]);
    expect(await canonised(pool(chained, 'AveragePool').conv('conv').model())).toEqual([
      'AveragePool',
      'AveragePool',
      'Conv',
    ]);
  });

  test('into every branch of a concatenation, or none', async () => {
    const branched = (second: string) => {
      const c = new Chain(26);
      const one = c.conv('one').value;
      c.node('Conv', ['x', c.constant([4, 4, 2, 2])], {}, 'two');
      if (second === 'rectified') c.node('Relu', [c.value]);
      if (second === 'pooled') c.node('AveragePool', [c.value], { kernel_shape: [1, 1] });
      c.node('Concat', [one, c.value], { axis: 1 });
      const statistics = [c.constant([8]), c.constant([8]), c.constant([8]), c.constant([8], 0.1, 3)];
      return c.node('BatchNormalization', [c.value, ...statistics]).node('Relu', [c.value]);
    };
    expect((await canonised(branched('plain').model())).sort()).toEqual(['Concat', 'Conv', 'Conv', 'Relu']);
    expect(await canonised(branched('pooled').model())).not.toContain('BatchNormalization');
    expect(await canonised(branched('rectified').model())).toContain('BatchNormalization');
  });

  test('weights that two layers share stay what they are for the other', async () => {
    const c = new Chain(11);
    const weight = c.constant([4, 4, 2, 2]);
    c.node('Conv', ['x', weight], {}, 'one');
    const one = c.norm().value;
    c.node('Conv', ['x', weight], { dilations: [1, 1] }, 'two');
    c.node('Add', [one, c.value]);
    expect((await canonised(c.model())).sort()).toEqual(['Add', 'Conv', 'Conv']);
  });

  test('a model with nothing to merge is returned as it is', () => {
    const model = new Chain(12).conv('one').node('Relu', ['one:y']).model();
    expect(canonise(model)).toBe(model);
  });

  test('numbers of float64 accuracy: a scale of 1e-3 and its inverse cancel to rounding', async () => {
    const c = new Chain(13).conv('conv');
    for (const factor of [1e-3, 1e3]) {
      c.node('Mul', [c.value, c.b.weight(`factor${factor}`, float32([], [factor]))]);
    }
    expect(await canonised(c.model())).toEqual(['Conv']);
  });
});
