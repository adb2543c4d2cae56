import { GraphBuilder, int64 } from '../../src/graph/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';

/* A process in which ONNX Runtime has much to complain about. Prints how many errors were caught. */

let caught = 0;
const count = () => {
  caught++;
};

for (const op of ['NoSuchOperator', 'Gather']) {
  const b = new GraphBuilder(op);
  const i = b.input({ name: 'i', type: 'int64', shape: ['N'] });
  const table = b.weight('table', int64([3], [5, 6, 7]));
  b.output(b.op(op, [table, i]), { name: 'y', type: 'int64', shape: ['N', 'M', 'wrong'] });
  const session = await nodeRuntime.load(b.build()).catch(count);
  await session?.run({ i: int64([1], [9]) }).catch(count);
  await session?.run({ i: int64([1], [1]) }).catch(count);
}
for (const provider of ['cuda', 'wasm'] as const) {
  await nodeRuntime.load(new GraphBuilder('empty').build(), { provider }).catch(count);
}
console.log(caught);
