import { afterAll, beforeAll, describe, it } from 'vitest';
import { pages } from './markdown.ts';
import { type Playground, playground } from './playground.ts';
import { checkTypes, perform, steps } from './steps.ts';

/** Pages with something to run. The library's reference is a test of its own. */
export const described = pages.filter(
  (page) => !page.startsWith('docs/reference/library/') && steps(page).length > 0,
);

/** In which test file pages are followed, about as long each: files run side by side, a page's steps one after the other. */
export const parts = {
  tutorials: /^(?:README|docs\/tutorial[\w-]*)\.md$/,
  explanations: /^docs\/(?:explanation|reference)\//,
  'how-to-a-c': /^docs\/how-to\/[a-c]/,
  'how-to-d-f': /^docs\/how-to\/[d-f]/,
  'how-to-g-o': /^docs\/how-to\/[g-o]/,
  'how-to-p-z': /^docs\/how-to\/[p-z]/,
} as const satisfies Readonly<Record<string, RegExp>>;

/** Follows the pages of a part as a newcomer would, and holds what is printed against what they show. */
export function followPages(part: keyof typeof parts): void {
  describe.each(described.filter((page) => parts[part].test(page)))('%s', (page) => {
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
}
