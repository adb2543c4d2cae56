import { fail } from '../../common/error.ts';
import {
  type Dim,
  divideDims,
  float32,
  type Graph,
  GraphBuilder,
  type Model,
  producers,
  type Shape,
} from '../../graph/index.ts';
import { type Attention, attentions, type Inference, infer } from '../../operators/index.ts';
import {
  type Composite,
  canonise,
  propagate,
  type RelevanceGraph,
  type RelevanceOptions,
  relevance,
  rules,
} from '../../relevance/index.ts';
import type { AttentionMethod } from '../method.ts';
import { behind } from '../outputs.ts';

/**
 * Which tokens the scores are made of, by the attention of all blocks, drawn back to the pixels that each token was made
 * of. From the tokens that the scores are read from down to the first block, r ← r·M with the block's matrix M, queries ×
 * keys:
 *
 *     attention-rollout (Abnar and Zuidema 2020):  M = (mean of A over the heads + 1) / 2
 *     chefer (Chefer et al. 2021, eqs. 5 and 6):   M = 1 + mean over the heads of max(0, ∂score/∂A ⊙ A)
 *
 * Tokens that the scores are read from are those of the last block that have an influence on them, in equal parts. A
 * token's part is spread evenly over its pixels and channels; that of tokens that are no part of the image is left out.
 * `options.composite` must be the gradient. Errors: a network without attention, or whose attention is not among all of
 * the same tokens in every block (windows, shrinking tokens, tokens of classes that only ask).
 */
export function attentionMap(
  model: Model,
  options: RelevanceOptions,
  { method }: AttentionMethod,
): RelevanceGraph {
  const { graph } = canonise(model);
  const known = infer(graph);
  const found = attentions(graph, known);
  const [first, last] = [found[0], found.at(-1)];
  if (!first || !last)
    return fail(graph.name, 'it has no attention', `'${method}' is for transformers; choose another method`);
  const batch = graph.inputs[0].shape[0];
  const tokens = tokensOf(found, known, batch, method);
  const weighsGradients = method === 'chefer';
  const layers = [last.name, ...(weighsGradients ? found.map(({ softmax }) => softmax.name) : [])];
  const made = relevance(model, { ...options, at: layers });
  const b = new GraphBuilder(made.graph).scope(method);
  const gradientOf = (layer: string) => behind(b, `relevance:${layer}`);

  let row = readTokens(b, gradientOf(last.name), tokens);
  for (const { softmax } of [...found].reverse()) {
    const [weights] = softmax.outputs;
    const counted = weighsGradients
      ? b.op('Relu', [b.op('Mul', [gradientOf(softmax.name), weights])])
      : weights;
    const passed = b.op('MatMul', [row, meanOverHeads(b, counted, tokens)]);
    const sum = b.op('Add', [row, passed]);
    row = weighsGradients ? sum : b.op('Mul', [sum, b.scalar(0.5)]);
  }
  const relevanceOfInput = toPixels(b, graph, known, first, row, tokens);
  b.replace('relevance', () => b.op('Identity', [relevanceOfInput]));
  for (const output of made.graph.outputs)
    if (!output.name.startsWith('relevance:')) b.output(output.name, output);
  return { ...made, graph: b.build() };
}

/** How many tokens there are, and heads in every block. */
interface Tokens {
  readonly count: number;
  readonly heads: number;
}

function tokensOf(
  found: readonly Attention[],
  known: Inference,
  batch: Dim,
  method: AttentionMethod['method'],
): Tokens {
  const all = found.map(({ name, softmax }): Tokens => {
    const shape = known.shapes.get(softmax.outputs[0]) ?? [];
    const [queries, keys] = shape.slice(-2);
    const outer = shape.slice(0, -2);
    const [images, ...more] = outer;
    const perImage = images !== undefined && divideDims(images, batch);
    const isWhole = more.length === 0 || images === batch;
    const heads = more.reduce<Dim | undefined>(
      (product, n) => (typeof product === 'number' && typeof n === 'number' ? product * n : undefined),
      perImage || undefined,
    );
    if (typeof queries !== 'number' || queries !== keys || typeof heads !== 'number' || !isWhole)
      return fail(
        `attention '${name}'`,
        `its weights [${shape}] are not among all tokens of an image`,
        `'${method}' cannot follow windows; choose another method`,
      );
    return { count: queries, heads };
  });
  const other = all.findIndex(({ count }) => count !== all[0].count);
  if (other >= 0)
    fail(
      `attention '${found[other].name}'`,
      `it is among ${all[other].count} tokens, the first among ${all[0].count}`,
      `'${method}' needs the same tokens in every block; choose another method`,
    );
  return all[0];
}

