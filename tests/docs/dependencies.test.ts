import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { read } from './markdown.ts';

const file = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const { dependencies, devDependencies, allowScripts } = file('package.json');
const { packages } = file('package-lock.json');

it('says of every dependency what it is for', () => {
  const page = read('docs/dependencies.md');
  const named = [...page.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) expect(named).toContain(name);
});

it('knows every package with an install script, and runs none', () => {
  const withScripts = Object.entries<{ hasInstallScript?: boolean; optional?: boolean }>(packages)
    .filter(([, { hasInstallScript, optional }]) => hasInstallScript && !optional)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(withScripts.filter((name) => allowScripts[name] !== false)).toEqual([]);
});

it('advises calls of npm with options that npm has', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const files = ['src', 'docs', 'examples', 'README.md', 'CONTRIBUTING.md'].flatMap((place) =>
    statSync(join(root, place)).isDirectory()
      ? readdirSync(join(root, place), { recursive: true, encoding: 'utf8' }).map((each) => join(place, each))
      : place,
  );
  const known = ['ignore-scripts', 'omit', 'no-audit', 'no-fund', 'prefix', 'save-dev'];
  const advice = files.flatMap((path) => {
    if (!/\.(ts|md)$/.test(path)) return [];
    const calls = readFileSync(join(root, path), 'utf8').matchAll(/npm (?:i|install|ci|add) [^`'";&|\n]*/g);
    return [...calls].flatMap(([call]) =>
      [...call.matchAll(/ --([\w-]+)/g)].map(([, option]) => ({ path, option })),
    );
  });
  expect(advice.map(({ path }) => path)).toContain('src/runtime/binary.node.ts');
  expect(advice.filter(({ option }) => !known.includes(option))).toEqual([]);
});

/** Bytes of a package's own files, without those that it depends on. */
function sizeOf(folder: URL): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = new URL(`${entry.name}${entry.isDirectory() ? '/' : ''}`, folder);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + sizeOf(path);
    return sum + (entry.isFile() ? statSync(path).size : 0);
  }, 0);
}

it('says how large each is on disk', () => {
  const rows = [
    ...read('docs/dependencies.md').matchAll(/^\| ([^|]*`[^|]*) \|[^|]*\| (\d+(?: and \d+)*) MB/gm),
  ];
  const claims = rows.flatMap(([, names, sizes]) => {
    const packages = [...names.matchAll(/`([^`]+)`/g)]
      .map(([, name]) => name)
      .filter((name) => name !== 'typescript' || names.startsWith('`typescript` '));
    return sizes.split(' and ').map((size, i) => ({ name: packages[i], claimed: Number(size) }));
  });
  expect(claims.length).toBeGreaterThan(25);
  const wrong = claims.flatMap(({ name, claimed }) => {
    const folder = new URL(`../../node_modules/${name}/`, import.meta.url);
    // An optional one may not be here.
    if (!existsSync(folder)) return [];
    const size = sizeOf(folder) / 1e6;
    // Of a small one that it is small; builds for other systems differ a little.
    return Math.abs(size - claimed) <= Math.max(1, 0.05 * claimed) ? [] : [{ name, claimed, size }];
  });
  expect(wrong).toEqual([]);
});
