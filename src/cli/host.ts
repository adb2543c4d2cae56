import { availableParallelism, freemem } from 'node:os';
import { type Graph, size } from '../graph/index.ts';
import type { Runtime, SessionOptions } from '../runtime/index.ts';
import type { RunOptions } from './command.ts';

/** How many images are computed at once, and on what. */
export interface Host {
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  /** Runs that go on at the same time. */
  readonly workers: number;
}

/** Fewer images are done before several workers have loaded the model. */
const worthWorkers = 6;

/**
 * Where to compute `images` images: one session with all threads for a few; for many on the CPU a worker thread per
 * core with a single-threaded session each, which is faster, as far as memory goes.
 */
export async function hostFor(graph: Graph, images: number, options: RunOptions): Promise<Host> {
  const threads = options.threads ?? availableParallelism();
  const workers =
    options.provider === 'cpu' && images >= worthWorkers ? Math.min(threads, images, affordable(graph)) : 1;
  if (workers === 1) {
    const { nodeRuntime } = await import('../runtime/onnxruntime.node.ts');
    // A single run is over before rearranging and keeping memory would pay.
    const once = images === 1 ? ({ arena: false, optimise: 'quick' } as const) : {};
    return { runtime: nodeRuntime, session: { provider: options.provider, threads, ...once }, workers };
  }
  const { openPool } = await import('../runtime/pool.node.ts');
  const each = Math.floor(threads / workers);
  return {
    runtime: { load: (loaded) => openPool(loaded, { provider: options.provider, workers, threads: each }) },
    session: { provider: options.provider, threads: each },
    workers,
  };
}

/** How many sessions of a network fit into half of the free memory: each holds its weights and values. */
function affordable(graph: Graph): number {
  const weights = [...graph.constants.values()].reduce((sum, { shape }) => sum + 4 * size(shape), 0);
  return Math.max(1, Math.floor(freemem() / 2 / (2 * weights + 200e6)));
}
