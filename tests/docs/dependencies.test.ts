import { readFileSync } from 'node:fs';
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
