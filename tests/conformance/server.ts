import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.ts': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Packages as a page without a bundler finds them. */
const imports = {
  '@bufbuild/protobuf': '/packages/@bufbuild/protobuf/dist/esm/index.js',
  '@bufbuild/protobuf/codegenv2': '/packages/@bufbuild/protobuf/dist/esm/codegenv2/index.js',
  '@bufbuild/protobuf/wire': '/packages/@bufbuild/protobuf/dist/esm/wire/index.js',
  fflate: '/packages/fflate/esm/browser.js',
  'onnxruntime-web/wasm': '/packages/onnxruntime-web/dist/ort.wasm.min.mjs',
  'onnxruntime-web/webgpu': '/packages/onnxruntime-web/dist/ort.webgpu.min.mjs',
};

const page = (script: string) =>
  `<!doctype html><title>conformance</title><link rel="icon" href="data:,">` +
  `<script type="importmap">${JSON.stringify({ imports })}</script><script type="module" src="${script}"></script>`;

/**
 * Serves the page on this machine only, cross-origin isolated as threads need it: `/bundled.html` with one script
 * made by a bundler, `/unbundled.html` with the modules as they are (types stripped).
 */
export async function serve(): Promise<{ address: string; close(): Promise<void> }> {
  const { outputFiles } = await build({
    entryPoints: ['page', 'verbs.page'].map((name) => join(root, `tests/conformance/${name}.ts`)),
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: '/bundle',
    write: false,
    logLevel: 'error',
  });
  const made = new Map<string, string | Uint8Array>([
    ['/bundled.html', page('/bundle/page.js')],
    ['/verbs.html', page('/bundle/verbs.page.js')],
    ['/unbundled.html', page('/tests/conformance/page.ts')],
    ...outputFiles.map(({ path, contents }) => [path, contents] as const),
  ]);
  const folders: readonly (readonly [prefix: string, folder: string])[] = [
    ['/onnxruntime-web/', 'node_modules/onnxruntime-web/dist/'],
    ['/packages/', 'node_modules/'],
    ['/reference/', 'tests/fixtures/reference/'],
    ['/demo/', 'demo/'],
    ['/src/', 'src/'],
    ['/tests/', 'tests/'],
  ];
  const find = async (path: string): Promise<string | Uint8Array> => {
    const known = made.get(path);
    if (known !== undefined) return known;
    const [prefix, folder] = folders.find(([start]) => path.startsWith(start)) ?? [];
    if (prefix === undefined) throw new Error(`no such file: ${path}`);
    const file = await readFile(join(root, folder!, path.slice(prefix.length)));
    return path.endsWith('.ts') ? (await transform(file, { loader: 'ts' })).code : file;
  };
  const server: Server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url!, 'http://localhost').pathname);
    try {
      const body = await find(path);
      response.writeHead(200, {
        'Content-Type': types[extname(path)] ?? 'application/octet-stream',
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
