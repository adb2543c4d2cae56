import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { studioApp } from '../../src/server/app.ts';
import type { ServedFile, ServedFiles, SharedFolder } from '../../src/server/files.ts';

/* The site as a function from request to response, over files in memory. */

const open = new Set<ServedFile>();

/** Files in memory; which of them are open can be told. */
function inMemory(contents: Readonly<Record<string, string>>): ServedFiles {
  return {
    async open(parts) {
      const text = contents[parts.join('/')];
      if (text === undefined) return undefined;
      const content = new TextEncoder().encode(text);
      const close = async () => void open.delete(file);
      const file: ServedFile = {
        bytes: content.length,
        modified: new Date(Date.UTC(2026, 0, 1)),
        version: `v${content.length}`,
        close,
        send: (from, to) =>
          new ReadableStream({
            async pull(controller) {
              controller.enqueue(content.slice(from, to));
              await close();
              controller.close();
            },
            cancel: close,
          }),
      };
      open.add(file);
      return file;
    },
  };
}

const script = 'document.title = "studio";\n'.repeat(100);

function site({ near = true, folder = true } = {}) {
  const files = {
    'a b.png': 'PNG',
    'net.onnx': '0123456789',
    'report.html': '<script>alert(1)</script>',
    'x.js': script,
  };
  const shared: SharedFolder = {
    ...inMemory(files),
    name: 'results',
    list: async () => ({ version: 1, folder: 'results', files: [], notes: [] }),
    watch: () => () => undefined,
  };
  return studioApp({
    page: inMemory({ 'index.html': '<!doctype html>', 'assets/index-DiwrgTda.js': script, 'sw.js': '' }),
    ...(folder && { folder: shared }),
    hosts: ['localhost', '127.0.0.1', '[::1]', 'Faces.example'],
    knows: (token) => token === 'secret',
    isNear: () => near,
  });
}

const here = 'http://127.0.0.1:5466';
const get = (path: string, headers: Record<string, string> = {}, method = 'GET', app = site()) =>
  app.request(`${here}${path}`, { method, headers });

