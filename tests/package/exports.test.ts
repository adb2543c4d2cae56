import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { types: string; default: string }>;
};
const entries = Object.entries(exports).filter(([name]) => name !== './package.json');

/** What Node finds under every name, as a program that installed limn would import it. */
function imported(): Record<string, string[]> {
  const names = entries.map(([name]) => `limn${name.slice(1)}`);
  const script = `
    const found = {};
    for (const name of ${JSON.stringify(names)}) found[name] = Object.keys(await import(name));
    console.log(JSON.stringify(found));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8' }),
  );
}

it('exports every name it promises, with types', () => {
  for (const [name, { types, default: file }] of entries) {
    expect(existsSync(join(root, types)), `${name}: ${types}`).toBe(true);
    expect(existsSync(join(root, file)), `${name}: ${file}`).toBe(true);
  }
  const found = imported();
  for (const [name, names] of Object.entries(found)) expect(names, name).not.toEqual([]);
  expect(found.limn).toEqual(
    expect.arrayContaining(['LimnError', 'compileExplanation', 'explain', 'importCaffe', 'readOnnx']),
  );
  expect(found['limn/node']).toEqual(
    expect.arrayContaining([
      'decodeFile',
      'loadModel',
      'nodeRuntime',
      'openPool',
      'saveModel',
      'writeFigure',
    ]),
  );
  expect(found['limn/web']).toEqual([
    'classify',
    'decodeBlob',
    'encodePng',
    'explain',
    'opfsFiles',
    'pageFiles',
    'webHost',
    'webRuntime',
  ]);
});

it('has an entry for every file that gathers exports beside the rooms', () => {
  const files = readdirSync(join(root, 'src')).filter((name) => name.endsWith('.ts'));
  const exported = entries.map(([, { default: file }]) => file);
  for (const file of files) expect(exported).toContain(`./dist/${file.replace(/\.ts$/, '.js')}`);
});
