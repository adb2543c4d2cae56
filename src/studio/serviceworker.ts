import { isolationHeaders } from '../common/isolation.ts';

/*
 * Of a page on a static host: keeps the site for visits without a network, and adds the headers that WebAssembly needs for threads
 * where the host sends none. `limn studio` needs neither and does not start it.
 */

/** What TypeScript's types of the page do not know of a service worker. */
interface WorkerScope {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  readonly registration: { readonly scope: string };
  addEventListener(type: 'install' | 'activate', listener: (event: Extended) => void): void;
  addEventListener(type: 'fetch', listener: (event: Fetched) => void): void;
}
interface Extended {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetched extends Extended {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = globalThis as unknown as WorkerScope;
const kept = 'limn-studio-site';

scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const inside = request.url.startsWith(scope.registration.scope);
  if (request.method !== 'GET' || !inside || request.headers.has('range')) return;
  event.respondWith(answer(request));
});

/** Files with a hash in their names never change; all others come from the host as long as there is one. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(kept);
  const hashed = /\/assets\//.test(request.url);
  const known = await cache.match(request, { ignoreSearch: true });
  if (hashed && known) return isolated(known);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return isolated(response);
  } catch (error) {
    if (known) return isolated(known);
    throw error;
  }
}

function isolated(response: Response): Response {
  if (response.type === 'opaque' || response.status === 304) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(isolationHeaders)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
