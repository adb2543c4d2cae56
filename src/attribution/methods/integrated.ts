import { rowSize, rows } from '../../classifier/rows.ts';
import { fail } from '../../common/error.ts';
import { counter } from '../../common/progress.ts';
import { gaussLegendre, midpoint } from '../../common/quadrature.ts';
import { float32 } from '../../graph/index.ts';
import { samplingDefaults } from '../defaults.ts';
import { checkOptions, type IntegratedGradientsMethod } from '../method.ts';
import type { Prepared, Setting } from '../prepared.ts';
import { baselineName, baselineValues } from './baseline.ts';
import { completeness } from './completeness.ts';
import { openPass } from './pass.ts';
import { accumulator, overVariants } from './variants.ts';

/** The parameters with their defaults. Errors: values that make no sense. */
function parametersOf(method: IntegratedGradientsMethod) {
  const { baseline = 'zero', rule = 'gauss-legendre' } = method;
  const { steps = samplingDefaults['integrated-gradients'].steps } = method;
  if (!Number.isInteger(steps) || steps < 1) fail('steps', `expected 1 or more, got ${steps}`);
  if (rule !== 'gauss-legendre' && rule !== 'midpoint')
    fail(`rule '${rule}'`, 'there is none of this name', 'known: gauss-legendre, midpoint');
  return { steps, baseline, rule };
}

/**
 * Integrated gradients (Sundararajan et al. 2017, eq. 1): (x − x′) · Σ_k weight_k · gradient at x′ + point_k·(x − x′).
 */
export function prepareIntegratedGradients(setting: Setting, method: IntegratedGradientsMethod): Prepared {
  checkOptions('integrated-gradients', setting);
  const { steps, baseline, rule } = parametersOf(method);
  const { points, weights } = rule === 'midpoint' ? midpoint(steps) : gaussLegendre(steps);
  const { graph, info } = setting.model;
  const from = baselineValues(baseline, graph.inputs[0].shape, info.preprocessing);
  const { run: gradient, handling, release } = openPass(setting, { method: 'gradient' }, setting);
  return {
    parameters: { steps, rule, baseline: baselineName(baseline) },
    handling,
    release,
    async run(input, open, watch) {
      const count = counter(watch, input.shape[0] * (1 + steps) + 1);
      const clean = await gradient(input, open, count);
      const { targets } = clean;
      const mean = accumulator(targets.length);
      await overVariants(input, {
        ...setting,
        count: steps,
        make(original, step, out) {
          for (let i = 0; i < out.length; i++) out[i] = from[i] + points[step] * (original[i] - from[i]);
        },
        run: (copies, owners) =>
          gradient(
            copies,
            owners.map((image) => targets[image]),
            count,
          ),
        use({ relevance }, row, image, step) {
          mean.add(image, rows(relevance, row, row + 1).data, weights[step]);
        },
      });
      const slopes = mean.sums(input.shape);
      const n = rowSize(input);
      const data = slopes.data.map((slope, i) => slope * (input.data[i] - from[i % n]));
      const relevance = float32(input.shape, data);
      const away = await gradient(float32([1, ...input.shape.slice(1)], from), targets.slice(0, 1), count);
      return { ...clean, relevance, completeness: completeness(relevance, clean, away.scores.data) };
    },
  };
}
