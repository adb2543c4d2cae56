import { existsSync, readFileSync } from 'node:fs';
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

it.each([
  ['explain my model', 'how-to/import-a-network.md'],
  ['which networks work', 'reference/networks.md'],
  ['my heatmap is black', 'how-to/heatmap-shows-nothing.md'],
  ['add an operator', '../CONTRIBUTING.md#an-operator'],
  ['host the page', 'how-to/host-the-studio.md'],
  ['reproduce the paper', 'how-to/reproduce-the-paper.md'],
  ['run on our cluster', 'how-to/run-on-a-cluster.md'],
])('says on its front page where to %s', (question, page) => {
  const row = readFileSync(join(root, 'docs/README.md'), 'utf8')
    .split('\n')
    .find((line) => line.startsWith('| ') && line.includes(question));
  expect(row?.match(/\]\(([^)]+)\)/)?.[1]).toBe(page);
});
