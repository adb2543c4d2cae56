/**
 * What somebody has who installs limn into an empty project. It takes a minute and the package registry, so it runs
 * where LIMN_INSTALL is set: in .ci/run.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launch } from '../conformance/chromium.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tsc = join(root, 'node_modules/typescript7/bin/tsc');

const program = `
import { classify, explain } from 'limn/node';
const model = 'out/face-api-age-gender.onnx';
const { outputs } = await classify(model, 'face.png');
const { reading } = await explain(model, 'face.png', { target: 'female' });
console.log(JSON.stringify({ heads: Object.keys(outputs), score: reading.score }));
`;

const page = `
import { explain } from 'limn/web';
const at = (name) => new URL(name, location.href);
const { reading } = await explain(at('net.onnx'), at('face.png'), { target: 'female' });
document.title = String(reading.score);
`;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** A static host that sets no headers of its own, under a path. */
async function host(folder: string): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://host').pathname.replace(/^\/somewhere\//, '');
    const file = join(folder, path || 'index.html');
    if (!existsSync(file)) return response.writeHead(404).end();
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    return response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/somewhere/` };
}

describe.runIf(process.env.LIMN_INSTALL)('limn in an empty project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-install-'));
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const limn = (...args: string[]) => run(join(folder, 'node_modules/.bin/limn'), ...args);
  let score = 0;

  beforeAll(() => {
    const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
    });
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'empty', type: 'module' }));
    // With npm's own settings: install steps run, and what fails among them is left out.
    run('npm', 'install', '--no-audit', '--no-fund', `./${filename}`);
    copyFileSync(join(root, 'demo/astronaut-face.png'), join(folder, 'face.png'));
    limn('demo', '-o', 'out');
  }, 400_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

  it('explains a face from the command line', () => {
    expect(existsSync(join(folder, 'out/index.html'))).toBe(true);
    expect(limn('classify', 'out/face-api-age-gender.onnx', 'face.png')).toMatch(/female/);
  });

  it('is a library', () => {
    writeFileSync(join(folder, 'program.js'), program);
    const said = JSON.parse(run(process.execPath, 'program.js')) as { heads: string[]; score: number };
    expect(said.heads).toEqual(['gender', 'age']);
    expect(said.score).toBeGreaterThan(0.5);
    score = said.score;
  });

  it.each([
    ['Node', 'node', 'es2023', ['limn/node', 'limn/training', 'limn/plan']],
    ['the browser', '', 'es2023,dom', ['limn/web']],
  ])('has types for a program of %s alone', (_, types, lib, more) => {
    const entries = ['limn', 'limn/verbs', 'limn/evaluation', 'limn/report', 'limn/relevance', ...more];
    const imports = entries.map((name, i) => `import * as n${i} from '${name}'; console.log(n${i});`);
    writeFileSync(join(folder, 'types.ts'), imports.join('\n'));
    const options = ['--strict', '--noEmit', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
    run(process.execPath, tsc, ...options, '--lib', lib, '--types', types, 'types.ts');
  });

  it.runIf(hasChromium)(
    'explains a photo in a page that Vite made, with nothing configured, on any static host',
    async () => {
      writeFileSync(
        join(folder, 'index.html'),
        '<!doctype html><script type="module" src="page.js"></script>',
      );
      writeFileSync(join(folder, 'page.js'), page);
      await build({ root: folder, base: './', logLevel: 'silent', configFile: false });
      const site = join(folder, 'dist');
      copyFileSync(join(folder, 'out/face-api-age-gender.onnx'), join(site, 'net.onnx'));
      copyFileSync(join(folder, 'face.png'), join(site, 'face.png'));
      const { server, address } = await host(site);
      const browser = await launch();
      try {
        const tab = await browser.newPage();
        const problems: string[] = [];
        tab.on('pageerror', (error) => problems.push(String(error)));
        await tab.goto(address);
        await tab
          .waitForFunction(() => document.title !== '', undefined, { timeout: 120_000 })
          .catch(() => {
            throw new Error(`nothing was explained: ${problems.join('; ')}`);
          });
        expect(Number(await tab.title())).toBeCloseTo(score, 3);
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
        server.close();
      }
    },
    240_000,
  );
});
