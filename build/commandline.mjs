/* Bundles the command line into dist/cli, beside the library that the compiler wrote: `limn explain` loads some 115 files instead of 500. */
import { readFile, rm } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [src, out] = [resolve(root, 'src'), resolve(root, 'dist/cli')];

/**
 * Has modules find what lies beside them (scripts of worker threads, files of this package) from their place in dist/, where the
 * compiler writes them and what they look for, not from that of the chunk that they become part of.
 */
const places = {
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /\.node\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const compiled = resolve(root, 'dist', relative(src, path)).replace(/\.ts$/, '.js');
      const place = `new URL(${JSON.stringify(relative(out, compiled))}, import.meta.url).href`;
      return { loader: 'ts', contents: source.replaceAll('import.meta.url', place) };
    });
  },
};

await rm(out, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [places],
  // What brings native code, or is large and seldom needed, stays where it is installed.
  external: ['onnxruntime-node', 'onnxruntime-web', 'sharp', 'vega', 'vega-lite', '@vladmandic/face-api'],
  // Some of what is bundled is CommonJS and asks Node's own modules by `require`.
  banner: { js: 'const require = process.getBuiltinModule;' },
  logLevel: 'warning',
});
