import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('is packed as resolvers and package pages expect it', async () => {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

it('has types that every resolver of modules finds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-pack-'));
  try {
    const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
    });
    const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'docs/images/demo.png']));
    expect(paths.filter((path) => path.endsWith('.map'))).toEqual([]);
    // The page comes with the two builds of ONNX Runtime that it asks for, for processors and for GPUs.
    const builds = paths
      .filter((path) => path.endsWith('.wasm'))
      .map((path) => path.replace(/^.*\/|-.{8}\.wasm$/g, ''));
    expect(builds.sort()).toEqual(['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify']);
    // It exits with 1 where it finds a problem.
    const attw = join(root, 'node_modules/.bin/attw');
    execFileSync(attw, [join(folder, filename), '--profile', 'esm-only', '--format', 'json'], {
      encoding: 'utf8',
      // It writes all that it looked at, some 1 MB.
      maxBuffer: 2 ** 26,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
