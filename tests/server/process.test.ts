import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServeOptions, serveStudio } from '../../src/server/serve.node.ts';
import { folder, limn, main } from '../cli/limn.ts';

/* The server as it runs: a process, sockets, signals, ports. */

let place: string;
let shared: Running;
const children: ChildProcess[] = [];

beforeAll(async () => {
  place = folder();
  mkdirSync(join(place, 'page'));
  mkdirSync(join(place, 'results'));
  writeFileSync(join(place, 'page', 'index.html'), '<!doctype html><title>studio</title>');
  writeFileSync(join(place, 'results', 'huge.onnx'), '');
  // A hole: it takes no place.
  truncateSync(join(place, 'results', 'huge.onnx'), 2 ** 31);
  shared = await studio(join(place, 'results'));
});
afterAll(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Running {
  readonly child: ChildProcess;
  readonly address: string;
  readonly token: string;
  readonly port: number;
  /** A request of a line and headers, as it goes over the wire. */
  ask(request: string): Promise<Socket>;
}

/** Runs `limn studio` until it says where. */
async function studio(...words: string[]): Promise<Running> {
  const child = spawn(
    process.execPath,
    [main, 'studio', '--page', join(place, 'page'), '--port', '0', ...words],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  children.push(child);
  let text = '';
  child.stderr.on('data', (data) => (text += data));
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data)));
    child.once('exit', () => reject(new Error(text)));
  });
  const url = new URL(address);
  const port = Number(url.port);
  return {
    child,
    address: address.trim(),
    token: url.searchParams.get('token')!,
    port,
    ask: (request) => raw(port, request),
  };
}

const raw = (port: number, request: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(request);
      resolve(socket);
    });
    socket.once('error', reject);
  });

/** All that comes until the other side ends. */
const answer = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    socket.on('data', (data) => (text += data));
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });

const beginning = (socket: Socket): Promise<string> =>
  new Promise((resolve) => socket.once('data', (data) => resolve(String(data))));

const ended = (child: ChildProcess): Promise<string | number | null> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));

const headers = 'Host: localhost\r\n\r\n';

describe('limn studio', () => {
  it('says in one line where it answers, and ends at once by a signal, whoever is connected', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { child, address, token, ask } = await studio(join(place, 'results'));
      expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
      expect(await (await fetch(address)).text()).toBe('<!doctype html><title>studio</title>');
      const events = await ask(`GET /events?token=${token} HTTP/1.1\r\n${headers}`);
      const download = await ask(`GET /files/huge.onnx?token=${token} HTTP/1.1\r\n${headers}`);
      expect(await beginning(events)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(await beginning(download)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      download.pause();
      await ask('GET / HT');
      child.kill(signal);
      expect(await ended(child)).toBe(signal);
      events.destroy();
      download.destroy();
    }
  });

  it('cannot be led out of the folder, by whatever bytes', async () => {
    writeFileSync(join(place, 'secret'), 'outside');
    const { token, ask } = shared;
    for (const path of [
      '/files/../secret',
      '/files/..%2fsecret',
      '/files/%2e%2e/secret',
      '/files/%2e%2e%2fsecret',
      '/files/..%5csecret',
      '/files//etc/passwd',
      `/files/${encodeURIComponent(join(place, 'secret'))}`,
      '/files/%00',
      '/files/a%0d%0aX-Injected:%201',
      '/../secret',
      '/%2e%2e/secret',
      '/..%2fsecret',
      `http://localhost/files/..%2fsecret`,
      'http://evil.example/../secret',
      '*',
      'files/../secret',
    ]) {
      const text = await answer(
        await ask(`GET ${path}?token=${token} HTTP/1.1\r\nConnection: close\r\n${headers}`),
      );
      expect([path, text.split('\r\n')[0]]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 40[034] /)]);
      expect(text).not.toMatch(/outside|root:|X-Injected/);
    }
  });

  it('takes no uploads, be they large, endless or early', async () => {
    const { ask, address } = shared;
    const large = await ask(`POST / HTTP/1.1\r\nContent-Length: 100000000000\r\n${headers}`);
    const chunk = Buffer.alloc(2 ** 16);
    const go = () => {
      while (!large.destroyed && large.write(chunk)) {}
    };
    large.on('drain', go);
    go();
    // What is sent after the answer can make the system drop the answer; that the sending ends is what counts.
    expect(await answer(large)).toMatch(/^(HTTP\/1\.1 405 |$)/);
    const endless = await ask(`GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${headers}5\r\nhello\r\n`);
    expect(await answer(endless)).toMatch(/^(HTTP\/1\.1 413 |$)/);
    const huge = await ask(`GET / HTTP/1.1\r\nX-Long: ${'x'.repeat(100_000)}\r\n${headers}`);
    expect(await answer(huge)).toMatch(/^(HTTP\/1\.1 431 |$)/);
    const upgrade = await ask(`GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}`);
    expect(await beginning(upgrade)).toMatch(/^HTTP\/1\.1 200 /);
    upgrade.destroy();
    expect((await fetch(address)).status).toBe(200);
  });

  it('answers others while many ask and take nothing, and lets go of what they asked for', async () => {
    const { child, address, token, ask } = shared;
    const openFiles = () => readdirSync(`/proc/${child.pid}/fd`).length;
    expect((await fetch(address)).status).toBe(200);
    const sockets = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        ask(`GET /${i % 2 ? 'events' : 'files/huge.onnx'}?token=${token} HTTP/1.1\r\n${headers}`),
      ),
    );
    for (const socket of sockets) socket.pause();
    expect((await fetch(address)).status).toBe(200);
    if (process.platform !== 'linux') return;
    await expect.poll(openFiles, { timeout: 20_000 }).toBeGreaterThan(150);
    const memory = Number(/VmRSS:\s+(\d+)/.exec(String(readStatus(child.pid!)))![1]);
    // Each of fifty downloads has some parts of its file in memory, not its two gigabytes.
    expect(memory).toBeLessThan(500_000);
    for (const socket of sockets) socket.destroy();
    await expect.poll(openFiles, { timeout: 20_000 }).toBeLessThan(60);
  });

  it('refuses a port that is taken in one line', async () => {
    const { port } = shared;
    const { code, stdout, stderr } = await limn(['studio', '--page', 'page', '--port', String(port)], place);
    expect(stderr).toBe(
      `limn: --port ${port}: taken by another program; choose another one, or --port 0 for any that is free\n`,
    );
    expect([stdout, code]).toEqual(['', 2]);
  });
});

