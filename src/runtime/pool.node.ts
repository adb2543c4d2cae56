import { fail } from '../common/error.ts';
import type { Graph } from '../graph/index.ts';
import { loadableHere, startRuntime } from './onnxruntime.node.ts';
import type { Loadable } from './open.ts';
import type { Session, SessionOptions } from './session.ts';
import { loadInThread } from './thread.node.ts';

/** How many sessions work side by side, and how. */
export interface PoolOptions extends SessionOptions {
  /** How many worker threads. */
  readonly workers: number;
  /** Threads of each worker's session; 1 unless given. */
  readonly threads?: number;
  /** The workers' script; the compiled one beside this file unless given. */
  readonly script?: URL;
}

/**
 * A session that runs in worker threads, each with a session of its own: as many runs at once as there are workers,
 * the others wait their turn; this thread stays free. An error rejects its own run only. Many runs in order, with a
 * bound on how many are under way: {@link ordered}.
 *
 * Memory: weights that stand in a file are mapped from there by all workers, which share them. Others are copied once to
 * memory that all workers share, which is let go when all have loaded; each worker's session then holds its own copy, as
 * any session does.
 *
 * Errors: as a runtime's `load`; no worker is left behind then.
 */
export async function openPool(graph: Graph, options: PoolOptions): Promise<Session> {
  const { workers, script = new URL('./worker.node.js', import.meta.url), ...session } = options;
  if (!(Number.isInteger(workers) && workers >= 1)) fail('workers', `expected 1 or more, got ${workers}`);
  startRuntime();
  const model = inSharedMemory(loadableHere(graph, session.provider));
  const loads = Array.from({ length: workers }, () =>
    loadInThread(model, { threads: 1, ...session }, script),
  );
  const loaded = await Promise.allSettled(loads);
  const sessions = loaded.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = loaded.find((result) => result.status === 'rejected');
  if (failed) {
    await Promise.all(sessions.map((session) => session.release()));
    throw failed.reason;
  }
  return pooled(sessions, graph.name);
}

/** One session over several of the same graph: each run goes to the first that is free. */
export function pooled(sessions: readonly Session[], name: string): Session {
  const free = [...sessions];
  const waiting: ((session: Session) => void)[] = [];
  let released: Promise<void> | undefined;

  const take = async () => free.pop() ?? new Promise<Session>((resolve) => waiting.push(resolve));
  const giveBack = (session: Session) => {
    const next = waiting.shift();
    if (next) next(session);
    else free.push(session);
  };
  return {
    async run(inputs, outputs) {
      if (released) fail(name, 'the session is released');
      const session = await take();
      try {
        return await session.run(inputs, outputs);
      } finally {
        giveBack(session);
      }
    },
    release() {
      // Taking every session in turn lets the runs that wait go first.
      released ??= Promise.all(sessions.map(take)).then(async (all) => {
        await Promise.all(all.map((session) => session.release()));
      });
      return released;
    },
  };
}

function inSharedMemory(model: Loadable): Loadable {
  const total = model.externalData.reduce((sum, { data }) => sum + data.length, 0);
  const memory = new SharedArrayBuffer(total);
  let at = 0;
  const externalData = model.externalData.map(({ path, data }) => {
    const view = new Uint8Array(memory, at, data.length);
    view.set(data);
    at += data.length;
    return { path, data: view };
  });
  return { ...model, externalData };
}