describe('who may ask', () => {
  it.each(['127.0.0.1:5466', 'localhost:9999', 'LOCALHOST', '[::1]:5466', 'faces.example'])(
    'by the name %s',
    async (host) => {
      expect((await get('/', { host })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'evil.example:5466',
    'localhost.evil.example',
    '127.0.0.1.evil.example:5466',
    'localhost:5466@evil.example',
    '[::1]evil',
    'localhost:',
    ' ',
    '127.0.0.2',
  ])('not by the name %j', async (host) => {
    for (const path of [
      '/',
      '/files.json?token=secret',
      '/files/net.onnx?token=secret',
      '/events?token=secret',
    ]) {
      const answer = await get(path, { host });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toMatch(/^this server is not called /);
    }
  });

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:8080', 'http://127.0.0.1', 'file://'])(
    'no page of %s',
    async (origin) => {
      const answer = await get('/files.json?token=secret', { origin, host: '127.0.0.1:5466' });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  it('pages of its own, and links from anywhere', async () => {
    expect((await get('/files.json?token=secret', { origin: here })).status).toBe(200);
    const site = (name: string, more = {}) => get('/', { 'sec-fetch-site': name, ...more });
    expect((await site('same-origin')).status).toBe(200);
    expect((await site('none')).status).toBe(200);
    expect((await site('cross-site')).status).toBe(403);
    expect(
      (await site('same-site', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' })).status,
    ).toBe(403);
    const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await site('cross-site', link)).status).toBe(200);
    expect((await site('cross-site', { ...link, 'sec-fetch-dest': 'iframe' })).status).toBe(403);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('nobody by %s', async (method) => {
    for (const path of ['/', '/files/net.onnx?token=secret']) {
      const answer = await get(path, {}, method);
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    }
  });

  it('nobody who sends something', async () => {
    expect((await get('/', { 'content-length': '1000000000' })).status).toBe(413);
    expect((await get('/', { 'transfer-encoding': 'chunked' })).status).toBe(413);
  });

  it('for the folder, who knows the token', async () => {
    for (const path of ['/files.json', '/files/net.onnx', '/events']) {
      for (const query of ['', '?token=', '?token=Secret', '?token=secret2', '?x=secret']) {
        expect((await get(path + query)).status).toBe(403);
      }
    }
    expect((await get('/files.json?token=secret')).status).toBe(200);
    const none = await get('/files.json?token=secret', {}, 'GET', site({ folder: false }));
    expect(none.status).toBe(404);
  });
});

describe('what is answered', () => {
  it('the page, isolated and without inline code', async () => {
    const { headers } = await get('/');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/,
    );
    expect(headers.get('content-security-policy')).not.toMatch(
      /unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|https?:|\*/,
    );
    expect(headers.get('cache-control')).toBe('no-cache');
  });

  it('always with the same manners, errors too', async () => {
    const paths = [
      '/',
      '/nothing',
      '/files.json',
      '/files/net.onnx?token=secret',
      '/files/..%2fa?token=secret',
      '/events',
    ];
    for (const path of paths) {
      for (const method of ['GET', 'HEAD', 'POST']) {
        const { headers } = await get(path, {}, method);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('referrer-policy')).toBe('no-referrer');
        expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
        expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/);
        expect(headers.get('cache-control')).not.toBeNull();
      }
    }
  });

  it('hashed assets once and for all, others never without asking', async () => {
    expect((await get('/assets/index-DiwrgTda.js')).headers.get('cache-control')).toMatch(
      /max-age=31536000, immutable/,
    );
    expect((await get('/sw.js')).headers.get('cache-control')).toBe('no-cache');
    expect((await get('/files/net.onnx?token=secret')).headers.get('cache-control')).toBe(
      'private, no-cache',
    );
  });

  it('files of the folder as what they are, without running any', async () => {
    const types = {
      'a%20b.png': 'image/png',
      'net.onnx': 'application/octet-stream',
      'x.js': 'text/plain; charset=utf-8',
    };
    for (const [path, type] of Object.entries(types)) {
      const { status, headers } = await get(`/files/${path}?token=secret`);
      expect([status, headers.get('content-type')]).toEqual([200, type]);
    }
    const report = await get('/files/report.html?token=secret');
    expect(report.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'; style-src/);
  });

  it('parts of them', async () => {
    const part = (range: string, more = {}) => get('/files/net.onnx?token=secret', { range, ...more });
    const middle = await part('bytes=2-4');
    expect([middle.status, await middle.text()]).toEqual([206, '234']);
    expect(middle.headers.get('content-range')).toBe('bytes 2-4/10');
    expect(middle.headers.get('content-length')).toBe('3');
    expect(await (await part('bytes=-3')).text()).toBe('789');
    const beyond = await part('bytes=10-');
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    expect((await part('bytes=2-4', { 'if-range': '"v10"' })).status).toBe(206);
    const changed = await part('bytes=2-4', { 'if-range': '"v9"' });
    expect([changed.status, await changed.text()]).toEqual([200, '0123456789']);
  });

  it('their headers alone, or that they are the same', async () => {
    const path = '/files/net.onnx?token=secret';
    const head = await get(path, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
    const tag = head.headers.get('etag')!;
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const same = await get(path, { 'if-none-match': known });
      expect([same.status, await same.text()]).toEqual([304, '']);
    }
    expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('compressed where the way is long', async () => {
    const asked = { 'accept-encoding': 'gzip, br' };
    const far = await get('/assets/index-DiwrgTda.js', asked, 'GET', site({ near: false }));
    expect(far.headers.get('content-encoding')).toBe('gzip');
    expect(far.headers.get('vary')).toBe('Accept-Encoding');
    expect(gunzipSync(await far.arrayBuffer()).toString()).toBe(script);
    const near = await get('/assets/index-DiwrgTda.js', asked);
    expect(near.headers.get('content-encoding')).toBeNull();
    expect(await near.text()).toBe(script);
    const plain = await get('/assets/index-DiwrgTda.js', {}, 'GET', site({ near: false }));
    expect(plain.headers.get('content-encoding')).toBeNull();
  });

  it('leaves no file open', async () => {
    for (const path of ['/', '/files/net.onnx?token=secret', '/files/x.js?token=secret']) {
      for (const [method, headers] of [
        ['GET', {}],
        ['HEAD', {}],
        ['GET', { range: 'bytes=90000-' }],
        ['GET', { 'if-none-match': '*' }],
      ] as const) {
        await (await get(path, headers, method)).arrayBuffer();
      }
    }
    const unread = await get('/files/x.js?token=secret');
    await unread.body!.cancel();
    for (const file of open) expect(file).toBeUndefined();
  });
});
