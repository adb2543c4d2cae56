import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { pages } from '../../docs/generate/pages.ts';
import { read } from './markdown.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

it.each(Object.entries(pages))('docs/reference/%s says what the code says', (path, make) => {
  expect(read(`docs/reference/${path}`) === make(main), `${path} is out of date: npm run docs`).toBe(true);
});

const library = Object.keys(pages).filter((path) => path.startsWith('library'));

it.each(library)('docs/reference/%s says something in every cell of its tables', (path) => {
  const rows = read(`docs/reference/${path}`)
    .split('\n')
    .filter((line) => line.startsWith('| '));
  expect(rows.length).toBeGreaterThan(2);
  expect(
    rows.filter((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .some((cell) => cell.trim() === ''),
    ),
  ).toEqual([]);
});
