import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { samplingDefaults as usual } from '../../src/attribution/index.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('pages that people read have the defaults that are used', () => {
  const rows = {
    smoothgrad: `${usual.smoothgrad.samples} samples, noise ${usual.smoothgrad.noise}`,
    'gradient-shap': `${usual['gradient-shap'].samples} samples`,
    rise: `${usual.rise.samples} masks`,
    'kernel-shap': `${usual['kernel-shap'].across ** 2} squares, ${usual['kernel-shap'].samples + 2 * usual['kernel-shap'].across ** 2} coalitions`,
  };
  const page = read('docs/how-to/choose-a-method.md');
  for (const [method, text] of Object.entries(rows)) expect(page).toContain(`| \`${method}\` | ${text} |`);
  const quarters = [usual.smoothgrad, usual['gradient-shap'], usual.rise].map(({ samples }) =>
    Math.ceil(samples / 4),
  );
  expect(read('docs/reference/faithfulness.md')).toContain(`(${quarters.join(', ')})`);
  expect(read('docs/how-to/is-my-heatmap-faithful.md')).toContain(`SmoothGrad ${quarters[0]};`);
});

it('comments name the constant, and no number that it could leave behind', () => {
  for (const file of ['method.ts', 'perturbation.ts']) {
    const said = [...read(`src/attribution/${file}`).matchAll(/([\d.]+) unless given/g)].map(
      ([, value]) => value,
    );
    // A seed is 0, whatever is drawn.
    expect(said.filter((value) => value !== '0')).toEqual([]);
  }
});
