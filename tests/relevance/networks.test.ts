import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { importNet, parsePrototxt, upgradeNet } from '../../src/caffe/index.ts';
import { gradient } from '../../src/gradient/index.ts';
import {
  type Attributes,
  fixBatch,
  float,
  float32,
  GraphBuilder,
  int64,
  type Model,
  numbers,
  type Preprocessing,
  type Tensor,
} from '../../src/graph/index.ts';
import {
  balances,
  type Composite,
  defaultComposite,
  excessOf,
  headOf,
  describe as inWords,
  namedComposite,
  type RelevanceOptions,
  relevance,
  rules,
  toolbox,
} from '../../src/relevance/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { noise, tinyInception } from '../nets.ts';
import { relativeError } from '../reference-data.ts';
import { runGraph } from '../run.ts';
import { describeShared, shared } from '../shared.ts';

/** Writes small networks down: weights are numbered noise, values have their nodes' names. */
class Net {
  readonly b = new GraphBuilder('net');
  #seed = 1;

  constructor(...shape: number[]) {
    this.b.input({ name: 'x', type: 'float32', shape: ['N', ...shape] });
  }

  weight(...shape: number[]): string {
    return this.b.weight(`weight${this.#seed}`, noise(shape, this.#seed++));
  }

  node(op: string, name: string, inputs: readonly string[], attributes: Attributes = {}): this {
    this.b.node({ op, name, inputs, outputs: [name], attributes });
    return this;
  }

  model(...outputs: string[]): Model {
    for (const name of outputs) this.b.output(name, { name, type: 'float32', shape: [] });
    const heads = outputs.map((output) => ({ name: output, output, kind: 'classes' as const }));
    return { graph: this.b.build(), info: { heads, provenance: {} } };
  }
}

async function explain(model: Model, options: RelevanceOptions, x: Tensor, target: Tensor) {
  const { graph, sums } = relevance(model, options);
  const outputs = await runGraph(graph, { [model.graph.inputs[0].name]: x, target });
  return { ...outputs, balance: balances(sums, outputs, 0) } as Record<string, Tensor> & {
    balance: ReturnType<typeof balances>;
  };
}

const total = ({ data }: Tensor): number => Array.from(data as Float32Array).reduce((sum, v) => sum + v, 0);
const epsilon = namedComposite('epsilon');

/** conv → relu, to an inner classifier and on to a final one. */
function auxiliary(): Model {
  const net = new Net(2, 6, 6);
  net.node('Conv', 'conv1', ['x', net.weight(3, 2, 3, 3), net.weight(3)]).node('Relu', 'relu1', ['conv1']);
  net.node('Flatten', 'aux/flat', ['relu1'], { axis: 1 });
  net
    .node('Gemm', 'aux/fc', ['aux/flat', net.weight(48, 3), net.weight(3)])
    .node('Softmax', 'aux/prob', ['aux/fc'], { axis: 1 });
  net
    .node('Conv', 'conv2', ['relu1', net.weight(3, 3, 3, 3), net.weight(3)])
    .node('Relu', 'relu2', ['conv2']);
  net.node('Flatten', 'flat', ['relu2'], { axis: 1 });
  net
    .node('Gemm', 'fc', ['flat', net.weight(12, 3), net.weight(3)])
    .node('Softmax', 'prob', ['fc'], { axis: 1 });
  return net.model('aux/prob', 'prob');
}

describe('auxiliary classifiers', () => {
  const model = auxiliary();
  const x = noise([2, 2, 6, 6], 3);

  test('the final head is explained unless another is named', () => {
    expect(headOf(model).name).toBe('prob');
    expect(headOf(model, 'aux/prob').name).toBe('aux/prob');
    expect(() => headOf(model, 'gender')).toThrow(
      "head 'gender': the model has no such output; it has: aux/prob, prob",
    );
  });

  test("injected, each adds its probabilities' relevance; otherwise it has no part", async () => {
    const composite = toolbox(0);
    const target = int64([2], [1, 2]);
    const { relevance: plain } = await explain(model, { composite }, x, target);
    const { relevance: injected } = await explain(model, { composite, injectAuxiliary: true }, x, target);
    const { 'aux/prob': probabilities } = await runGraph(model.graph, { x });
    const { relevance: added } = await explain(
      model,
      { composite, head: 'aux/prob', target: 'weights', start: 'one' },
      x,
      probabilities,
    );
    const sum = float32(
      plain.shape,
      (plain.data as Float32Array).map((v, i) => v + Number(added.data[i])),
    );
    expect(total(added)).not.toBe(0);
    expect(relativeError(injected, sum)).toBeLessThan(1e-5);
  });

  test('a softmax behind the start is not walked: the inner head gets nothing from the final one', async () => {
    const options = { composite: toolbox(0), head: 'aux/prob' };
    const target = int64([2], [0, 1]);
    const { relevance: plain } = await explain(model, options, x, target);
    const { relevance: injected } = await explain(model, { ...options, injectAuxiliary: true }, x, target);
    expect(injected).toEqual(plain);
  });
});

describe('targets and starts', () => {
  const model: Model = {
    graph: tinyInception(),
    info: { heads: [{ name: 'class', output: 'prob', kind: 'classes' }], provenance: {} },
  };
  const x = noise([2, 3, 17, 17], 8);
  const of = async (target: Tensor, options: Partial<RelevanceOptions> = {}) =>
    explain(model, { composite: epsilon, ...options }, x, target);
  const scaled = (t: Tensor, factor: (image: number) => number): Tensor => ({
    ...t,
    data: Float32Array.from(
      t.data as Float32Array,
      (v, i) => v * factor(Math.floor(i / (t.data.length / 2))),
    ),
  });

  test('−1 is the predicted class', async () => {
    const made = await of(int64([2], [-1, -1]));
    const scores = Array.from(
      { length: 2 },
      (_, n) => made.scores.data.slice(n * 5, n * 5 + 5) as Float32Array,
    );
    const best = scores.map((row) => row.indexOf(Math.max(...row)));
    expect(made.relevance).toEqual((await of(int64([2], best))).relevance);
  });

  test('raw score, one and probability differ by a factor', async () => {
    const target = int64([2], [3, 0]);
    const one = await of(target, { start: 'one' });
    const classes = [3, 0];
    const score = await of(target, { start: 'score' });
    const probability = await of(target, { start: 'probability' });
    const at = (t: Tensor) => (n: number) => Number(t.data[n * 5 + classes[n]]);
    expect(relativeError(score.relevance, scaled(one.relevance, at(one.scores)))).toBeLessThan(1e-5);
    expect(relativeError(probability.relevance, scaled(one.relevance, at(one.prob)))).toBeLessThan(1e-5);
  });

  test('a contrast is the difference of two classes', async () => {
    const [a, b] = [await of(int64([2], [1, 1])), await of(int64([2], [4, 4]))];
    const weights = float32([2, 5], [0, 1, 0, 0, -1, 0, 1, 0, 0, -1]);
    const contrast = await of(weights, { target: 'weights' });
    const difference = {
      ...a.relevance,
      data: (a.relevance.data as Float32Array).map((v, i) => v - Number(b.relevance.data[i])),
    };
    expect(relativeError(contrast.relevance, difference)).toBeLessThan(1e-5);
  });

  test('scores N×K×1×1, as of a network that ends in pooling', async () => {
    const net = new Net(2, 6, 6);
    net
      .node('Conv', 'conv10', ['x', net.weight(3, 2, 3, 3), net.weight(3)])
      .node('Relu', 'relu10', ['conv10']);
    net.node('GlobalAveragePool', 'pool10', ['relu10']).node('Softmax', 'soft', ['pool10'], { axis: 1 });
    const pooled = net.node('Flatten', 'prob', ['soft'], { axis: 1 }).model('prob');
    const image = noise([2, 2, 6, 6], 4);
    const index = await explain(
      pooled,
      { composite: epsilon, conservation: true },
      image,
      int64([2], [2, 0]),
    );
    const weights = float32([2, 3], [0, 0, 1, 1, 0, 0]);
    const same = await explain(pooled, { composite: epsilon, target: 'weights' }, image, weights);
    expect(index.scores.shape).toEqual([2, 3, 1, 1]);
    expect(index.relevance).toEqual(same.relevance);
    expect(total(index.relevance)).not.toBe(0);
  });

  test('scores per position have no class to start with', () => {
    const net = new Net(2, 6, 6);
    const maps = net.node('Conv', 'conv', ['x', net.weight(3, 2, 3, 3)]).model('conv');
    expect(() => relevance(maps, { composite: epsilon })).toThrow(
      /expected one score per class \(N×K\), got \[N,3,4,4\]/,
    );
  });

  test('a sigmoid is a link from scores to probabilities, too', async () => {
    const net = new Net(4);
    net.node('Gemm', 'fc', ['x', net.weight(4, 3)]).node('Sigmoid', 'prob', ['fc']);
    const image = noise([1, 4], 2);
    const options = { composite: epsilon, start: 'probability' as const, conservation: true };
    const { balance, prob } = await explain(net.model('prob'), options, image, int64([1], [1]));
    expect(balance[0].received).toBeCloseTo(Number(prob.data[1]), 5);
  });
});

describe('networks that Caffe does not know', () => {
  /** conv–bn–relu, a residual block with squeeze-and-excitation, hard-swish from its parts, a dense layer. */
  function modern(): Model {
    const net = new Net(3, 8, 8);
    const norm = (name: string, value: string, n: number) =>
      net.node('BatchNormalization', name, [
        value,
        net.weight(n),
        net.weight(n),
        net.weight(n),
        net.b.weight(`${name}.variance`, float32([n], new Float32Array(n).fill(0.8))),
      ]);
    const conv = (name: string, value: string, from: number, to: number, side: number) =>
      net.node('Conv', name, [value, net.weight(to, from, side, side)], {
        pads: [0, 0, 0, 0].fill((side - 1) / 2),
      });
    conv('conv1', 'x', 3, 4, 3);
    norm('bn1', 'conv1', 4).node('Relu', 'relu1', ['bn1']);
    conv('conv2', 'relu1', 4, 4, 3);
    norm('bn2', 'conv2', 4);
    net.node('GlobalAveragePool', 'se/pool', ['bn2']);
    conv('se/fc', 'se/pool', 4, 4, 1);
    net.node('Sigmoid', 'se/gate', ['se/fc']).node('Mul', 'se', ['bn2', 'se/gate']);
    net.node('Add', 'sum', ['relu1', 'se']).node('Relu', 'relu2', ['sum']);
    conv('conv3', 'relu2', 4, 4, 1);
    const scalar = (name: string, v: number) => net.b.weight(name, float32([], [v]));
    net.node('Add', 'hs/add', ['conv3', scalar('three', 3)]);
    net.node('Clip', 'hs/clip', ['hs/add', scalar('zero', 0), scalar('six', 6)]);
    net.node('Div', 'hs/div', ['hs/clip', 'six']).node('Mul', 'hs', ['conv3', 'hs/div']);
    net.node('ReduceMean', 'mean', ['hs', net.b.weight('axes', int64([2], [2, 3]))], { keepdims: 0 });
    net
      .node('Gemm', 'fc', ['mean', net.weight(4, 3), net.weight(3)])
      .node('Softmax', 'prob', ['fc'], { axis: 1 });
    return net.model('prob');
  }
  const model = modern();
  const x = noise([1, 3, 8, 8], 6);

  test('normalisation is merged, gates get nothing, signals and sums conserve', async () => {
    const { handling } = relevance(model, { composite: epsilon });
    expect([...handling.keys()]).not.toContain('bn1');
    expect([...handling.keys()]).not.toContain('se/fc');
    expect([...handling.keys()]).not.toContain('hs/clip');
    const made = await explain(model, { composite: epsilon, conservation: true }, x, int64([1], [1]));
    for (const { node, received, passed, bias, stabiliser, padding, other } of made.balance) {
      const scale = Math.abs(received) + Math.abs(passed) + 1e-3;
      expect(
        Math.abs(other) / scale,
        `${node}: ${[received, passed, bias, stabiliser, padding]}`,
      ).toBeLessThan(1e-4);
    }
  });

  test.each([
    'epsilon',
    'epsilon-plus',
    'epsilon-plus-flat',
    'epsilon-alpha2-beta1',
    'z-plus',
    'w-square',
    'gamma',
  ])('%s: what starts arrives, but for what is booked as lost', async (name) => {
    const made = await explain(
      model,
      { composite: namedComposite(name), conservation: true },
      x,
      int64([1], [2]),
    );
    const lost = made.balance.reduce((sum, l) => sum + l.bias + l.stabiliser + l.padding + l.other, 0);
    const start = Number(made.scores.data[2]);
    const scale = Math.abs(start) + made.balance.reduce((sum, l) => Math.max(sum, Math.abs(l.passed)), 0);
    expect(made.balance[0].received).toBeCloseTo(start, 4);
    expect(Math.abs(start - lost - total(made.relevance)) / scale).toBeLessThan(1e-4);
    for (const { node, other, passed } of made.balance)
      expect(Math.abs(other), node).toBeLessThan(1e-4 * (1 + Math.abs(passed) + scale));
  });

  test('relevance at a merged layer is asked for by either of its names, where its value still exists', async () => {
    const at = async (layer: string) =>
      (await explain(model, { composite: epsilon, at: [layer] }, x, int64([1], [0])))[`relevance:${layer}`];
    expect(await at('bn1')).toEqual(await at('conv1'));
    expect(() => relevance(model, { composite: epsilon, at: ['bn9'] })).toThrow(
      "layer 'bn9': the network has no such",
    );
  });

  test("guided backprop and deconvnet change rectifiers only: a sigmoid's derivative stays", () => {
    const { handling } = relevance(model, { composite: namedComposite('guided-backprop') });
    expect(handling.get('relu1')!.handling).toBe('guided');
    expect(handling.get('se/gate')!.handling).toBe('gradient');
  });
});

describe('composites', () => {
  const model: Model = {
    graph: tinyInception(),
    info: { heads: [{ name: 'class', output: 'prob', kind: 'classes' }], provenance: {} },
  };

  test('an entry that names no layer is an error; one that relevance does not reach is none', () => {
    const named = (name: string): Composite => ({
      name: 'mine',
      entries: [{ match: { name }, handling: rules.flat() }, ...epsilon.entries],
    });
    expect(() => relevance(model, { composite: named('conv9*') })).toThrow(
      "composite 'mine': no layer is named 'conv9*'; limn inspect lists the layers",
    );
    expect(() => relevance(model, { composite: named('block*') })).not.toThrow();
    expect(() => relevance(model, { composite: { name: 'bare', entries: [] } })).toThrow(
      /^the network: 16 nodes pass no relevance on, no entry of composite 'bare' matches: .*Gemm \('fc'\)/,
    );
    expect(() => namedComposite('epsilon-plus-plus')).toThrow(
      /there is none of this name; did you mean epsilon-plus/,
    );
    expect(() => toolbox(7)).toThrow('formula 7: there is no such code; known: 0, 2, ');
    expect(() => toolbox(0, { epsilon: 0 })).toThrow('epsilon: 0 is not a number above 0');
    expect(() => namedComposite('alpha-beta', { beta: -1 })).toThrow('beta: -1 is not a number from 0 on');
  });

  test('every named composite explains', async () => {
    const withMean: Model = {
      ...model,
      info: { ...model.info, preprocessing: { channels: 'bgr', mean: [0.5, 0, 0.1] } },
    };
    const { composites } = await import('../../src/relevance/index.ts');
    for (const name of Object.keys(composites)) {
      const made = await explain(
        withMean,
        { composite: namedComposite(name) },
        noise([1, 3, 17, 17], 9),
        int64([1], [0]),
      );
      expect(made.relevance.shape, name).toEqual([1, 3, 17, 17]);
      expect(
        made.relevance.data.every((v: number | bigint) => Number.isFinite(Number(v))),
        name,
      ).toBe(true);
    }
  });

  test('layers that see the input: behind movement and scaling, in all branches, no others', () => {
    const net = new Net(3, 6, 6);
    net.node('Mul', 'scale', ['x', net.b.weight('s', float32([], [0.1]))]);
    net.node('Conv', 'a', ['scale', net.weight(2, 3, 3, 3)], { pads: [1, 1, 1, 1] });
    net.node('MaxPool', 'pool', ['scale'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] });
    net.node('Conv', 'b', ['pool', net.weight(2, 3, 1, 1)]).node('Conv', 'c', ['a', net.weight(2, 2, 1, 1)]);
    net.node('Concat', 'cat', ['b', 'c'], { axis: 1 }).node('GlobalMaxPool', 'top', ['cat']);
    const { handling } = relevance(net.model('top'), { composite: namedComposite('epsilon-plus-flat') });
    const rule = (name: string) => (handling.get(name)!.handling as { name: string }).name;
    expect(['a', 'b', 'c'].map(rule)).toEqual(['flat', 'flat', 'z-plus']);
  });

  test('the box rule takes its bounds through what the graph itself does to pixels', async () => {
    const preprocessed = new Net(2, 5, 5);
    const weights = [preprocessed.weight(3, 2, 3, 3), preprocessed.weight(3), preprocessed.weight(75, 2)];
    const finish = (net: Net, value: string, [w, c, d]: string[]) => {
      net.node('Conv', 'conv', [value, w, c], { pads: [1, 1, 1, 1] }).node('Relu', 'relu', ['conv']);
      return net.node('Flatten', 'flat', ['relu'], { axis: 1 }).node('Gemm', 'fc', ['flat', d]).model('fc');
    };
    const plain = finish(preprocessed, 'x', weights);
    const raw = new Net(2, 5, 5);
    const same = [raw.weight(3, 2, 3, 3), raw.weight(3), raw.weight(75, 2)];
    raw.node('Sub', 'centred', ['x', raw.b.weight('mean', float32([2, 1, 1], [100, 120]))]);
    // Turned around and back, so that the lowest is for a while the highest.
    raw.node('Div', 'scaled', ['centred', raw.b.weight('std', float32([2, 1, 1], [-50, -60]))]);
    raw.node('Mul', 'turned', ['scaled', raw.b.weight('minus', float32([], [-1]))]);
    const inside = finish(raw, 'turned', same);
    const noised = noise([1, 2, 5, 5], 5);
    const photo = float32(
      noised.shape,
      noised.data.map((v) => (v + 1) * 127.5),
    );
    const input = float32(
      noised.shape,
      photo.data.map((v, i) => (i < 25 ? (v - 100) / 50 : (v - 120) / 60)),
    );
    const composite = namedComposite('epsilon-gamma-box');
    const prepared = (model: Model, preprocessing: Preprocessing): Model => ({
      ...model,
      info: { ...model.info, preprocessing },
    });
    const target = int64([1], [1]);
    const within = prepared(inside, { channels: 'rgb', mean: [0, 0] });
    const before = prepared(plain, { channels: 'rgb', mean: [100, 120], std: [50, 60] });
    const made = await explain(within, { composite }, photo, target);
    const expected = await explain(before, { composite }, input, target);
    expect(relativeError(made.relevance, expected.relevance)).toBeLessThan(1e-5);
  });

  test('the box rule needs bounds, and a layer of pixels', () => {
    const composite = namedComposite('epsilon-gamma-box');
    expect(() => relevance(model, { composite })).toThrow(/the bounds of the input are not known/);
    const withMean: Model = {
      ...model,
      info: { ...model.info, preprocessing: { channels: 'bgr', mean: [1, 2, 3] } },
    };
    const everywhere: Composite = {
      name: 'box',
      entries: [{ match: { name: 'fc' }, handling: rules.zBox() }, ...epsilon.entries],
    };
    expect(() => relevance(withMean, { composite: everywhere })).toThrow(/'.*' is not made of pixels alone/);
    const short: Model = { ...model, info: { ...model.info, preprocessing: { channels: 'bgr', mean: [1] } } };
    expect(() => relevance(short, { composite })).toThrow(
      'preprocessing: 1 means for an input of 3 channels',
    );
  });

  test('a sum of all relevance is the score where nothing is lost: z-plus without biases', async () => {
    const net = new Net(2, 6, 6);
    net
      .node('Conv', 'conv1', ['x', net.weight(3, 2, 3, 3)], { pads: [1, 1, 1, 1] })
      .node('Relu', 'relu1', ['conv1']);
    net.node('MaxPool', 'pool1', ['relu1'], { kernel_shape: [2, 2], strides: [2, 2] });
    net.node('LRN', 'norm1', ['pool1'], { size: 3, alpha: float(0.1), beta: float(0.75), bias: float(1) });
    net.node('Flatten', 'flat', ['norm1'], { axis: 1 }).node('Gemm', 'fc', ['flat', net.weight(27, 4)]);
    const made = await explain(
      net.model('fc'),
      { composite: namedComposite('z-plus') },
      noise([1, 2, 6, 6], 7),
      int64([1], [-1]),
    );
    expect(total(made.relevance)).toBeCloseTo(Math.max(...(made.scores.data as Float32Array)), 3);
  });
});

describeShared("the paper's setting, iccv2017", () => {
  const definition = (name: string) => {
    const path = shared(`adience/model_definitions/${name}/deploy.prototxt`);
    return importNet(upgradeNet(parsePrototxt(readFileSync(path, 'utf8'), path), path), path);
  };

  test.each([
    [
      'age_net_definitions',
      'conv1: flat (original) · conv2…conv3: alpha2-beta1 · fc6…fc8: epsilon 0.1 · LRN: lrn-original · max pooling: winner',
    ],
    [
      'age_fromscratch_caffereference',
      'conv1: flat (original) · conv2…conv5: alpha2-beta1 · fc6…fc8_agexgender: epsilon 0.1 · LRN: lrn-original · max pooling: winner',
    ],
    [
      'age_finetuning_vgg16',
      'conv1_1…conv2_2: flat (original) · conv3_1…conv5_3: alpha2-beta1 · fc6…fc8-age: epsilon 0.1 · max pooling: winner',
    ],
    [
      'age_finetuning_googlenet',
      'conv1/7x7_s2…conv2/3x3_reduce: flat (original) · conv2/3x3…inception_5b/pool_proj: alpha2-beta1 · loss3/classifier_agexgender: epsilon 0.1 · LRN: lrn-original · max pooling: winner · average pooling: average-original',
    ],
  ])('%s', (name, expected) => {
    const model = definition(name);
    const composite = namedComposite('iccv2017', { variant: 'faithful' }, model.info.layers);
    const { handling, head } = relevance(model, { composite });
    expect(inWords(handling)).toBe(expected);
    expect(head.name).toMatch(/^prob$|^loss3/);
  });

  test("GoogLeNet's published file: its inner classifiers are walked when asked for", () => {
    const model = definition('age_finetuning_googlenet');
    const composite = namedComposite('iccv2017', {}, model.info.layers);
    const plain = relevance(model, { composite }).handling;
    const injected = relevance(model, { composite, injectAuxiliary: true }).handling;
    const inner = [...injected.keys()].filter((name) => !plain.has(name));
    expect(inner.filter((name) => /classifier|\/fc$/.test(name)).sort()).toEqual([
      'loss1/classifier_agexgender',
      'loss1/fc',
      'loss2/classifier_agexgender',
      'loss2/fc',
    ]);
  });
});

describe('relevance that is far larger than its score', () => {
  /** Two branches that nearly cancel, and then a layer that sees the rest of them. */
  const net = new Net(2, 6, 6);
  const conv = [net.weight(3, 2, 3, 3), net.weight(3)];
  net.node('Conv', 'one', ['x', ...conv]).node('Conv', 'other', ['x', ...conv]);
  net.node('Mul', 'nearly', ['other', net.b.weight('factor', float32([], [-1 + 1e-5]))]);
  net.node('Add', 'rest', ['one', 'nearly']).node('Mul', 'grown', ['rest', net.weight(3, 4, 4)]);
  net.node('Flatten', 'flat', ['grown'], { axis: 1 }).node('Gemm', 'fc', ['flat', net.weight(48, 3)]);
  const model = net.model('fc');
  const of = async (sums: 'proportional' | 'absolute') => {
    const composite = namedComposite('z-plus', { sums });
    return explain(model, { composite, conservation: true }, noise([2, 2, 6, 6], 1), int64([2], [0, 1]));
  };

  test('is told with the first layer that receives it, though its sum stays', async () => {
    const made = await of('proportional');
    const excess = excessOf(made.balance)!;
    expect(['one', 'nearly', 'other']).toContain(excess.node);
    const line = made.balance.find(({ node }) => node === excess.node)!;
    expect(excess.absolute).toBe(line.absolute);
    expect(excess.multiple).toBeCloseTo(line.absolute / made.balance[0].absolute, 6);
    expect(excess.multiple).toBeGreaterThan(100);
    expect(excess.sum).toBe(line.received);
    expect(excess.made).toBe(false);
  });

  test('is told from what rules make: all that they pass on beyond what they receive', () => {
    const line = (node: string, received: number, other: number) => ({
      ...{ node, rule: 'flat', received, absolute: Math.abs(received), passed: received - other, other },
      ...{ bias: 0, stabiliser: 0, padding: 0 },
    });
    const found = excessOf([line('fc', 2, 0), line('flat', 2, -598), line('conv', 600, -5400)]);
    expect(found).toEqual({ node: 'conv', absolute: 600, sum: 600, made: true, multiple: 300 });
  });

  test('does not come about where sums share by absolute values', async () => {
    const { balance } = await of('absolute');
    expect(excessOf(balance)).toBeUndefined();
    for (const { absolute, received } of balance)
      expect(absolute).toBeGreaterThanOrEqual(Math.abs(received) * (1 - 1e-5));
  });
});

describe('a normalisation that only the layer over a rectifier can take in', () => {
  /** DenseNet's: the value before it goes elsewhere, too, and a ReLU stands between it and the convolution. */
  const net = new Net(3, 8, 8);
  const norm = (name: string, input: string, channels: number) =>
    net.node('BatchNormalization', name, [
      input,
      net.b.weight(`${name}.scale`, float32([channels], new Float32Array(channels).fill(0.7))),
      net.weight(channels),
      net.weight(channels),
      net.b.weight(`${name}.variance`, float32([channels], new Float32Array(channels).fill(0.5))),
    ]);
  net.node('Sub', 'centred', ['x', net.b.weight('mean', float32([3, 1, 1], [0.1, 0.2, 0.3]))]);
  net.node('Conv', 'conv', ['centred', net.weight(4, 3, 3, 3)], { pads: [1, 1, 1, 1] });
  let last = 'conv';
  for (let i = 0; i < 6; i++) {
    const channels = 4 + 3 * i;
    norm(`norm${i}`, last, channels).node('Relu', `relu${i}`, [`norm${i}`]);
    net.node('Conv', `conv${i}`, [`relu${i}`, net.weight(3, channels, 3, 3)], { pads: [1, 1, 1, 1] });
    net.node('Concat', `cat${i}`, [last, `conv${i}`], { axis: 1 });
    last = `cat${i}`;
  }
  norm('norm', last, 22).node('Relu', 'relu', ['norm']).node('GlobalAveragePool', 'pool', ['relu']);
  net.node('Flatten', 'flat', ['pool'], { axis: 1 }).node('Gemm', 'fc', ['flat', net.weight(22, 4)]);
  const model = net.model('fc');
  const x = noise([1, 3, 8, 8], 4);

  const rulesIn = (composite: string, ...nodes: string[]) => {
    const { handling } = relevance(model, { composite: namedComposite(composite) });
    return nodes.map((node) => {
      const made = handling.get(node)?.handling;
      return made === undefined || typeof made === 'string' ? made : made.name;
    });
  };

  test('gets the rule of the convolutions, and what prepares the pixels passes', () => {
    // The mean is merged into the convolution only where no padding stands between.
    const norms = ['norm0', 'norm5', 'norm'];
    expect(rulesIn('gamma', ...norms, 'centred')).toEqual([...norms.map(() => 'gamma 0.25'), 'pass']);
  });

  test('becomes a threshold for z⁺, and takes nothing for its shift', async () => {
    // Padding comes between the threshold, in the place of the normalisation, and the convolution.
    expect(rulesIn('epsilon-plus', 'norm5', 'relu5', 'conv5', 'norm', 'relu')).toEqual([
      'pass',
      'gradient',
      'z-plus',
      'pass',
      undefined,
    ]);
    const composite = namedComposite('epsilon-plus');
    const { balance } = await explain(model, { composite, conservation: true }, x, int64([1], [2]));
    for (const { node, received, passed } of balance.filter(({ node }) => node.startsWith('norm')))
      expect(passed, node).toBeCloseTo(received, 5);
    expect(excessOf(balance)).toBeUndefined();
  });

  test('so that z⁺ sees what passes the threshold, by the literal formula', async () => {
    const [scale, shift, mean, variance] = [
      [0.7, -0.4, 1.5, -1],
      [0.3, 0.2, -0.5, -0.1],
      [0.1, -0.2, 0.3, 0],
      [0.5, 1, 2, 0.25],
    ];
    const small = new Net(4, 1, 1);
    const held = [scale, shift, mean, variance].map((values, i) =>
      small.b.weight(`statistic${i}`, float32([4], values)),
    );
    const [weight, bias] = [small.weight(3, 4, 1, 1), small.weight(3)];
    small.node('BatchNormalization', 'norm', ['x', ...held]).node('Relu', 'relu', ['norm']);
    small.node('Conv', 'conv', ['relu', weight, bias]).node('Flatten', 'flat', ['conv'], { axis: 1 });
    const pixels = noise([2, 4, 1, 1], 6);
    const target = int64([2], [0, 2]);
    const made = await explain(
      small.model('flat'),
      { composite: namedComposite('epsilon-plus') },
      pixels,
      target,
    );
    const [w, b] = [weight, bias].map((name) => numbers(small.b.constantOf(name)!));
    for (const image of [0, 1]) {
      const k = Number(target.data[image]);
      const s = scale.map((value, j) => value / Math.sqrt(variance[j] + 1e-5));
      const t = shift.map((value, j) => value - s[j] * mean[j]);
      const seen = s.map((value, j) => {
        const [pixel, threshold] = [pixels.data[4 * image + j], -t[j] / value];
        return value > 0 ? Math.max(pixel, threshold) : Math.min(pixel, threshold);
      });
      const products = seen.map((value, j) => w[4 * k + j] * s[j] * value);
      const own = t.reduce((sum, value, j) => sum + w[4 * k + j] * value, b[k]);
      const score = products.reduce((sum, value) => sum + value, own);
      const positive = (value: number) => Math.max(value, 0);
      const z = products.reduce((sum, value) => sum + positive(value), positive(own));
      products.forEach((value, j) => {
        expect(made.relevance.data[4 * image + j]).toBeCloseTo((positive(value) / z) * score, 4);
      });
    }
  });

  test('so that ε is gradient × input but for biases, with no growth from block to block', async () => {
    const target = int64([1], [2]);
    const made = await explain(model, { composite: epsilon, conservation: true }, x, target);
    const gradient = await explain(model, { composite: namedComposite('gradient'), start: 'one' }, x, target);
    const timesPixels = float32(
      x.shape,
      (gradient.relevance.data as Float32Array).map(
        (v, i) => v * (x.data[i] - [0.1, 0.2, 0.3][Math.floor(i / 64)]),
      ),
    );
    expect(relativeError(made.relevance, timesPixels)).toBeLessThan(1e-3);
    expect(excessOf(made.balance)).toBeUndefined();
  });
});

test('a group norm as exporters write it loads and gives the same, rearranged by ONNX Runtime or not', async () => {
  const net = new Net(4, 5, 5);
  const ints = (name: string, values: number[]) => net.b.weight(name, int64([values.length], values));
  const one = (name: string, value: number) => net.b.weight(name, float32([1], [value]));
  net
    .node('Reshape', 'row', ['x', ints('row_shape', [0, 1, -1])])
    .node('InstanceNormalization', 'standard', ['row', one('scale', 1), one('shift', 0)])
    .node('Reshape', 'normal', ['standard', ints('image_shape', [0, 4, 5, 5])])
    .node('Mul', 'scaled', ['normal', net.weight(4, 1, 1)])
    .node('Conv', 'conv', ['scaled', net.weight(3, 4, 5, 5), net.weight(3)])
    .node('Flatten', 'y', ['conv'], { axis: 1 });
  const { graph } = relevance(net.model('y'), { composite: namedComposite('cp-lrp') });
  const feeds = { x: noise([1, 4, 5, 5], 3), target: int64([1], [1]) };
  const maps: Tensor[] = [];
  for (const optimise of ['full', 'quick'] as const) {
    const session = await nodeRuntime.load(graph, { threads: 1, optimise });
    maps.push((await session.run(feeds)).relevance);
    await session.release();
  }
  expect(relativeError(maps[0], maps[1])).toBeLessThan(1e-5);
  expect(total(maps[0])).not.toBe(0);
});

describe('weights that are computed from the image', () => {
  /** What stands at `here` takes weights or a bias that depend on all pixels, as in conditional convolutions. */
  const conditional: Readonly<Record<string, (net: Net) => Net>> = {
    Conv: (net) =>
      shaped(net, 'kernel', 36, [3, 3, 2, 2])
        .node('Conv', 'here', ['x', 'kernel', net.weight(3)])
        .node('Flatten', 'flat', ['here'], { axis: 1 }),
    'Conv, its bias': (net) =>
      shaped(net, 'bias', 3, [3])
        .node('Conv', 'here', ['x', net.weight(3, 3, 2, 2), 'bias'])
        .node('Flatten', 'flat', ['here'], { axis: 1 }),
    ConvTranspose: (net) =>
      shaped(net, 'kernel', 36, [3, 3, 2, 2])
        .node('ConvTranspose', 'here', ['x', 'kernel'])
        .node('Flatten', 'flat', ['here'], { axis: 1 }),
    Gemm: (net) =>
      shaped(net, 'matrix', 96, [48, 2])
        .node('Flatten', 'row', ['x'], { axis: 1 })
        .node('Gemm', 'flat', ['row', 'matrix']),
    MatMul: (net) =>
      shaped(net, 'matrix', 96, [48, 2])
        .node('Flatten', 'row', ['x'], { axis: 1 })
        .node('MatMul', 'flat', ['row', 'matrix']),
  };

  function shaped(net: Net, name: string, length: number, shape: readonly number[]): Net {
    return net
      .node('Flatten', 'pixels', ['x'], { axis: 1 })
      .node('Gemm', 'mixed', ['pixels', net.weight(48, length)])
      .node('Sigmoid', 'gates', ['mixed'])
      .node('Reshape', name, ['gates', net.b.weight('shape', int64([shape.length], shape))]);
  }

  test.each(Object.entries(conditional))('%s: the derivative goes through them, too', async (_, make) => {
    const net = make(new Net(3, 4, 4)).node('ReduceSum', 'y', ['flat', 'axes'], { keepdims: 1 });
    net.b.weight('axes', int64([1], [1]));
    const { info, graph: open } = net.model('y');
    const graph = fixBatch(open, 1);
    const feeds = { x: noise([1, 3, 4, 4], 5) };
    const expected = await runGraph(gradient(graph, { outputs: ['y'], wrt: ['x'] }), {
      ...feeds,
      'cotangent:y': float32([1, 1], [1]),
    });
    const { relevance: actual } = await explain(
      { graph, info },
      { composite: namedComposite('gradient'), start: 'one' },
      feeds.x,
      int64([1], [0]),
    );
    expect(relativeError(actual, expected['gradient:x'])).toBeLessThan(1e-5);
  });
});

describe('the default composite', () => {
  const image = { name: 'data', type: 'float32', shape: ['N', 3, 4, 4] } as const;
  /** A convolution that sees the photo, or what an operation makes of it. */
  const model = (before: 'nothing' | 'scale' | 'movement' | 'relu', preprocessing = true): Model => {
    const b = new GraphBuilder('net');
    const x = b.input(image);
    const weight = b.weight('weight', noise([2, 3, 3, 3], 1));
    const seen = {
      nothing: () => x,
      scale: () => b.op('Mul', [x, b.scalar(2)]),
      movement: () => b.op('Pad', [x, b.ints(0, 0, 1, 1, 0, 0, 1, 1)]),
      relu: () => b.op('Relu', [x]),
    }[before]();
    b.output(b.op('Conv', [seen, weight]), { name: 'y', type: 'float32', shape: ['N', 2, 'H', 'W'] });
    const info = { heads: [], provenance: {} };
    return { graph: b.build(), info: preprocessing ? { ...info, preprocessing: { channels: 'rgb' } } : info };
  };

  test('knows black and white where the model says how photos are prepared', () => {
    for (const before of ['nothing', 'scale', 'movement'] as const)
      expect(defaultComposite(model(before)), before).toBe('epsilon-gamma-box');
    expect(defaultComposite(model('nothing', false))).toBe('epsilon-plus-flat');
    // What a rectifier leaves of pixels has no such bounds.
    expect(defaultComposite(model('relu'))).toBe('epsilon-plus-flat');
  });

  test("is the paper's where its parameters are given", () => {
    expect(defaultComposite(model('nothing'), { variant: 'faithful' })).toBe('iccv2017');
    expect(defaultComposite(model('nothing'), { upTo: 4 })).toBe('iccv2017');
    expect(defaultComposite(model('nothing'), { epsilon: 0.1, gamma: 1 })).toBe('epsilon-gamma-box');
  });
});
