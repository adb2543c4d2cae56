import { expect, it } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import { ordered } from '../../src/common/ordered.ts';
import { float32, GraphBuilder, int64 } from '../../src/graph/index.ts';
import type { Session } from '../../src/runtime/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { openPool, pooled } from '../../src/runtime/pool.node.ts';
import { noise, tinyInception } from '../nets.ts';
import { bundled } from './bundle.ts';

const script = bundled('src/runtime/worker.node.ts');
const graph = tinyInception();

/** Picks numbers from a table of three: an index outside is an error at run time. */
function picks() {
  const b = new GraphBuilder('picks');
  const i = b.input({ name: 'i', type: 'int64', shape: ['N'] });
  b.output(b.op('Gather', [b.weight('table', float32([3], [5, 6, 7])), i]), {
    name: 'y',
    type: 'float32',
    shape: ['N'],
  });
  return b.build();
}

it('computes what a session in this thread computes, in order, and leaves inputs as they are', async () => {
  const here = await nodeRuntime.load(graph, { threads: 1 });
  const pool = await openPool(graph, { workers: 2, script });
  const batches = Array.from({ length: 7 }, (_, i) => ({ data: noise([1 + (i % 3), 3, 17, 17], i) }));
  let i = 0;
  for await (const outputs of ordered(batches, (inputs) => pool.run(inputs), 3)) {
    expect(outputs).toEqual(await here.run(batches[i++]));
  }
  expect(i).toBe(7);
  await pool.release();
  await here.release();
});

it('takes views and shared memory, and gives only the outputs asked for', async () => {
  const here = await nodeRuntime.load(graph, { threads: 1 });
  const pool = await openPool(graph, { workers: 1, script });
  const data = noise([2, 3, 17, 17], 5);
  const second = { data: float32([1, 3, 17, 17], data.data.subarray(3 * 17 * 17)) };
  const shared = {
    data: float32([2, 3, 17, 17], new Float32Array(new SharedArrayBuffer(data.data.byteLength))),
  };
  shared.data.data.set(data.data);
  expect(await pool.run(second, ['fc'])).toEqual(await here.run(second, ['fc']));
  expect(await pool.run(shared, ['prob'])).toEqual(await here.run(shared, ['prob']));
  await pool.release();
  await here.release();
});

it('rejects only the run that is wrong', async () => {
  const pool = await openPool(picks(), { workers: 2, script });
  const results = await Promise.allSettled(
    [0, 9, 2, 8, 1].map((index) => pool.run({ i: int64([1], [index]) })),
  );
  expect(results.map((r) => (r.status === 'fulfilled' ? r.value.y.data[0] : 'error'))).toEqual([
    5,
    'error',
    7,
    'error',
    6,
  ]);
  const { reason } = results[1] as PromiseRejectedResult;
  expect(reason).toBeInstanceOf(LimnError);
  expect(reason.message).toMatch(/^picks: ONNX Runtime cannot run it: .*Gather/);
  await expect(pool.run({ i: float32([1], [0]) })).rejects.toThrow(
    "input 'i': expected int64 [N], got float32 [1]",
  );
  expect((await pool.run({ i: int64([1], [1]) })).y.data[0]).toBe(6);
  await pool.release();
});

it('ends waiting runs before it is released, and refuses later ones', async () => {
  const pool = await openPool(picks(), { workers: 2, script });
  const runs = [0, 1, 2, 0, 1].map((index) => pool.run({ i: int64([1], [index]) }));
  await Promise.all([pool.release(), pool.release()]);
  expect((await Promise.all(runs)).map(({ y }) => y.data[0])).toEqual([5, 6, 7, 5, 6]);
  await expect(pool.run({ i: int64([1], [0]) })).rejects.toThrow('picks: the session is released');
});

it('says why it cannot start', async () => {
  const b = new GraphBuilder('odd');
  const x = b.input({ name: 'x', type: 'float32', shape: ['N'] });
  b.output(b.op('NoSuchOperator', [x]), { name: 'y', type: 'float32', shape: ['N'] });
  const odd = b.build();
  await expect(openPool(odd, { workers: 2, script })).rejects.toThrow(/^odd: ONNX Runtime cannot load it/);
  await expect(openPool(odd, { workers: 0, script })).rejects.toThrow('workers: expected 1 or more, got 0');
  const nowhere = new URL('no-such-script.mjs', script);
  await expect(openPool(odd, { workers: 1, script: nowhere })).rejects.toThrow(
    /^odd: a worker thread ended: /,
  );
});

it('has as many runs under way as there are sessions', async () => {
  let running = 0;
  let most = 0;
  const session: Session = {
    async run() {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return {};
    },
    release: async () => undefined,
  };
  const pool = pooled([session, session, session], 'three');
  await Promise.all(Array.from({ length: 10 }, () => pool.run({})));
  expect(most).toBe(3);
  await pool.release();
});
