/**
 * The examples of the library's reference: all are checked in one call of the compiler, and run one after the other in one process,
 * which takes a tenth of the time of a process each.
 */
import { transform } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pages } from './markdown.ts';
import { type Playground, playground } from './playground.ts';
import { checkTypes, type Step, steps } from './steps.ts';

const library = pages.filter((page) => page.startsWith('docs/reference/library/'));
const examples = library.flatMap((page) =>
  steps(page).map((step): Step & { page: string } => ({ ...step, page })),
);

let place: Playground;
beforeAll(() => {
  place = playground();
});
afterAll(() => place.remove());

it('compile for those who use the package', () => checkTypes(library, place));

it('run', async () => {
  const [shell, programs] = [
    examples.filter(({ block }) => block.language === 'sh'),
    examples.filter(({ block, skipped }) => block.language === 'ts' && !skipped),
  ];
  // Every page that needs the model says how to make it, in the same words.
  const [command, ...others] = new Set(shell.map(({ block }) => block.code));
  expect(others).toEqual([]);
  await place.run('bash', ['-euo', 'pipefail', '-c', command]);
  const files = programs.map(({ page, block }) => `${page.replace(/.*\/|\.md/g, '')}-${block.line}.mjs`);
  for (const [i, { block }] of programs.entries())
    place.write(files[i], (await transform(block.code, { loader: 'ts' })).code);
  place.write(
    'all.mjs',
    `for (const file of ${JSON.stringify(files)}) {
      await import('./' + file).catch((error) => {
        throw new Error(file + ' fails', { cause: error });
      });
      console.log('ran ' + file);
    }`,
  );
  const printed = await place.run(process.execPath, ['all.mjs']);
  expect(files.filter((file) => !printed.includes(`ran ${file}`))).toEqual([]);
  expect(files.length).toBeGreaterThan(25);
}, 120_000);
