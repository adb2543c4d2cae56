import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll } from 'vitest';

/**
 * Bundles a script with its sources, for Node cannot run TypeScript by itself: for worker threads and processes of
 * tests. `path` counts from the repository's root. Call it outside tests: the bundle is removed after
 * those of the file.
 */
export function bundled(path: string): URL {
  const folder = fileURLToPath(new URL('../../node_modules/.cache/limn/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const outfile = `${folder}${path.replaceAll('/', '-')}-${process.pid}.mjs`;
  buildSync({
    entryPoints: [fileURLToPath(new URL(`../../${path}`, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['onnxruntime-node', 'sharp'],
    logLevel: 'error',
  });
  afterAll(() => rmSync(outfile));
  return pathToFileURL(outfile);
}
