import type { Attribute, Node } from '../../graph/graph.ts';
import { float32 } from '../../graph/tensor.ts';
import { floatOf, intOf, microsoft, type Upgrade, type UpgradeSite, withoutAttributes } from './step.ts';

/*
 * ONNX Runtime writes models that it has optimised with operators of its own, several of ONNX's in one. They are taken
 * apart again, so that rules see what they are made of.
 */

/** Steps one behind the other, of which the last has the node's output. Errors: fewer inputs than it needs. */
function chain(node: Node, site: UpgradeSite, needed: number) {
  if (node.inputs.length < needed) site.fail(`it needs ${needed} inputs`);
  const nodes: Node[] = [];
  return {
    add(op: string, inputs: readonly string[], attributes: Node['attributes'] = {}): string {
      const output = site.fresh();
      nodes.push({ op, name: output, inputs, outputs: [output], attributes });
      return output;
    },
    done(): readonly Node[] {
      const last = nodes[nodes.length - 1];
      return [...nodes.slice(0, -1), { ...last, name: node.name, outputs: [node.outputs[0]] }];
    },
  };
}

type Chain = ReturnType<typeof chain>;

/** What a fused activation is called, and its parameters in order, with ONNX's defaults. */
const activations: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Relu: {},
  Tanh: {},
  Sigmoid: {},
  HardSwish: {},
  LeakyRelu: { alpha: 0.01 },
  HardSigmoid: { alpha: 0.2, beta: 0.5 },
};

/** The activation that an operator ends with; none where it names none. */
function activate(node: Node, site: UpgradeSite, steps: Chain, value: string, given: readonly number[]) {
  const name = node.attributes.activation;
  if (name === undefined || name === '') return;
  if (name === 'Clip') {
    const bounds = given.map((bound) => site.add(float32([], [bound])));
    steps.add('Clip', [value, ...bounds]);
    return;
  }
  const parameters =
    (typeof name === 'string' ? activations[name] : undefined) ??
    site.fail('its activation is not supported');
  const attributes = Object.entries(parameters).map(([key, otherwise], i): [string, Attribute] => [
    key,
    { float: given[i] ?? otherwise },
  ]);
  steps.add(String(name), [value], Object.fromEntries(attributes));
}

/** x, w, bias, and what is added before the activation. */
function fusedConv(node: Node, site: UpgradeSite): readonly Node[] {
  const steps = chain(node, site, 2);
  const [x, w, bias, addend] = node.inputs;
  const own = withoutAttributes(node.attributes, 'activation', 'activation_params');
  let value = steps.add('Conv', bias ? [x, w, bias] : [x, w], own);
  if (addend) value = steps.add('Add', [value, addend]);
  const given = node.attributes.activation_params;
  activate(node, site, steps, value, typeof given === 'object' && 'floats' in given ? given.floats : []);
  return steps.done();
}

function fusedGemm(node: Node, site: UpgradeSite): readonly Node[] {
  const steps = chain(node, site, 2);
  const parameters = ['activation_alpha', 'activation_beta', 'activation_gamma'];
  const own = withoutAttributes(node.attributes, 'activation', ...parameters);
  const value = steps.add('Gemm', node.inputs, own);
  const given = parameters.flatMap((name) => floatOf(node, name, site) ?? []);
  activate(node, site, steps, value, given);
  return steps.done();
}

/** alpha·A·B, each perhaps with its last two axes exchanged. */
function fusedMatMul(node: Node, site: UpgradeSite): readonly Node[] {
  const steps = chain(node, site, 2);
  const factors = node.inputs.map((value, i) => {
    const end = i === 0 ? 'A' : 'B';
    if (intOf(node, `transBatch${end}`, 0, site) !== 0) site.fail('transposed stacks are not supported');
    if (intOf(node, `trans${end}`, 0, site) === 0) return value;
    const rank = site.dims(value)?.length ?? site.fail('the rank of what it transposes is not known');
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    perm.splice(-2, 2, rank - 1, rank - 2);
    return steps.add('Transpose', [value], { perm });
  });
  const product = steps.add('MatMul', factors);
  const alpha = floatOf(node, 'alpha', site) ?? 1;
  if (alpha !== 1) steps.add('Mul', [product, site.add(float32([], [alpha]))]);
  return steps.done();
}

/** GELU of x, or of x and a bias. */
const gelu =
  (approximate: 'none' | 'tanh'): Upgrade['convert'] =>
  (node, site) => {
    const steps = chain(node, site, 1);
    const [x, bias] = node.inputs;
    steps.add('Gelu', [bias ? steps.add('Add', [x, bias]) : x], { approximate });
    return steps.done();
  };

/** x·σ(αx). */
function quickGelu(node: Node, site: UpgradeSite): readonly Node[] {
  const steps = chain(node, site, 1);
  const [x] = node.inputs;
  const alpha = site.add(float32([], [floatOf(node, 'alpha', site) ?? 1.702]));
  steps.add('Mul', [x, steps.add('Sigmoid', [steps.add('Mul', [x, alpha])])]);
  return steps.done();
}

/** Normalisation of x + skip (+ bias); a fourth output is that sum. */
const skipNormalisation =
  (op: 'LayerNormalization' | 'RMSNormalization'): Upgrade['convert'] =>
  (node, site) => {
    const [x, skip, gamma, ...rest] = node.inputs;
    const [beta, bias] = op === 'LayerNormalization' ? rest : ['', ...rest];
    const steps = chain(node, site, 3);
    let sum = steps.add('Add', [x, skip]);
    if (bias) sum = steps.add('Add', [sum, bias]);
    if (node.outputs.slice(1, 3).some((output) => output && site.used(output)))
      site.fail('its statistics are used', 'take the model as it was before ONNX Runtime optimised it');
    steps.add(op, beta ? [sum, gamma, beta] : [sum, gamma], {
      axis: -1,
      epsilon: { float: floatOf(node, 'epsilon', site) ?? 1e-12 },
    });
    const [, , , output] = node.outputs;
    if (!output) return steps.done();
    const identity = {
      op: 'Identity',
      name: `${node.name}/sum`,
      inputs: [sum],
      outputs: [output],
      attributes: {},
    };
    return [...steps.done(), identity];
  };

/** Under ONNX's name before ONNX had one. */
const simplified = (node: Node): Node => ({
  ...node,
  op: 'RMSNormalization',
  outputs: node.outputs.slice(0, 1),
  attributes: withoutAttributes(node.attributes, 'stash_type'),
});

export const fused: readonly Upgrade[] = [
  { ops: ['FusedConv'], domain: microsoft, convert: fusedConv },
  { ops: ['FusedGemm'], domain: microsoft, convert: fusedGemm },
  { ops: ['FusedMatMul'], domain: microsoft, convert: fusedMatMul },
  { ops: ['Gelu', 'BiasGelu'], domain: microsoft, convert: gelu('none') },
  { ops: ['FastGelu'], domain: microsoft, convert: gelu('tanh') },
  { ops: ['QuickGelu'], domain: microsoft, convert: quickGelu },
  { ops: ['SkipLayerNormalization'], domain: microsoft, convert: skipNormalisation('LayerNormalization') },
  {
    ops: ['SkipSimplifiedLayerNormalization'],
    domain: microsoft,
    convert: skipNormalisation('RMSNormalization'),
  },
  { ops: ['SimplifiedLayerNormalization'], convert: simplified },
];
