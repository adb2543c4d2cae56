import { rowSize, rows } from '../../classifier/rows.ts';
import { counter } from '../../common/progress.ts';
import { fillNormal } from '../../common/random.ts';
import { samplingDefaults } from '../defaults.ts';
import { checkOptions, type SmoothGradMethod } from '../method.ts';
import type { Prepared, Setting } from '../prepared.ts';
import { openPass } from './pass.ts';
import { checkSampling, rangeOf } from './sampling.ts';
import { accumulator, overVariants } from './variants.ts';

/** The parameters with their defaults. Errors: values that make no sense. */
function parametersOf({
  samples = samplingDefaults.smoothgrad.samples,
  noise = samplingDefaults.smoothgrad.noise,
  seed = 0,
}: SmoothGradMethod) {
  checkSampling({ samples, noise, seed });
  return { samples, noise, seed };
}

/**
 * SmoothGrad (Smilkov et al. 2017, eq. 2): the mean over n samples of the gradient at x + N(0, σ²), with
 * σ = noise · (max x − min x) per image. The target is what is predicted without noise.
 */
export function prepareSmoothGrad(setting: Setting, method: SmoothGradMethod): Prepared {
  const start = checkOptions('smoothgrad', setting);
  const parameters = parametersOf(method);
  const { samples, noise, seed } = parameters;
  const { run: gradient, handling, release } = openPass(setting, { method: 'gradient' }, setting);
  return {
    parameters: { ...parameters, start },
    handling,
    release,
    async run(input, open, watch) {
      const count = counter(watch, input.shape[0] * (1 + samples));
      const clean = await gradient(input, open, count);
      const { targets } = clean;
      const normal = new Float32Array(rowSize(input));
      let drawn = -1;
      const names = Object.keys(clean.layers);
      const means = [undefined, ...names].map(() => accumulator(targets.length));
      await overVariants(input, {
        ...setting,
        count: samples,
        make(original, sample, out) {
          if (sample !== drawn) fillNormal(normal, seed, sample);
          drawn = sample;
          const deviation = noise * rangeOf(original);
          for (let i = 0; i < out.length; i++) out[i] = original[i] + deviation * normal[i];
        },
        run: (copies, owners) =>
          gradient(
            copies,
            owners.map((image) => targets[image]),
            count,
          ),
        use(result, row, image) {
          [result.relevance, ...names.map((name) => result.layers[name])].forEach((tensor, i) => {
            means[i].add(image, rows(tensor, row, row + 1).data, 1 / samples);
          });
        },
      });
      const layers = names.map((name, i) => [name, means[i + 1].sums(clean.layers[name].shape)] as const);
      return { ...clean, relevance: means[0].sums(input.shape), layers: Object.fromEntries(layers) };
    },
  };
}
