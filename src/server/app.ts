import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { LimnError } from '../common/error.ts';
import { answerWith } from './answer.ts';
import { tellChanges } from './events.ts';
import type { ServedFiles, SharedFolder } from './files.ts';
import { guardRequests } from './guard.ts';
import { commonHeaders, folderHeaders, folderType, pageHeaders, pageType } from './headers.ts';
import { pathParts } from './paths.ts';

export interface StudioSite {
  /** The page's own files: `index.html`, `assets/…`. */
  readonly page: ServedFiles;
  /** What the page shows, if anything. */
  readonly folder?: SharedFolder;
  /** The names that this server may be called by, without ports. */
  readonly hosts: readonly string[];
  /** Whether a request's `token` is the one that opens the folder. */
  knows(token: string | undefined): boolean;
  /** Whether the client is on this machine, where compressing takes longer than sending. */
  isNear(c: Context): boolean;
}

/**
 * The site of `limn studio`, as a function from request to response. `/` and what belongs to the page are for everybody who
 * may call it; `files.json`, `files/PATH` and `events` are what the folder holds, and need the token.
 */
export function studioApp(site: StudioSite): Hono {
  const { page, folder, hosts } = site;
  const app = new Hono();
  const squeeze = compress({ encoding: 'gzip' });
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(commonHeaders)) c.header(name, value);
    if (!c.res.headers.has('Content-Security-Policy')) {
      for (const [name, value] of Object.entries(folderHeaders)) c.header(name, value);
    }
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  });
  app.use(guardRequests(hosts));
  app.use((c, next) => (site.isNear(c) ? next() : squeeze(c, next)));
  // `serveFolder` of a request with the token.
  const ofFolder = (serveFolder: (c: Context, folder: SharedFolder) => Response | Promise<Response>) => {
    return (c: Context): Response | Promise<Response> => {
      if (!site.knows(c.req.query('token'))) {
        return c.text(
          'the token is missing or another one: open the address that limn studio printed\n',
          403,
        );
      }
      return folder ? serveFolder(c, folder) : c.text('no folder is open: limn studio FOLDER\n', 404);
    };
  };
  app.get(
    '/files.json',
    ofFolder(async (c, { list }) => c.json(await list(), 200, { 'Cache-Control': 'no-cache' })),
  );
  app.get('/events', ofFolder(tellChanges));
  app.get(
    '/files/*',
    ofFolder(async (c, { open }) => {
      const path = pathOf(c).slice('/files/'.length);
      const parts = pathParts(path);
      if (!parts) return c.text('no path of a file in the folder\n', 400);
      const file = await open(parts);
      if (!file) return c.text('no such file in the folder\n', 404);
      const type = folderType(parts.at(-1)!);
      return answerWith(c, file, { type, cache: 'private, no-cache', headers: folderHeaders });
    }),
  );
  app.get('*', async (c) => {
    const path = pathOf(c).slice(1) || 'index.html';
    const parts = pathParts(path);
    const file = parts && (await page.open(parts));
    if (!file) return c.text('there is nothing here\n', 404);
    const cache = isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
    return answerWith(c, file, { type: pageType(path), cache, headers: pageHeaders });
  });
  app.onError((error, c) => {
    if (error instanceof LimnError) return c.text(`${error.message}\n`, 500);
    return c.text('this server failed\n', 500);
  });
  return app;
}

/** The path as the client wrote it, but for `.` and `..`, which URLs resolve: what stands for a slash is none yet. */
const pathOf = (c: Context): string => new URL(c.req.url).pathname;

/** Whether a file's name says its content, as the bundler's do: `assets/index-DiwrgTda.js`. */
const isHashed = (path: string): boolean => /^assets\/[^/]+-[\w-]{8}\.\w+$/.test(path);
