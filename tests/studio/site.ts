import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';

/** The page as `npm run build` makes it. */
export const site = resolve('dist/studio');

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** What a careful host allows the page: its own files, WebAssembly, and pictures that it makes. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "style-src 'self'",
  "base-uri 'none'",
].join('; ');

export interface SiteOptions {
  /** Where the page lies; `dist/studio` unless given. */
  readonly folder?: string;
  /** The path under which the site lies; `/` unless given. */
  readonly under?: string;
  /** Whether the host sends the headers that WebAssembly needs for threads; it does unless told otherwise. */
  readonly isolated?: boolean;
}

/** Serves the page to this machine as a static host does. */
export async function serveSite({ folder = site, under = '/', isolated = true }: SiteOptions = {}): Promise<{
  readonly address: string;
  close(): Promise<void>;
}> {
  const server: Server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const path = normalize(pathname.slice(under.length)) || '.';
    const body = pathname.startsWith(under)
      ? await readFile(join(folder, path === '.' ? 'index.html' : path)).catch(() => undefined)
      : undefined;
    response.writeHead(body ? 200 : 404, {
      'Content-Type': types[extname(path) || '.html'] ?? 'application/octet-stream',
      'Content-Security-Policy': policy,
      ...(isolated && {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      }),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}${under}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
