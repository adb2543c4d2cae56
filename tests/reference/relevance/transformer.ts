import type { Block, Dense, Norm, Sizes, Weights } from '../../transformer.ts';
import { normEpsilon } from '../../transformer.ts';
import { build, type NdArray } from '../array.ts';
import { convolution } from '../convolution.ts';
import { erf } from '../elementwise.ts';
import { convolutionLayer, denseLayer } from './linear.ts';
import * as rules from './rules.ts';

/** Tokens × features of one image, in float64. */
type Matrix = readonly (readonly number[])[];

const make = (rows: number, columns: number, f: (i: number, j: number) => number): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => f(i, j)));
const zip = (a: Matrix, b: Matrix, f: (x: number, y: number) => number): number[][] =>
  a.map((row, i) => row.map((x, j) => f(x, b[i][j])));
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const total = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0);
const toArray = (m: Matrix): NdArray => ({
  shape: [m.length, m[0].length],
  data: Float64Array.from(m.flat()),
});
const toMatrix = ({ shape: [rows, columns], data }: NdArray): number[][] =>
  make(rows, columns, (i, j) => data[i * columns + j]);

const stabiliser = 1e-6;
const stable = (z: number): number => z + (z < 0 ? -stabiliser : stabiliser);

/** How the papers treat what linear rules leave open. */
export interface Paper {
  readonly convolution: (layer: ReturnType<typeof convolutionLayer>, relevance: NdArray) => NdArray;
  readonly dense: (layer: ReturnType<typeof denseLayer>, relevance: NdArray) => NdArray;
  /** Whether attention's weights have a share of the relevance, or are constants. */
  readonly sharesWeights: boolean;
}

/** Achtibat et al. 2024, with γ as its appendix has it for ViT. */
export const attnlrp: Paper = {
  convolution: rules.gamma(0.25),
  dense: rules.gamma(0.05),
  sharesWeights: true,
};

/** Ali et al. 2022. */
export const cplrp: Paper = {
  convolution: rules.epsilon(stabiliser),
  dense: rules.epsilon(stabiliser),
  sharesWeights: false,
};

const dense = (x: Matrix, { weight, bias }: Dense): number[][] =>
  make(x.length, bias.data.length, (i, k) =>
    total([bias.data[k], ...x[i].map((v, d) => v * weight.data[d * bias.data.length + k])]),
  );

const denseBack = (paper: Paper, x: Matrix, { weight, bias }: Dense, relevance: Matrix): number[][] =>
  toMatrix(paper.dense(denseLayer(toArray(x), weight, bias), toArray(relevance)));

const statistics = (row: readonly number[]) => {
  const mean = total(row) / row.length;
  const variance = total(row.map((v) => (v - mean) ** 2)) / row.length;
  return { mean, inverse: 1 / Math.sqrt(variance + normEpsilon) };
};

const normalised = (x: Matrix, { scale, bias }: Norm): number[][] =>
  x.map((row) => {
    const { mean, inverse } = statistics(row);
    return row.map((v, j) => (v - mean) * inverse * scale.data[j] + bias.data[j]);
  });

/** y_j = Σ_i x_i (δ_ij − 1/n)·r·scale_j + bias_j with r held fixed: R_i = Σ_j x_i (δ_ij − 1/n) r scale_j R_j / y_j. */
const normBack = (x: Matrix, y: Matrix, { scale }: Norm, relevance: Matrix): number[][] =>
  x.map((row, t) => {
    const { inverse } = statistics(row);
    return row.map((v, i) =>
      total(
        row.map(
          (_, j) =>
            (v * ((i === j ? 1 : 0) - 1 / row.length) * inverse * scale.data[j] * relevance[t][j]) /
            stable(y[t][j]),
        ),
      ),
    );
  });

const sumBack = (x: Matrix, y: Matrix, relevance: Matrix): number[][] =>
  zip(
    x,
    zip(
      zip(x, y, (a, b) => a + b),
      relevance,
      (z, r) => r / stable(z),
    ),
    (v, s) => v * s,
  );

const gelu = (x: number): number => (x / 2) * (1 + erf(x / Math.SQRT2));

/** The columns of one head. */
const headOf = (m: Matrix, head: number, width: number): number[][] =>
  m.map((row) => row.slice(head * width, (head + 1) * width));
const joined = (parts: readonly Matrix[]): number[][] =>
  parts[0].map((_, i) => parts.flatMap((part) => part[i]));

/** An attention weight that is changed by hand. */
interface Change {
  readonly block: number;
  readonly head: number;
  readonly place: readonly [number, number];
  readonly by: number;
}

