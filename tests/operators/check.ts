import { expect } from 'vitest';
import {
  type Attributes,
  float32,
  type Graph,
  GraphBuilder,
  type Node,
  type Shape,
  type Tensor,
} from '../../src/graph/index.ts';
import { evaluateNode } from '../../src/operators/evaluate.ts';
import { infer, operatorOf, Site } from '../../src/operators/index.ts';
import { count, type NdArray } from '../reference/array.ts';
import { runGraph } from '../run.ts';
import { expectClose } from './close.ts';
import { linearLaws } from './laws.ts';
import { array, random } from './random.ts';

/** A float input; graph inputs have a symbolic batch dimension, unless a constant spells the batch out. */
export interface Operand {
  readonly array: NdArray;
  /** Stored in the graph: weights. */
  readonly constant?: boolean;
  /** Whether the first dimension is the batch; true unless given. */
  readonly batch?: boolean;
}

export interface Case {
  readonly op: string;
  readonly attributes?: Attributes | undefined;
  /** Floats, constants of other types, inputs left out. */
  readonly inputs: readonly (Operand | Tensor | undefined)[];
  /** The outputs from the float inputs, in order, in float64. */
  readonly reference: (inputs: NdArray[]) => NdArray[];
  /** Inputs that a gradient flows to; all floats unless given. */
  readonly differentiable?: readonly number[];
  /** Whether the graph is made for a processor alone, as in training. */
  readonly onProcessor?: boolean;
  readonly seed: number;
}

const isOperand = (input: Operand | Tensor | undefined): input is Operand =>
  input !== undefined && 'array' in input;

/**
 * Holds an operator to everything that it says of itself: shapes, forward values, derivatives of every input, the
 * lowered form, signs, and the laws of its linear map.
 */
export async function check(c: Case): Promise<void> {
  const next = random(c.seed);
  const operands = c.inputs.filter(isOperand).map((operand) => operand.array);
  const expected = c.reference(operands);

  const base = graphOf(c, expected.length);
  const known = { ...infer(base), onProcessor: c.onProcessor ?? false };
  const node = base.nodes[0];
  const site = new Site(node, known);
  const operator = operatorOf(node);
  // Either form must be right, whichever is faster: that of graphs for many runs, and for one.
  const b = new GraphBuilder(base, { once: c.seed % 2 !== 0 });
  const feeds: Record<string, NdArray> = {};
  c.inputs.forEach((input, i) => {
    if (isOperand(input) && !input.constant) feeds[`x${i}`] = input.array;
  });

  const declare = (value: string, name: string, shape: Shape) =>
    b.output(value, { name, type: 'float32', shape });
  node.outputs.forEach((output, i) => {
    declare(output, output, site.output(i));
  });
  // Every second time a cotangent is left out where there are several outputs.
  const arrives = expected.map((_, i) => expected.length === 1 || i === 0 || next() < 0.5);
  const cotangents = expected.map(({ shape }) => array(next, shape));
  const arrived = cotangents.map((cotangent, i) => {
    if (!arrives[i]) return undefined;
    feeds[`dy${i}`] = cotangent;
    return b.input({ name: `dy${i}`, type: 'float32', shape: site.output(i) });
  });
  const floats = c.inputs.flatMap((input, i) => (isOperand(input) ? [i] : []));
  const differentiable = c.differentiable ?? floats;
  for (const i of c.inputs.keys()) {
    if (c.inputs[i] === undefined) continue;
    const dx = operator.vjp(b, site, arrived, i);
    expect(dx !== undefined, `a gradient for input ${i}`).toBe(differentiable.includes(i));
    if (dx !== undefined) declare(dx, `dx${i}`, site.shape(i));
  }
  const lowered = operator.lower?.(b, site);
  if (lowered !== undefined) declare(lowered, 'lowered', site.output(0));

  const role = operator.role(site);
  const laws =
    role.kind === 'linear'
      ? linearLaws(b, site, role.map, { operands: feeds, output: expected[0], next })
      : [];
  for (const law of laws) {
    Object.assign(feeds, law.feeds);
    for (const [name, { value, shape }] of Object.entries(law.outputs)) declare(value, name, shape);
  }

  const results = await run(b.build(), feeds);
  expected.forEach((reference, i) => {
    expectShape(site.output(i), reference.shape);
    expectClose(results[`y${i}`], reference, `output ${i}`);
  });
  if (lowered !== undefined) expectClose(results.lowered, expected[0], 'the lowered form');
  for (const i of differentiable) {
    const position = floats.indexOf(i);
    const weights = cotangents.map((cotangent, output) => (arrives[output] ? cotangent : undefined));
    expectGradient(results[`dx${i}`], c.reference, operands, position, weights, next);
  }
  for (const law of laws) law.verify(results);

  expectEvaluated(c, node, expected);

  const negative = (a: NdArray) => a.data.some((value) => value < 0);
  const isNonNegative = (value: string) => {
    const input = c.inputs[node.inputs.indexOf(value)];
    return isOperand(input) && !negative(input.array);
  };
  if (operator.nonNegative?.(site, isNonNegative)) {
    for (const output of expected)
      expect(negative(output), 'an output said to be non-negative is').toBe(false);
  }
}