/** N×1×L: the tokens that a gradient at the last block's result, N×heads×L×d or (N·heads)×L×d, is not zero for, summing to 1. */
function readTokens(b: GraphBuilder, gradient: string, { count, heads }: Tokens): string {
  const perToken = b.op('ReduceSum', [b.op('Abs', [gradient]), b.ints(-1)], { keepdims: 0 });
  const perImage = b.op('ReduceSum', [b.op('Reshape', [perToken, b.ints(-1, heads, count)]), b.ints(1)]);
  const isRead = b.op('Cast', [b.op('Greater', [perImage, b.scalar(0)])], { to: 1 });
  const total = b.op('ReduceSum', [isRead, b.ints(-1)], { keepdims: 1 });
  return b.op('Div', [isRead, b.op('Max', [total, b.scalar(1)])]);
}

/** N×L×L. */
function meanOverHeads(b: GraphBuilder, weights: string, { count, heads }: Tokens): string {
  const apart = b.op('Reshape', [weights, b.ints(-1, heads, count, count)]);
  return b.op('ReduceMean', [apart, b.ints(1)], { keepdims: 0 });
}

const even = rules.flat();

/** How a token's part goes back to its pixels: in equal parts through layers, moved, and unchanged through what is for each element. */
const spread: Composite = {
  name: 'spread',
  entries: [
    { match: { linear: ['convolution', 'dense', 'average'] }, handling: even },
    { match: { role: 'sum' }, handling: even },
    { match: { role: ['linear', 'activation', 'standardisation', 'normalisation'] }, handling: 'pass' },
    { match: { role: 'max' }, handling: 'winner' },
    { match: { role: 'product' }, handling: 'signal' },
    { match: {}, handling: 'gradient' },
  ],
};

/** The tokens that go into the first block, N×L×D, with their parts N×1×L, back to the network's input. */
function toPixels(
  b: GraphBuilder,
  graph: Graph,
  known: Inference,
  first: Attention,
  row: string,
  { count }: Tokens,
): string {
  const [input] = graph.inputs;
  const value = tokenValue(graph, known, first, [input.shape[0], count]);
  const features = known.shapes.get(value)!.at(-1);
  if (typeof features !== 'number') return fail(graph.name, 'the size of its tokens is not known');
  const share = b.table(`token ${features}`, () =>
    float32([1, 1, features], new Float32Array(features).fill(1 / features)),
  );
  const seed = b.op('Mul', [b.op('Transpose', [row], { perm: [0, 2, 1] }), share]);
  const { values } = propagate(b, {
    graph,
    known,
    seeds: new Map([[value, seed]]),
    wanted: [input.name],
    composite: spread,
  });
  b.scope('');
  return values.get(input.name) ?? fail(graph.name, `the tokens are not made of input '${input.name}'`);
}

/** The nearest value above an attention's values that holds all tokens of the images, N×L×D. */
function tokenValue(
  graph: Graph,
  known: Inference,
  { name, values }: Attention,
  [batch, count]: Shape,
): string {
  const made = producers(graph);
  const waiting = [values];
  for (const value of waiting) {
    const shape = known.shapes.get(value);
    if (shape?.length === 3 && shape[0] === batch && shape[1] === count) return value;
    for (const input of made.get(value)?.inputs ?? [])
      if (input !== '' && !graph.constants.has(input) && !waiting.includes(input)) waiting.push(input);
  }
  return fail(`attention '${name}'`, `no value holds its ${count} tokens`, 'choose another method');
}
