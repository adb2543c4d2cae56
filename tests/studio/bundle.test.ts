import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { site } from './site.ts';

const files = readdirSync(site, { recursive: true, encoding: 'utf8' });
const read = (path: string) => readFileSync(join(site, path));

/** Scripts that a file loads at once, and those in turn; what is imported later is not among them. */
function loaded(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const imports = String(read(path)).matchAll(/(?:^|;|\})import(?:[^"'()]*?from)?["']\.\/([^"']+\.js)["']/g);
  for (const [, name] of imports) loaded(join('assets', name), found);
  return found;
}

it('is less than 350 kB of JavaScript before ONNX Runtime, with its worker', () => {
  const page = /src="\.\/(assets\/[^"]+\.js)"/.exec(String(read('index.html')))![1];
  const ofPage = loaded(page);
  const [worker] = [...ofPage].flatMap(
    (path) => /new Worker\([^)]*?(main-[\w-]+\.js)/.exec(String(read(path)))?.[1] ?? [],
  );
  // The worker begins with little, and loads what answers at once.
  const [answering] = /answering-[\w-]+\.js/.exec(String(read(join('assets', worker))))!;
  const scripts = new Set([
    ...ofPage,
    ...loaded(join('assets', worker)),
    ...loaded(join('assets', answering)),
  ]);
  const bytes = [...scripts].reduce((sum, path) => sum + gzipSync(read(path)).length, 0);
  expect(scripts.size).toBeGreaterThanOrEqual(2);
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(350_000);
});

it('loads charts and the rooms that few need only when they are asked for', () => {
  const later = files.filter(
    (path) => /vega|room-|curves|results-|webgpu/.test(path) && path.endsWith('.js'),
  );
  expect(later.length).toBeGreaterThan(4);
  const page = /src="\.\/(assets\/[^"]+\.js)"/.exec(String(read('index.html')))![1];
  const worker = files.find((path) => /assets\/main-[\w-]+\.js$/.test(path))!;
  const first = new Set([...loaded(page), ...loaded(worker)]);
  expect(later.filter((path) => first.has(path))).toEqual([]);
});

it('has no code in its page, and names no other host there', () => {
  const html = String(read('index.html'));
  expect(html).not.toMatch(/<script(?![^>]* src=)|\son\w+=|style=/);
  expect(html).not.toMatch(/https?:/);
  // Everything is relative: the site works under any path.
  expect(html).not.toMatch(/(?:src|href)="\//);
});

it('brings everything for the first visit', () => {
  expect(files).toEqual(expect.arrayContaining(['demo/face-api-age-gender.onnx', 'demo/astronaut-face.png']));
  // ONNX Runtime as WebAssembly, and its build for WebGPU, which is fetched where there is a GPU.
  const [once, ...more] = files.filter((path) => path.endsWith('.wasm')).sort();
  expect(once).toMatch(/ort-wasm-simd-threaded-/);
  expect(more).toEqual([expect.stringMatching(/ort-wasm-simd-threaded\.asyncify-/)]);
});
