import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gradient } from '../../src/gradient/index.ts';
import { float32, type Graph, GraphBuilder, size } from '../../src/graph/index.ts';
import { infer } from '../../src/operators/index.ts';
import { maximaFirst } from '../../src/training/maxima.ts';
import { random } from '../operators/random.ts';
import { runGraph } from '../run.ts';

const shape = [2, 3, 7, 6];
const pool = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 1] };

/** x, rectified, and the largest over windows of that; `extra` may add more. */
function net(extra: (b: GraphBuilder, rectified: string) => void = () => undefined): Graph {
  const b = new GraphBuilder('net');
  const x = b.input({ name: 'x', type: 'float32', shape });
  const rectified = b.op('Relu', [x]);
  b.output(b.op('MaxPool', [rectified], pool), { name: 'y', type: 'float32', shape: [2, 3, 4, 3] });
  extra(b, rectified);
  return b.build();
}

const moved = (graph: Graph, kept: readonly string[] = []): string[] =>
  maximaFirst(graph, infer(graph), new Set([...graph.outputs.map(({ name }) => name), ...kept])).nodes.map(
    ({ op }) => op,
  );

it('rectifies after the maximum over windows, to the same values and gradients, whatever is tied', () =>
  fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const next = random(seed);
      // Few different values: many windows are tied, and many hold nothing above 0.
      const some = (dims: readonly number[]) =>
        float32(
          dims,
          Float32Array.from({ length: size(dims) }, () => Math.floor(next() * 6) - 4),
        );
      const feeds = { x: some(shape), 'cotangent:y': some([2, 3, 4, 3]) };
      const graph = net();
      const late = maximaFirst(graph, infer(graph), new Set(['y']));
      const [one, other] = await Promise.all(
        [graph, late].map((each) => runGraph(gradient(each, { outputs: ['y'], wrt: ['x'] }), feeds)),
      );
      for (const name of ['y', 'gradient:x'])
        expect(Array.from(other[name].data, Number).map((v) => v + 0)).toEqual(
          Array.from(one[name].data, Number).map((v) => v + 0),
        );
    }),
    { numRuns: 20 },
  ));

it('leaves rectified values that something else needs', () => {
  expect(moved(net())).toEqual(['MaxPool', 'Relu', 'Identity']);
  const plain = ['Relu', 'MaxPool', 'Identity'];
  const rectified = net().nodes.find(({ op }) => op === 'Relu')!.outputs[0];
  expect(moved(net(), [rectified])).toEqual(plain);
  const both = net((b, value) => b.output(b.op('Neg', [value]), { name: 'z', type: 'float32', shape }));
  expect(moved(both).indexOf('Relu')).toBeLessThan(moved(both).indexOf('MaxPool'));
  const other = new GraphBuilder('other');
  const x = other.input({ name: 'x', type: 'float32', shape });
  const mean = other.op('AveragePool', [other.op('Relu', [x])], pool);
  other.output(mean, { name: 'y', type: 'float32', shape: [2, 3, 4, 3] });
  expect(moved(other.build())).toEqual(['Relu', 'AveragePool', 'Identity']);
});
