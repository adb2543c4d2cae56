import { describe, expect, it } from 'vitest';
import { type Graph, GraphBuilder, type Tensor } from '../../src/graph/index.ts';
import { infer, lower } from '../../src/operators/index.ts';
import { activations, readArray, referenceModel, referenceNets, relativeError } from '../reference-data.ts';
import { runGraph } from '../run.ts';

/** The graph with the given values as outputs. */
function exposing(graph: Graph, values: ReadonlySet<string>): Graph {
  const { shapes } = infer(graph);
  const b = new GraphBuilder(graph);
  for (const name of values) b.output(name, { name, type: 'float32', shape: shapes.get(name)! });
  return b.build();
}

/**
 * Shares of the largest value. On real photos the original's own normalisation layers lie 1.03e-5 from an exact
 * computation on its own conv1; sums of opposite signs cost a little more than 2e-6 in tiny_googlenet's branches.
 */
const bound = (net: string): number => (net === 'googlenet_cat' ? 1.2e-5 : 3e-6);

const largest = ({ data }: Tensor): number =>
  (data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe('the forward pass agrees with the original Caffe', () => {
  it.each(referenceNets())('$name', async (net) => {
    const { graph } = referenceModel(net);
    const stored = activations(net);
    const blobs = [...stored.keys()].filter((name) => name !== 'data');
    expect(blobs.length).toBeGreaterThan(5);
    // Files have the blobs' names with / written as _.
    const nodes = new Map(graph.nodes.map((node) => [node.outputs[0].replaceAll('/', '_'), node]));
    expect(blobs.filter((name) => !nodes.has(name))).toEqual([]);
    const wanted = blobs.map((name) => nodes.get(name)!);
    const values = wanted.flatMap(({ op, inputs, outputs }) =>
      op === 'Softmax' ? [inputs[0], outputs[0]] : [outputs[0]],
    );
    const results = await runGraph(exposing(lower(graph), new Set(values)), {
      data: readArray(`${net.dir}input.npy`),
    });
    wanted.forEach(({ op, inputs, outputs }, i) => {
      const [result, reference] = [results[outputs[0]], stored.get(blobs[i])!];
      expect(result.shape, blobs[i]).toEqual(reference.shape);
      // A relative error of a score is an absolute one in the exponent.
      const amplified = op === 'Softmax' ? Math.max(1, largest(results[inputs[0]])) : 1;
      expect(relativeError(result, reference) / amplified, blobs[i]).toBeLessThan(bound(net.name));
    });
  });
});
