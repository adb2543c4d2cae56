import { type Attributes, float32, GraphBuilder } from '../../src/graph/index.ts';
import { infer, operatorOf, Site } from '../../src/operators/index.ts';
import { runGraph } from '../run.ts';

/** The gradients of the sum of an operator's output, for exact inputs at which ties are decided. */
export async function gradientsOf(
  op: string,
  inputs: readonly { shape: readonly number[]; data: readonly number[] }[],
  attributes: Attributes = {},
  onProcessor = false,
): Promise<number[][]> {
  const base = new GraphBuilder('ties');
  const names = inputs.map(({ shape }, i) => base.input({ name: `x${i}`, type: 'float32', shape }));
  base.node({ op, name: 'node', inputs: names, outputs: ['y'], attributes });
  base.output('y', { name: 'y', type: 'float32', shape: [] });
  const graph = base.build();
  const site = new Site(graph.nodes[0], { ...infer(graph), onProcessor });
  const b = new GraphBuilder(graph);
  const ones = b.op('Expand', [b.scalar(1), b.op('Shape', ['y'])]);
  names.forEach((name, i) => {
    const dx = operatorOf(graph.nodes[0]).vjp(b, site, [ones], i)!;
    b.output(dx, { name: `d${name}`, type: 'float32', shape: inputs[i].shape });
  });
  const results = await runGraph(
    b.build(),
    Object.fromEntries(inputs.map(({ shape, data }, i) => [`x${i}`, float32(shape, data)])),
  );
  return names.map((name) => Array.from(results[`d${name}`].data as Float32Array));
}
