import { fail } from '../common/error.ts';
import { awaitedLater } from '../common/later.ts';
import type { Graph } from '../graph/index.ts';
import type { Runtime, Session, SessionOptions } from './session.ts';

/** How many sessions are kept, and by what they are known again. */
export interface CacheOptions {
  /** How many sessions to keep; 4 unless given. */
  readonly capacity?: number;
  /** What makes two graphs the same one: a hash, a file's name; the object itself unless given. */
  readonly key?: (graph: Graph) => unknown;
}

interface Entry {
  readonly key: unknown;
  readonly options: string;
  readonly session: Promise<Session>;
  users: number;
}

/**
 * A runtime that loads each graph once per options and shares the session. Releasing a session gives it back to the
 * cache. Sessions that nobody uses are let go when there are more than `capacity`, the least recently loaded first.
 *
 * @example
 * ```ts
 * import { loadModel, nodeRuntime } from 'limn/node';
 * import { cached } from 'limn/runtime';
 *
 * const { model } = await loadModel('models/face-api-age-gender.onnx');
 * const runtime = cached(nodeRuntime, { capacity: 2 });
 * // The second is the first one.
 * for (const time of ['first', 'second']) {
 *   const session = await runtime.load(model.graph);
 *   console.log(time, typeof session.run);
 *   await session.release();
 * }
 * await runtime.clear();
 * ```
 */
export function cached(
  runtime: Runtime,
  { capacity = 4, key = (graph) => graph }: CacheOptions = {},
): Runtime & {
  /** Lets go of every session that nobody uses. */
  clear(): Promise<void>;
} {
  /** The most recently loaded last. */
  let entries: Entry[] = [];

  async function shrink(most: number): Promise<void> {
    const idle = entries.filter((entry) => entry.users === 0);
    const gone = new Set(idle.slice(0, Math.max(0, entries.length - most)));
    entries = entries.filter((entry) => !gone.has(entry));
    await Promise.all([...gone].map(async (entry) => (await entry.session).release()));
  }

  return {
    async load(graph, options = {}) {
      const wanted = { key: key(graph), options: textOf(options) };
      const known = entries.find((entry) => entry.key === wanted.key && entry.options === wanted.options);
      const entry = known ?? { ...wanted, session: awaitedLater(runtime.load(graph, options)), users: 0 };
      entries = [...entries.filter((other) => other !== entry), entry];
      entry.users++;
      try {
        const session = await entry.session;
        await shrink(capacity);
        return lease(session, async () => {
          entry.users--;
          await shrink(capacity);
        });
      } catch (error) {
        entries = entries.filter((other) => other !== entry);
        throw error;
      }
    },
    clear: () => shrink(0),
  };
}

/** The session, with a release that only says that this user is done. */
function lease(session: Session, giveBack: () => Promise<void>): Session {
  let released: Promise<void> | undefined;
  return {
    async run(inputs, outputs) {
      if (released) fail('session', 'is released');
      return session.run(inputs, outputs);
    },
    release() {
      released ??= giveBack();
      return released;
    },
  };
}

const textOf = ({ provider, threads, arena, optimise }: SessionOptions): string =>
  `${provider} ${threads} ${arena} ${optimise}`;