/** One head: weights A = softmax(QKᵀ/√d), result A·V. */
function attention(q: Matrix, k: Matrix, v: Matrix, change?: Change) {
  const [n, d] = [q.length, q[0].length];
  const products = make(n, n, (i, j) => total(range(d).map((p) => q[i][p] * k[j][p])));
  const scores = products.map((row) => row.map((z) => z / Math.sqrt(d)));
  const weights = scores.map((row) => {
    const exponentials = row.map((z) => Math.exp(z - Math.max(...row)));
    return exponentials.map((e) => e / total(exponentials));
  });
  if (change) weights[change.place[0]][change.place[1]] += change.by;
  const mixed = make(n, d, (i, p) => total(range(n).map((j) => weights[i][j] * v[j][p])));
  return { q, k, v, products, scores, weights, mixed };
}

function attentionBack(paper: Paper, a: ReturnType<typeof attention>, relevance: Matrix) {
  const { q, k, v, products, scores, weights, mixed } = a;
  const [n, d] = [q.length, q[0].length];
  const zero = make(n, d, () => 0);
  const share = paper.sharesWeights ? 0.5 : 1;
  const s = zip(relevance, mixed, (r, o) => r / stable(o));
  const ofValues = make(
    n,
    d,
    (j, p) => share * total(range(n).map((i) => weights[i][j] * v[j][p] * s[i][p])),
  );
  if (!paper.sharesWeights) return { ofQueries: zero, ofKeys: zero, ofValues };
  const ofWeights = make(n, n, (i, j) => 0.5 * total(range(d).map((p) => weights[i][j] * v[j][p] * s[i][p])));
  const ofScores = make(
    n,
    n,
    (i, j) => scores[i][j] * (ofWeights[i][j] - weights[i][j] * total(ofWeights[i])),
  );
  const ofProducts = zip(ofScores, scores, (r, z) => (z * r) / stable(z));
  const t = zip(ofProducts, products, (r, z) => r / stable(z));
  return {
    ofQueries: make(n, d, (i, p) => 0.5 * total(range(n).map((j) => q[i][p] * k[j][p] * t[i][j]))),
    ofKeys: make(n, d, (j, p) => 0.5 * total(range(n).map((i) => q[i][p] * k[j][p] * t[i][j]))),
    ofValues,
  };
}

function blockForward(x: Matrix, block: Block, heads: number, change?: Change) {
  const width = x[0].length / heads;
  const normed = normalised(x, block.norm1);
  const [q, k, v] = [block.query, block.key, block.value].map((layer) => dense(normed, layer));
  const parts = range(heads).map((h) =>
    attention(
      headOf(q, h, width),
      headOf(k, h, width),
      headOf(v, h, width),
      change?.head === h ? change : undefined,
    ),
  );
  const mixed = joined(parts.map((part) => part.mixed));
  const projected = dense(mixed, block.project);
  const middle = zip(x, projected, (a, b) => a + b);
  const normed2 = normalised(middle, block.norm2);
  const up = dense(normed2, block.up);
  const hidden = up.map((row) => row.map(gelu));
  const down = dense(hidden, block.down);
  const out = zip(middle, down, (a, b) => a + b);
  return { x, normed, parts, mixed, projected, middle, normed2, hidden, down, out };
}

function blockBack(
  paper: Paper,
  block: Block,
  f: ReturnType<typeof blockForward>,
  relevance: Matrix,
  heads: number,
): number[][] {
  const plus = (a: Matrix, b: Matrix) => zip(a, b, (x, y) => x + y);
  const ofDown = sumBack(f.down, f.middle, relevance);
  // GELU passes it unchanged.
  const ofUp = denseBack(paper, f.hidden, block.down, ofDown);
  const ofNormed2 = denseBack(paper, f.normed2, block.up, ofUp);
  const ofMiddle = plus(
    sumBack(f.middle, f.down, relevance),
    normBack(f.middle, f.normed2, block.norm2, ofNormed2),
  );
  const ofMixed = denseBack(paper, f.mixed, block.project, sumBack(f.projected, f.x, ofMiddle));
  const width = f.x[0].length / heads;
  const backs = f.parts.map((part, h) => attentionBack(paper, part, headOf(ofMixed, h, width)));
  const ofNormed = [
    denseBack(paper, f.normed, block.query, joined(backs.map(({ ofQueries }) => ofQueries))),
    denseBack(paper, f.normed, block.key, joined(backs.map(({ ofKeys }) => ofKeys))),
    denseBack(paper, f.normed, block.value, joined(backs.map(({ ofValues }) => ofValues))),
  ].reduce(plus);
  return plus(sumBack(f.x, f.projected, ofMiddle), normBack(f.x, f.normed, block.norm1, ofNormed));
}

