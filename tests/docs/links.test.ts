import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { anchors, links, pages } from './markdown.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it.each(pages)('%s links to what is there', (page) => {
  for (const { target, line } of links(page)) {
    const [path, heading] = target.split('#');
    const file = path === '' ? page : normalize(join(dirname(page), path));
    expect(existsSync(join(root, file)), `${page}:${line}: ${target}`).toBe(true);
    if (heading) expect(anchors(file), `${page}:${line}: ${target}`).toContain(heading);
  }
});

it('is found from the README, every page of it', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    for (const { target } of links(page)) {
      const file = normalize(join(dirname(page), target.split('#')[0]));
      if (file.endsWith('.md') && pages.includes(file)) reached.add(file);
    }
  }
  expect(pages.filter((page) => !reached.has(page))).toEqual([]);
});
