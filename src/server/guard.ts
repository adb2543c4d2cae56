import type { MiddlewareHandler } from 'hono';

/** Names of this machine that no other one can have. */
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether a host's name, as in a URL, is this machine's own. */
export const isLoopback = (name: string): boolean => loopback.test(name.toLowerCase());

/**
 * Lets requests through that a page of this site, or somebody at an address bar, makes:
 * - by a name of this server. A site whose name was made to lead here (DNS rebinding) calls it by its own name. The port may
 *   be another one, as behind a tunnel.
 * - from no other site: `Origin` and, where browsers say it, `Sec-Fetch-StudioSite`. Links from elsewhere may lead here.
 * - that only read, and send nothing.
 */
export function guardRequests(hosts: readonly string[]): MiddlewareHandler {
  const names = new Set(hosts.map((name) => name.toLowerCase()));
  return async (c, next) => {
    const called = c.req.header('host') ?? new URL(c.req.url).host;
    const name = /^(\[[\da-f:.]+\]|[^:[\]]+)(:\d+)?$/i.exec(called)?.[1].toLowerCase();
    if (name === undefined || !names.has(name)) {
      return c.text(
        `this server is not called ${JSON.stringify(called.slice(0, 100))}; it can be allowed to be\n`,
        403,
      );
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && hostOf(origin) !== called.toLowerCase()) {
      return c.text('pages of other sites may not ask this server\n', 403);
    }
    const site = c.req.header('sec-fetch-site');
    const isLink =
      c.req.header('sec-fetch-mode') === 'navigate' && c.req.header('sec-fetch-dest') === 'document';
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink) {
      return c.text('pages of other sites may not ask this server\n', 403);
    }
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      return c.text('this server only gives: GET or HEAD\n', 405, {
        Allow: 'GET, HEAD',
        Connection: 'close',
      });
    }
    if (Number(c.req.header('content-length') ?? 0) > 0 || c.req.header('transfer-encoding') !== undefined) {
      return c.text('this server takes no content\n', 413, { Connection: 'close' });
    }
    return next();
  };
}

/** `127.0.0.1:5466` of an origin. */
const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host.toLowerCase() : undefined;
