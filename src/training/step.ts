import type { TrainingNet } from '../caffe/training/net.ts';
import { cotangents } from '../gradient/index.ts';
import { fixBatch, type Graph, GraphBuilder, type ValueInfo } from '../graph/index.ts';
import { foldConstants, infer, lower, lowerInto } from '../operators/index.ts';
import { maximaFirst } from './maxima.ts';

/** How a training step is made. */
export interface StepOptions {
  /** Images per run; free unless given. Known sizes run faster. */
  readonly batch?: number;
}

/**
 * One pass of training as a graph for ONNX Runtime: forward, and the gradients of what is minimised, Σ weight · sum of
 * elements over the losses. Inputs: the network's, and every parameter, since weights change with every step. Outputs:
 * the graph's own (losses, measures, moving statistics), and `gradient:PARAMETER` in its shape for every parameter that
 * is trained; zeros where no loss depends on it. All outputs are sums over the images, so that those of parts of a
 * batch can be added.
 */
export function trainStep(net: TrainingNet, options: StepOptions = {}): Graph {
  const opened = open(net, options);
  const kept = new Set([...opened.outputs.map(({ name }) => name), ...net.losses.map(({ value }) => value)]);
  const graph = maximaFirst(opened, infer(opened), kept);
  const known = { ...infer(graph), onProcessor: true };
  const b = new GraphBuilder(graph);
  lowerInto(b, graph, known);
  const seeds = new Map<string, string>();
  for (const { value, weight } of net.losses) {
    const shape = known.shapes.get(value)!;
    const seed = b.scalar(weight);
    const like = () =>
      shape.every((dim) => typeof dim === 'number') ? b.ints(...shape.map(Number)) : b.op('Shape', [value]);
    seeds.set(value, shape.length === 0 ? seed : b.op('Expand', [seed, like()]));
  }
  const trained = net.parameters.filter(({ rateFactor }) => rateFactor !== 0);
  const { values } = cotangents(b, { graph, known, seeds, wanted: trained.map(({ name }) => name) });
  b.scope('');
  for (const output of graph.outputs) b.output(output.name, output);
  for (const { name, shape } of trained) {
    const gradient = values.get(name) ?? b.op('Expand', [b.scalar(0), b.ints(...shape)]);
    b.output(gradient, { name: `gradient:${name}`, type: 'float32', shape });
  }
  return foldConstants(b.build());
}

/** A pass without gradients, for the same inputs and outputs. */
export const testStep = (net: TrainingNet, options: StepOptions = {}): Graph => lower(open(net, options));

/** The graph with its parameters as inputs. */
function open(net: TrainingNet, { batch }: StepOptions): Graph {
  const parameters = new Map(net.parameters.map(({ name, shape }) => [name, shape]));
  const inputs = [...parameters].map(([name, shape]): ValueInfo => ({ name, type: 'float32', shape }));
  const graph = {
    ...net.graph,
    inputs: [...net.graph.inputs, ...inputs],
    constants: new Map([...net.graph.constants].filter(([name]) => !parameters.has(name))),
  };
  return batch === undefined ? graph : fixBatch(graph, batch);
}
