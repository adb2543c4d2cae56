import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { pages } from '../../docs/generate/pages.ts';
import { read } from './markdown.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

it.each(Object.entries(pages))('docs/reference/%s says what the code says', (path, make) => {
  expect(read(`docs/reference/${path}`) === make(main), `${path} is out of date: npm run docs`).toBe(true);
});