/** Holds an operator that can be computed at import to its reference, with all inputs as constants. */
function expectEvaluated(c: Case, node: Node, expected: readonly NdArray[]): void {
  if (!operatorOf(node).evaluate) return;
  const constants = new Map<string, Tensor>();
  c.inputs.forEach((input, i) => {
    if (input === undefined) return;
    const tensor = isOperand(input) ? float32(input.array.shape, input.array.data) : input;
    constants.set(node.inputs[i], tensor);
  });
  const results = evaluateNode(node, constants);
  expect(results, 'what is computed of constants').toBeDefined();
  results?.forEach(({ shape, data }, i) => {
    const computed = { shape, data: Float64Array.from(data as Float32Array) };
    if (expected[i]) expectClose(computed, expected[i], `output ${i}, computed of constants`);
  });
}

/** The node alone. */
function graphOf(c: Case, outputs: number): Graph {
  const b = new GraphBuilder('test');
  const inputs = c.inputs.map((input, i) => {
    if (input === undefined) return '';
    if (!isOperand(input)) return b.weight(`x${i}`, input);
    const { shape, data } = input.array;
    if (input.constant) return b.weight(`x${i}`, float32(shape, data));
    const spelledOut = c.inputs.some(
      (other) =>
        isOperand(other) &&
        other.constant &&
        other.batch !== false &&
        other.array.shape.length === shape.length &&
        other.array.shape[0] !== 1,
    );
    const fixed = input.batch === false || spelledOut || shape.length === 0;
    const symbolic = fixed ? shape : ['N', ...shape.slice(1)];
    return b.input({ name: `x${i}`, type: 'float32', shape: symbolic });
  });
  while (inputs.at(-1) === '') inputs.pop();
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  b.node({
    op: c.op,
    name: 'node',
    inputs,
    outputs: names,
    ...(c.attributes && { attributes: c.attributes }),
  });
  for (const name of names) b.output(name, { name, type: 'float32', shape: [] });
  return b.build();
}

async function run(graph: Graph, feeds: Readonly<Record<string, NdArray>>): Promise<Record<string, NdArray>> {
  const used = graph.inputs.filter(({ name }) => feeds[name]);
  const results = await runGraph(
    graph,
    Object.fromEntries(used.map(({ name }) => [name, float32(feeds[name].shape, feeds[name].data)])),
  );
  return Object.fromEntries(
    Object.entries(results).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data as Float32Array) },
    ]),
  );
}

function expectShape(inferred: Shape, real: readonly number[]): void {
  expect(inferred.length, `the rank of [${inferred}], really [${real}]`).toBe(real.length);
  inferred.forEach((dim, i) => {
    if (typeof dim === 'number')
      expect(dim, `dimension ${i} of [${inferred}], really [${real}]`).toBe(real[i]);
  });
}

/** Compares a gradient with central differences of the reference, at up to 16 elements. */
function expectGradient(
  gradient: NdArray,
  reference: (inputs: NdArray[]) => NdArray[],
  operands: readonly NdArray[],
  position: number,
  cotangents: readonly (NdArray | undefined)[],
  next: () => number,
): void {
  const operand = operands[position];
  expect(gradient.shape, `the shape of the gradient of operand ${position}`).toEqual(operand.shape);
  const total = count(operand.shape);
  const chosen = Array.from({ length: Math.min(16, total) }, (_, i) =>
    total <= 16 ? i : Math.floor(next() * total),
  );
  const h = 1e-6;
  const moved = (element: number, by: number) => {
    const data = operand.data.slice();
    data[element] += by;
    const outputs = reference(operands.with(position, { shape: operand.shape, data }));
    return outputs.reduce((sum, { data: y }, o) => {
      const weights = cotangents[o];
      return weights ? sum + y.reduce((part, value, j) => part + value * weights.data[j], 0) : sum;
    }, 0);
  };
  const scale = gradient.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (const element of chosen) {
    const expected = (moved(element, h) - moved(element, -h)) / (2 * h);
    const error = Math.abs(gradient.data[element] - expected);
    if (!(error <= 1e-5 * scale)) {
      expect.fail(
        `the gradient of operand ${position} at ${element} of [${operand.shape}] is ${gradient.data[element]}, should be ${expected}`,
      );
    }
  }
}
