import { fail } from '../../common/error.ts';
import { float32, type Graph, GraphBuilder, type Model, type Node } from '../../graph/index.ts';
import { infer, operatorOf, Site } from '../../operators/index.ts';
import {
  headOf,
  type RelevanceGraph,
  type RelevanceOptions,
  relevance,
  scoresBelow,
} from '../../relevance/index.ts';
import { behind, layerValue } from '../outputs.ts';

/**
 * Grad-CAM (Selvaraju et al. 2017, eqs. 1 and 2) from a layer's feature maps A, N×K×h×w: max(0, Σ_k a_k A_k) with
 * a_k = the mean of ∂score/∂A_k over positions, enlarged bilinearly (half-pixel centres) to the input's N×C×H×W,
 * where every channel gets an equal part. `options.composite` must be the gradient.
 * Errors: the layer has no feature maps, or there is none at all.
 */
export function gradCam(model: Model, options: RelevanceOptions, layer?: string): RelevanceGraph {
  const name = layer ?? lastFeatureMaps(model, headOf(model, options.head).output);
  const made = relevance(model, { ...options, at: [name] });
  const { graph } = made;
  const b = new GraphBuilder(graph).scope('grad-cam');
  const maps = layerValue(name, graph, model.graph);
  const { shape } = graph.outputs.find((output) => output.name === `relevance:${name}`)!;
  const [, , height, width] = shape;
  if (shape.length !== 4 || typeof height !== 'number' || typeof width !== 'number')
    fail(
      `layer '${name}'`,
      `it has no feature maps of fixed size: its shape is [${shape}]`,
      'name a convolution',
    );
  const [, channels, ...size] = graph.inputs[0].shape.map(Number);

  const weights = b.op('ReduceMean', [behind(b, `relevance:${name}`), b.ints(2, 3)], { keepdims: 1 });
  const weighted = b.op('ReduceSum', [b.op('Mul', [weights, maps]), b.ints(1)], { keepdims: 1 });
  const cam = b.op('Relu', [weighted]);
  const rows = b.table(`bilinear ${height} ${size[0]}`, () => interpolation(height, size[0]));
  const columns = b.table(`bilinear ${width} ${size[1]}`, () => interpolation(width, size[1]));
  const across = b.op('Transpose', [columns], { perm: [1, 0] });
  const enlarged = b.op('MatMul', [b.op('MatMul', [rows, cam]), across]);
  const share = b.table(`share ${channels}`, () =>
    float32([1, channels, 1, 1], new Float32Array(channels).fill(1 / channels)),
  );
  b.replace('relevance', () => b.op('Mul', [enlarged, share]));
  for (const output of graph.outputs) {
    if (output.name !== `relevance:${name}`) b.output(output.name, output);
  }
  return { ...made, graph: b.build() };
}

/** The matrix to×from that interpolates linearly between samples at half-pixel centres and repeats the borders. */
function interpolation(from: number, to: number) {
  const matrix = float32([to, from], new Float32Array(to * from));
  for (let i = 0; i < to; i++) {
    const position = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(position);
    const high = Math.min(low + 1, from - 1);
    matrix.data[i * from + low] += 1 - (position - low);
    matrix.data[i * from + high] += position - low;
  }
  return matrix;
}

/**
 * The layer whose output is the last to be spread over positions on the way to the scores, before pooling,
 * normalisation and rearrangement: `relu5_3` of VGG16, `inception_5b/output` of GoogLeNet.
 */
export function lastFeatureMaps(model: Model, output: string): string {
  const { graph } = model;
  const known = infer(graph);
  const scores = scoresBelow(graph, output);
  const needed = new Set([scores]);
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    const site = new Site(node, known);
    const shape = site.output();
    const spread = shape.length === 4 && shape.slice(2).some((n) => typeof n === 'number' && n > 1);
    if (spread && !isPassing(node, graph, site)) return node.name;
    for (const input of node.inputs) needed.add(input);
  }
  return fail(graph.name, 'no layer has feature maps', 'Grad-CAM needs a convolutional network');
}

/** Whether a node only pools, normalises or rearranges one value. */
function isPassing(node: Node, graph: Graph, site: Site): boolean {
  if (node.inputs.filter((input) => input !== '' && !graph.constants.has(input)).length !== 1) return false;
  const role = operatorOf(node).role(site);
  if (role.kind === 'linear') return role.map.kind === 'average';
  return role.kind === 'movement' || role.kind === 'max' || role.kind === 'normalisation';
}