/** Scores of one image C×H×W, the attention weights of every block and head, and what a paper's rules make of a score. */
export function transformer(image: NdArray, sizes: Sizes, weights: Weights, change?: Change) {
  const { grid, patch, heads, width, reads } = sizes;
  const features = heads * width;
  const x = { shape: [1, ...image.shape], data: image.data };
  const geometry = { strides: [patch, patch], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 };
  const embedded = convolution(x, weights.embed.weight, weights.embed.bias, geometry);
  const patches = make(grid[0] * grid[1], features, (t, c) => embedded.data[c * grid[0] * grid[1] + t]);
  const token = reads === 'token' ? [[...weights.token.data]] : [];
  const tokens = [...token, ...patches];
  const positions = make(tokens.length, features, (t, c) => weights.positions.data[t * features + c]);
  const start = zip(tokens, positions, (a, b) => a + b);
  const blocks: ReturnType<typeof blockForward>[] = [];
  weights.blocks.forEach((block, i) => {
    const changed = change?.block === i ? change : undefined;
    blocks.push(blockForward(blocks.at(-1)?.out ?? start, block, heads, changed));
  });
  const last = blocks.at(-1)?.out ?? start;
  const normed = normalised(last, weights.norm);
  const read =
    reads === 'token'
      ? [normed[0]]
      : [range(features).map((c) => total(normed.map((row) => row[c])) / normed.length)];
  const [scores] = dense(read, weights.head);

  return {
    scores,
    /** By block and head, queries × keys. */
    weights: blocks.map(({ parts }) => parts.map((part) => part.weights)),
    /** Relevance of the image, C×H×W, and Σ|R| of the largest of all layers that were passed. */
    relevance(paper: Paper, target: number): { pixels: NdArray; largest: number } {
      let largest = 0;
      const note = (m: Matrix) => {
        largest = Math.max(largest, ...m.flat().map(Math.abs));
        return m;
      };
      const seed = [scores.map((score, k) => (k === target ? score : 0))];
      const ofRead = note(denseBack(paper, read, weights.head, seed));
      const ofNormed = normed.map((row, t) =>
        row.map((v, c) => {
          if (reads === 'token') return t === 0 ? ofRead[0][c] : 0;
          return ((v / normed.length) * ofRead[0][c]) / stable(read[0][c]);
        }),
      );
      let relevance: Matrix = note(normBack(last, normed, weights.norm, ofNormed));
      for (const [i, forward] of [...blocks.entries()].reverse())
        relevance = note(blockBack(paper, weights.blocks[i], forward, relevance, heads));
      const ofTokens = note(sumBack(tokens, positions, relevance)).slice(token.length);
      const ofEmbedded = build(embedded.shape, ([, c, i, j]) => ofTokens[i * grid[1] + j][c]);
      const layer = convolutionLayer(x, weights.embed.weight, weights.embed.bias, geometry, embedded.shape);
      const { data } = paper.convolution(layer, ofEmbedded);
      return { pixels: { shape: image.shape, data }, largest };
    },
  };
}

/** (W + 1)/2 with W the mean of a block's weights over its heads (Abnar and Zuidema 2020). */
export function rolloutMatrices(image: NdArray, sizes: Sizes, weights: Weights): number[][][] {
  return transformer(image, sizes, weights).weights.map((heads) =>
    make(heads[0].length, heads[0].length, (i, j) => {
      const mean = total(heads.map((weights) => weights[i][j])) / heads.length;
      return (mean + (i === j ? 1 : 0)) / 2;
    }),
  );
}

/** 1 + the mean over the heads of (∇A ⊙ A)⁺ (Chefer et al. 2021, eqs. 5 and 6), with ∇A by central differences. */
export function cheferMatrices(image: NdArray, sizes: Sizes, weights: Weights, target: number): number[][][] {
  const step = 1e-4;
  const score = (change: Change) => transformer(image, sizes, weights, change).scores[target];
  return transformer(image, sizes, weights).weights.map((heads, block) =>
    make(heads[0].length, heads[0].length, (i, j) => {
      const parts = heads.map((weights, head) => {
        const at = { block, head, place: [i, j] } as const;
        const slope = (score({ ...at, by: step }) - score({ ...at, by: -step })) / (2 * step);
        return Math.max(0, slope * weights[i][j]);
      });
      return total(parts) / heads.length + (i === j ? 1 : 0);
    }),
  );
}

/** The rows of M_last·…·M_first that belong to the tokens that are read, their mean, over the pixels of each patch. */
export function drawn(matrices: readonly Matrix[], { channels, grid, patch, reads }: Sizes): NdArray {
  const product = matrices.reduce((below, above) =>
    make(above.length, above.length, (i, j) => total(above[i].map((m, k) => m * below[k][j]))),
  );
  const extra = reads === 'token' ? 1 : 0;
  const part = (token: number) =>
    reads === 'token' ? product[0][token] : total(product.map((row) => row[token])) / product.length;
  return build([channels, grid[0] * patch, grid[1] * patch], ([, y, x]) => {
    const token = extra + Math.floor(y / patch) * grid[1] + Math.floor(x / patch);
    return part(token) / (channels * patch * patch);
  });
}
