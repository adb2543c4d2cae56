import type { GraphBuilder } from '../graph/index.ts';
import { type LinearMap, operatorOf, type Site } from '../operators/index.ts';

/**
 * R_i = x_i · VJP(R / (y + ε·sign y)): shares in proportion to what each input adds to the output. For sums, average
 * pooling and whatever else is linear without weights of its own.
 */
export function proportional(
  b: GraphBuilder,
  site: Site,
  relevance: string,
  input: number,
  epsilon = 1e-6,
): string | undefined {
  const y = site.node.outputs[0];
  const negative = b.op('Less', [y, b.scalar(0)]);
  const stable = b.op('Add', [y, b.op('Where', [negative, b.scalar(-epsilon), b.scalar(epsilon)])]);
  const back = operatorOf(site.node).vjp(b, site, [b.op('Div', [relevance, stable])], input);
  return back && b.op('Mul', [site.input(input), back]);
}

/** Max pooling shared in proportion to all activations of a window, as if it averaged. */
export function maxProportional(b: GraphBuilder, site: Site, relevance: string): string | undefined {
  const { storage_order: _, ...attributes } = site.node.attributes;
  const average = b.op('AveragePool', [site.input(0)], { ...attributes, count_include_pad: 0 });
  return proportional(b, site.like(b.producer(average)!), relevance, 0);
}

/**
 * Average pooling as the original shares it: R_i = Σ_j x_i R_j / Σ_window x without a stabiliser, and where the
 * window's sum is below 1e-6 its activations are added as if they were relevance.
 */
export function averageAsOriginal(b: GraphBuilder, site: Site, map: LinearMap, relevance: string): string {
  const x = site.input(map.input);
  const ones = b.op('Expand', [b.scalar(1), b.ints(1, ...site.dims(map.input, 1))]);
  // What the average divided by: the cells on the image, over their share of the average.
  const divisor = b.op('Div', [b.constant(map.seen()), map.apply(b, ones, undefined, undefined)]);
  const sum = b.op('Mul', [site.node.outputs[0], divisor]);
  const small = b.op('Less', [b.op('Abs', [sum]), b.scalar(1e-6)]);
  const s = b.op('Where', [small, b.scalar(1), b.op('Div', [relevance, sum])]);
  return b.op('Mul', [x, map.transpose(b, b.op('Mul', [s, divisor]), undefined)]);
}

/**
 * A product of two values: the signal gets all the relevance, the gate none (Arras et al. 2017, "signal takes it
 * all"). A gate is what a sigmoid or softmax made; where neither or both operands are gates, they share equally.
 */
export function signalTakesAll(
  b: GraphBuilder,
  site: Site,
  relevance: string,
  input: number,
): string | undefined {
  const gates = site.node.inputs.map((value) => isGate(b, value));
  const shared = gates.every((gate) => gate === gates[0]);
  if (!shared && gates[input]) return undefined;
  if (shared && site.shape(input).join() !== site.output().join()) return undefined;
  return shared ? b.op('Mul', [relevance, b.scalar(1 / gates.length)]) : relevance;
}

const gateOperators = new Set(['Sigmoid', 'HardSigmoid', 'Softmax', 'Clip']);
const shapeOperators = new Set(['Reshape', 'Unsqueeze', 'Squeeze', 'Flatten', 'Identity', 'Expand']);

function isGate(b: GraphBuilder, value: string): boolean {
  const node = b.producer(value);
  if (!node) return false;
  return gateOperators.has(node.op) || (shapeOperators.has(node.op) && isGate(b, node.inputs[0]));
}
