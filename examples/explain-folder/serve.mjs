// Bundles the page and serves it to this machine: node examples/explain-folder/serve.mjs [port]
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const runtime = new URL('.', import.meta.resolve('onnxruntime-web'));
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

const { outputFiles } = await build({
  entryPoints: [here('page.ts')],
  bundle: true,
  splitting: true,
  format: 'esm',
  outdir: '/',
  write: false,
  logLevel: 'error',
});
const bundled = new Map(outputFiles.map(({ path, contents }) => [`/${basename(path)}`, contents]));

async function find(path) {
  if (path === '/') return readFile(here('index.html'));
  // ONNX Runtime's own files, which it loads by address.
  if (path.startsWith('/ort/')) return readFile(new URL(basename(path), runtime));
  return bundled.get(path);
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const body = await find(pathname).catch(() => undefined);
  response.writeHead(body ? 200 : 404, {
    'Content-Type': types[/\.\w+$/.exec(pathname)?.[0] ?? '.html'] ?? 'application/octet-stream',
    // Threads need a page that is isolated from others.
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  });
  response.end(body);
});
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
