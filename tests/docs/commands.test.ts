import { afterAll, beforeAll, describe, it } from 'vitest';
import { pages } from './markdown.ts';
import { type Playground, playground } from './playground.ts';
import { checkTypes, perform, steps } from './steps.ts';

// The library's reference is a test of its own.
const described = pages.filter(
  (page) => !page.startsWith('docs/reference/library/') && steps(page).length > 0,
);

describe.each(described)('%s', (page) => {
  const all = steps(page);
  let place: Playground;
  beforeAll(() => {
    place = playground();
  });
  afterAll(() => place.remove());

  for (const step of all) {
    const { block, skipped } = step;
    const [first] = block.code.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
    const name = `line ${block.line}: ${first}`;
    if (skipped) it.skip(`${name} (${skipped})`);
    else it(name, () => perform(step, place));
  }
  if (all.some(({ block }) => block.language === 'ts')) {
    it('compiles for those who use the package', () => checkTypes([page], place));
  }
});