describe('serveStudio', () => {
  it.each<[string, ServeOptions, RegExp]>([
    [
      'a folder that is not there',
      { folder: 'nothing' },
      /^nothing: no such file or folder; check the path$/,
    ],
    ['a file', { folder: main }, /main\.js: is a file; give the folder that it is in$/],
    [
      'a page that is not built',
      { page: tmpdir() },
      /index\.html: the page is not there; build it: npm run build$/,
    ],
    ['all networks', { host: '0.0.0.0' }, /^host '0\.0\.0\.0': everybody .* may call it, as allowHost /],
    ['all of them in IPv6', { host: '[::]' }, /^host '\[::\]': everybody /],
    ['a host elsewhere', { host: '192.0.2.1' }, /^host '192\.0\.2\.1': no address of this machine; /],
  ])('refuses %s', async (_, options, message) => {
    await expect(serveStudio({ page: join(place, 'page'), port: 0, ...options })).rejects.toThrow(message);
  });

  it('takes the next port where the usual one is taken', async () => {
    const page = join(place, 'page');
    const [one, two] = [await serveStudio({ page }), await serveStudio({ page })];
    expect(one.address).not.toBe(two.address);
    await one.close();
    await two.close();
  });

  it('ends connections that never finish asking', async () => {
    const served = await serveStudio({ page: join(place, 'page'), port: 0, patience: 200 });
    const port = Number(new URL(served.address).port);
    const sockets = await Promise.all(
      ['', 'GET', `GET / HTTP/1.1\r\nHost: localhost\r\nX: `].map((text) => raw(port, text)),
    );
    const answers = await Promise.all(sockets.map(answer));
    expect(answers.slice(1)).toEqual(Array(2).fill(expect.stringMatching(/^HTTP\/1\.1 408 /)));
    await served.close();
  });

  it('answers by the names that are allowed, and says who else can ask', async () => {
    const served = await serveStudio({
      page: join(place, 'page'),
      port: 0,
      host: '0.0.0.0',
      allowHost: ['faces.example'],
    });
    const { port, hostname } = new URL(served.address);
    expect(hostname).toBe('faces.example');
    expect(served.notes).toEqual([expect.stringMatching(/^Others can ask faces\.example, /)]);
    const ask = async (host: string) =>
      (
        await answer(await raw(Number(port), `GET / HTTP/1.1\r\nConnection: close\r\nHost: ${host}\r\n\r\n`))
      ).slice(9, 12);
    expect(await ask(`faces.example:${port}`)).toBe('200');
    expect(await ask('localhost')).toBe('200');
    expect(await ask('evil.example')).toBe('403');
    await served.close();
  });

  it('closes with all its connections', async () => {
    const served = await serveStudio({ page: join(place, 'page'), port: 0, folder: join(place, 'results') });
    const { port, searchParams } = new URL(served.address);
    const events = await raw(Number(port), `GET /events?${searchParams} HTTP/1.1\r\n${headers}`);
    await beginning(events);
    const end = answer(events);
    await served.close();
    await end;
    // The port is free again.
    await new Promise<void>((resolve, reject) => {
      const other = createServer().once('error', reject);
      other.listen(Number(port), '127.0.0.1', () => other.close(() => resolve()));
    });
  });
});

const readStatus = (pid: number): Buffer => readFileSync(`/proc/${pid}/status`);
