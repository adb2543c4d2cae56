import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { fail, failEnvironment, failRequest } from '../common/error.ts';
import { field, words } from '../common/words.ts';
import { studioApp } from './app.ts';
import type { ServedFiles } from './files.ts';
import { shareFolder } from './folder.node.ts';
import { isLoopback } from './guard.ts';
import { openBelow } from './open.node.ts';

/** The port where nothing is said: `limn` on a telephone's keys. What the browser keeps for the page is kept by port. */
export const STUDIO_PORT = 5466;

/** Whom nobody but this machine can ask. */
const LOCAL = '127.0.0.1';

/** Ports after it that are tried if it is taken. */
const MORE_PORTS = 9;

export interface ServeOptions {
  /** The folder whose files can be looked at; none unless given. */
  readonly folder?: string | undefined;
  /** A port that must be free, 0 for any; {@link STUDIO_PORT}, or one of the next nine that is free, unless given. */
  readonly port?: number | undefined;
  /** The address to listen at; `127.0.0.1` unless given. */
  readonly host?: string | undefined;
  /** Further names that the server may be called by. */
  readonly allowHost?: readonly string[] | undefined;
  /** The folder of the page; the one that comes with limn unless given. */
  readonly page?: string | undefined;
  /** Milliseconds for a client to send its request; 15,000 unless given. */
  readonly patience?: number | undefined;
}

export interface Served {
  /** Where to look: `http://127.0.0.1:5466/?token=…`. */
  readonly address: string;
  /** What people should know, in sentences. */
  readonly notes: readonly string[];
  /** Ends all connections, and what was opened for them. */
  close(): Promise<void>;
}

/**
 * Serves the page of `limn studio`, and a folder's files to it; read only. Errors: a port that is taken or may not be used, a host
 * that is none of this machine's, an address of all networks without names, a folder that is not there, a page that is not built.
 */
export async function serveStudio(options: ServeOptions = {}): Promise<Served> {
  const { host = LOCAL, allowHost = [], patience = 15_000 } = options;
  const bare = host.replace(/^\[|\]$/g, '');
  if (/^(0\.0\.0\.0|::|)$/.test(bare) && allowHost.length === 0) {
    failRequest(
      words`${field('host', host)}`,
      'everybody on the networks of this machine could ask',
      words`say by which names they may call it, as ${field('allowHost', 'my-machine.example')}`,
    );
  }
  const page = await pageFiles(options.page ?? fileURLToPath(new URL('../studio/', import.meta.url)));
  const folder = options.folder === undefined ? undefined : await shareFolder(options.folder);
  const token = randomBytes(24).toString('base64url');
  const name = bare.includes(':') ? `[${bare}]` : bare;
  const app = studioApp({
    page,
    ...(folder && { folder }),
    hosts: ['localhost', LOCAL, '[::1]', name, ...allowHost],
    knows: (given) => given !== undefined && isSame(given, token),
    isNear,
  });
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: patience,
      requestTimeout: patience,
      connectionsCheckingInterval: Math.min(patience, 2000),
    },
  }) as Server;
  server.maxConnections = 512;
  // Of a client that takes nothing any more; whoever listens to events gets some all the time.
  server.setTimeout(8 * patience);
  const port = await listen(server, bare, options.port);
  // What is wrong with one connection concerns no other.
  server.on('error', () => undefined);
  const called = allowHost.length > 0 && !isLoopback(name) ? allowHost[0] : name;
  const notes = isLoopback(called)
    ? []
    : [
        `Others can ask ${called}, and see the folder if they have the address. Browsers give pages that are not of their own ` +
          'machine and come without HTTPS neither threads nor files of their own: prefer a tunnel (ssh -L).',
      ];
  return {
    address: `http://${called}:${port}/?token=${token}`,
    notes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pageFiles(path: string): Promise<ServedFiles> {
  const root = await realpath(path).catch(() => undefined);
  const index = root && (await openBelow(root, ['index.html']));
  if (!index) return fail(join(path, 'index.html'), 'the page is not there', 'build it: npm run build');
  await index.close();
  return { open: (parts) => openBelow(root, parts) };
}

/** Whether two secrets are the same; how long it takes says nothing of them. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function isNear(c: Context): boolean {
  const address = getConnInfo(c).remote.address ?? '';
  return /^(::ffff:)?127\.|^::1$/.test(address);
}

/** Listens, and says at which port. */
async function listen(server: Server, host: string, wanted: number | undefined): Promise<number> {
  const first = wanted ?? STUDIO_PORT;
  const last = wanted ?? STUDIO_PORT + MORE_PORTS;
  for (let port = first; port <= last; port++) {
    const error = await tryPort(server, host, port);
    if (!error) return (server.address() as AddressInfo).port;
    if (error.code !== 'EADDRINUSE') return failListening(error, host, port);
  }
  const taken = first === last ? `${first}` : `${first} to ${last}`;
  return failRequest(
    words`${field('port', taken)}`,
    'taken by another program',
    words`choose another one, or ${field('port', '0')} for any that is free`,
  );
}

const tryPort = (server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(error);
    server.once('error', failed);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', failed);
      resolve(undefined);
    });
  });

function failListening({ code, message }: NodeJS.ErrnoException, host: string, port: number): never {
  if (code === 'EACCES') {
    failRequest(words`${field('port', String(port))}`, 'not for this user', 'choose one from 1024 on');
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    failRequest(
      words`${field('host', host)}`,
      'no address of this machine',
      'leave it out, or give one that is',
    );
  }
  return failEnvironment(`${host}:${port}`, `cannot be listened at: ${message}`, 'choose another port');
}
