import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Changed, SharedFolder } from './files.ts';

/** More paths than this in one event are counted only. */
const MOST = 1000;

/** Routers and proxies end connections on which nothing comes. */
const BEAT_MS = 25_000;

/**
 * Tells a client of changes in the folder by server-sent events, as long as it listens. Whoever listens slowly hears of several
 * at once: nothing piles up but their paths.
 */
export function tellChanges(c: Context, folder: SharedFolder): Response {
  if (c.req.method === 'HEAD') {
    return c.body(null, 200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  }
  return streamSSE(c, async (stream) => {
    const changed = new Set<string>();
    let wake = () => {};
    let ended = false;
    const end = folder.watch((paths) => {
      for (const path of paths) changed.add(path);
      wake();
    });
    stream.onAbort(() => {
      ended = true;
      wake();
    });
    try {
      // The client learns at once that it is heard.
      await stream.write(': here\n\n');
      while (!ended) {
        if (changed.size === 0) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, BEAT_MS);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
        if (ended) break;
        if (changed.size === 0) await stream.write(': here\n\n');
        else {
          const paths = [...changed].sort();
          changed.clear();
          await stream.writeSSE({ data: JSON.stringify(eventOf(paths)) });
        }
      }
    } finally {
      end();
    }
  });
}

const eventOf = (paths: readonly string[]): Changed => ({
  type: 'changed',
  paths: paths.slice(0, MOST),
  ...(paths.length > MOST && { more: paths.length - MOST }),
});
