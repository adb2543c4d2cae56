import { expect, it } from 'vitest';
import { type Graph, GraphBuilder } from '../../src/graph/index.ts';
import { cached, type Runtime } from '../../src/runtime/index.ts';

const graphs = ['a', 'b', 'c'].map((name) => new GraphBuilder(name).build());
const [a, b, c] = graphs as [Graph, Graph, Graph];

/** A runtime that only keeps a record. */
function recorder(): { runtime: Runtime; log: string[] } {
  const log: string[] = [];
  const runtime: Runtime = {
    async load(graph, options) {
      const name = `${graph.name}${options?.threads ?? ''}`;
      log.push(`load ${name}`);
      if (name === 'c9') throw new Error('no');
      return {
        async run() {
          log.push(`run ${name}`);
          return {};
        },
        async release() {
          log.push(`release ${name}`);
        },
      };
    },
  };
  return { runtime, log };
}

it('loads a graph once per options, and again only after it was let go', async () => {
  const { runtime, log } = recorder();
  const cache = cached(runtime, { capacity: 2 });
  const [first, second] = await Promise.all([cache.load(a), cache.load(a)]);
  await cache.load(a, { threads: 1 });
  expect(log).toEqual(['load a', 'load a1']);
  await first.release();
  await first.release();
  await expect(first.run({})).rejects.toThrow('is released');
  await second.run({});
  await second.release();
  expect(log).toEqual(['load a', 'load a1', 'run a']);
  await (await cache.load(b)).release();
  expect(log.slice(3)).toEqual(['load b', 'release a']);
  await (await cache.load(a)).release();
  expect(log.slice(5)).toEqual(['load a', 'release b']);
});

it('keeps what is optimised to the end apart from what is not', async () => {
  const { runtime, log } = recorder();
  const cache = cached(runtime);
  await cache.load(a, { optimise: 'quick' });
  await cache.load(a);
  await cache.load(a, { optimise: 'quick' });
  expect(log).toEqual(['load a', 'load a']);
});

it('never lets go of a session in use, and lets go of the least recently loaded first', async () => {
  const { runtime, log } = recorder();
  const cache = cached(runtime, { capacity: 1 });
  const used = await cache.load(a);
  await (await cache.load(b)).release();
  await (await cache.load(c)).release();
  expect(log).toEqual(['load a', 'load b', 'release b', 'load c', 'release c']);
  await used.run({});
  await used.release();
  expect(log.slice(5)).toEqual(['run a']);
  await cache.clear();
  expect(log.slice(6)).toEqual(['release a']);
});

it('takes another key than the graph itself, and forgets what failed', async () => {
  const { runtime, log } = recorder();
  const cache = cached(runtime, { key: (graph) => graph.name });
  await cache.load({ ...a });
  await cache.load({ ...a });
  expect(log).toEqual(['load a']);
  await expect(cache.load(c, { threads: 9 })).rejects.toThrow('no');
  await expect(cache.load(c, { threads: 9 })).rejects.toThrow('no');
  expect(log).toEqual(['load a', 'load c9', 'load c9']);
});
