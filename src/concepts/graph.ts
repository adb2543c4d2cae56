import type { LrpMethod } from '../attribution/index.ts';
import { compositeOf } from '../attribution/methods/graph.ts';
import { behind, layerValue } from '../attribution/outputs.ts';
import { GraphBuilder, type Model, type Shape } from '../graph/index.ts';
import { infer } from '../operators/index.ts';
import {
  axisOfChannels,
  type RelevanceGraph,
  relevance,
  type TargetInput,
  withFreeNames,
} from '../relevance/index.ts';

/** How relevance is propagated, and from where. */
export interface ConceptOptions {
  readonly method: LrpMethod;
  readonly head?: string | undefined;
  /** How the graph input `target` says what is explained; by index unless given. */
  readonly target?: TargetInput | undefined;
}

/** A layer whose channels are analysed. */
export interface ChannelLayer {
  readonly name: string;
  /** Of its output. */
  readonly shape: Shape;
  readonly channels: number;
  /** Rows and columns of its feature maps; 1×positions of tokens, 1×1 of vectors. */
  readonly grid: readonly [rows: number, columns: number];
}

/** A graph, and what is known of the layers in it. */
export interface ChannelGraph extends RelevanceGraph {
  readonly layers: readonly ChannelLayer[];
}

/** What a channel graph says of a layer's channels, N×C each: names of its outputs. */
export const channelOutputs = (layer: string) => ({
  /** The sum of a channel's relevance over positions. */
  relevance: `channel relevance:${layer}`,
  /** The position where it is largest, counted through in row-major order; int64. */
  relevancePeak: `channel relevance peak:${layer}`,
  /** The largest activation of a channel. */
  activation: `channel activation:${layer}`,
  /** Where that is. */
  activationPeak: `channel activation peak:${layer}`,
});

/**
 * Forward and relevance down to some layers, and there what became of each channel ({@link channelOutputs}), in place of
 * the maps themselves; `scores` besides. Errors: those of `relevance`; a layer without channels.
 */
export function channelGraph(
  given: Model,
  layers: readonly string[],
  { method, head, target }: ConceptOptions,
): ChannelGraph {
  const { model } = withFreeNames(given, head);
  const made = relevance(model, { composite: compositeOf(method, model), head, target, at: layers });
  const { graph } = made;
  const known = infer(graph);
  const [batch] = graph.inputs[0].shape;
  const b = new GraphBuilder(graph).scope('channels');
  const found = layers.map((name): ChannelLayer => {
    const value = layerValue(name, graph, model.graph);
    const { shape } = graph.outputs.find((output) => output.name === `relevance:${name}`)!;
    const axis = axisOfChannels(name, shape, batch);
    const channels = Number(shape[axis]);
    const rows = { relevance: behind(b, `relevance:${name}`), activation: value };
    const names = channelOutputs(name);
    const flat = (each: string) => {
      if (shape.length === 2) return b.op('Unsqueeze', [each, b.ints(2)]);
      return shape.length === 3
        ? b.op('Transpose', [each], { perm: [0, 2, 1] })
        : b.op('Reshape', [each, b.ints(0, channels, -1)]);
    };
    const [r, a] = [flat(rows.relevance), flat(rows.activation)];
    const put = (each: string, output: string, type: 'float32' | 'int64' = 'float32') =>
      b.output(each, { name: output, type, shape: [batch, channels] });
    const peak = (each: string) => b.op('ArgMax', [each], { axis: 2, keepdims: 0 });
    put(b.op('ReduceSum', [r, b.ints(2)], { keepdims: 0 }), names.relevance);
    put(peak(r), names.relevancePeak, 'int64');
    put(b.op('ReduceMax', [a, b.ints(2)], { keepdims: 0 }), names.activation);
    put(peak(a), names.activationPeak, 'int64');
    return { name, shape, channels, grid: gridOf(known.shapes.get(value) ?? shape) };
  });
  const scores = graph.outputs.find(({ name }) => name === 'scores')!;
  b.output('scores', scores);
  return { ...made, graph: b.build(), layers: found };
}

function gridOf(shape: Shape): [rows: number, columns: number] {
  const [, , rows, columns] = shape.map(Number);
  if (shape.length === 4) return [rows, columns];
  return [1, shape.length === 3 ? Number(shape[1]) : 1];
}

/**
 * Forward and relevance at the input under a condition: only through channels of a layer, which the graph input `mask:LAYER`
 * (N×C) weighs image by image. Of layers below it there is what each channel passed on, as in a {@link channelGraph}.
 * Errors: those of `relevance`; a layer below that no relevance reaches through the upper one.
 */
export function conditionalGraph(
  given: Model,
  layer: string,
  below: readonly string[],
  { method, head, target }: ConceptOptions,
): RelevanceGraph {
  const { model } = withFreeNames(given, head);
  const composite = compositeOf(method, model);
  const made = relevance(model, { composite, head, target, conditions: [layer], at: below });
  const { graph } = made;
  const [batch] = graph.inputs[0].shape;
  const b = new GraphBuilder(graph).scope('channels');
  for (const name of below) {
    const { shape } = graph.outputs.find((output) => output.name === `relevance:${name}`)!;
    const axis = axisOfChannels(name, shape, batch);
    const others = shape.map((_, i) => i).filter((i) => i !== 0 && i !== axis);
    const value = behind(b, `relevance:${name}`);
    const sum = others.length > 0 ? b.op('ReduceSum', [value, b.ints(...others)], { keepdims: 0 }) : value;
    b.output(sum, {
      name: channelOutputs(name).relevance,
      type: 'float32',
      shape: [batch, shape[axis]],
    });
  }
  for (const output of graph.outputs)
    if (output.name === 'scores' || output.name === 'relevance') b.output(output.name, output);
  return { ...made, graph: b.build() };
}
