import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../bench.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/**
 * Serves `/page.html`, ONNX Runtime's files and the exported networks in `folder`, on this machine only; cross-origin
 * isolated, as threads need it.
 */
export async function serve(folder: string): Promise<{ address: string; close(): Promise<void> }> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'bench/browser/page.ts')],
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: '/bundle',
    write: false,
    logLevel: 'error',
  });
  const made = new Map<string, string | Uint8Array>([
    [
      '/page.html',
      '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/bundle/page.js"></script>',
    ],
    ...outputFiles.map(({ path, contents }) => [path, contents] as const),
  ]);
  const folders: Readonly<Record<string, string>> = {
    nets: folder,
    'onnxruntime-web': join(root, 'node_modules/onnxruntime-web/dist'),
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const at = folders[pathname.split('/')[1]];
    try {
      const body = made.get(pathname) ?? (await readFile(join(at, basename(pathname))));
      response.writeHead(200, {
        'Content-Type': types[extname(pathname)] ?? 'application/octet-stream',
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
