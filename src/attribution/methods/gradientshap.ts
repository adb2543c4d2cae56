import { rowSize, rows } from '../../classifier/rows.ts';
import { counter } from '../../common/progress.ts';
import { fillNormal, fillUniform } from '../../common/random.ts';
import type { Tensor } from '../../graph/index.ts';
import { samplingDefaults } from '../defaults.ts';
import { checkOptions, type GradientShapMethod } from '../method.ts';
import type { Prepared, Setting } from '../prepared.ts';
import { baselineBatch, baselineName } from './baseline.ts';
import { completeness } from './completeness.ts';
import { openPass } from './pass.ts';
import { checkSampling, rangeOf } from './sampling.ts';
import { accumulator, overVariants } from './variants.ts';

/** The parameters with their defaults. Errors: values that make no sense. */
function parametersOf({ baseline = 'zero', seed = 0, ...given }: GradientShapMethod) {
  const usual = samplingDefaults['gradient-shap'];
  const { samples = usual.samples, noise = usual.noise } = given;
  checkSampling({ samples, noise, seed });
  return { samples, baseline, noise, seed };
}

/** Of one sample: the baseline, and the noisy input less the baseline. */
interface Line {
  readonly from: Float32Array;
  readonly way: Float32Array;
}

/**
 * Gradient SHAP (Lundberg and Lee 2017; Erion et al. 2021, eq. 3): the mean over samples of (x − x′) · gradient at
 * x′ + α · (x − x′), with α uniform in (0, 1) and x′ one of the baselines, all equally likely; x with noise, if asked for.
 */
export function prepareGradientShap(setting: Setting, method: GradientShapMethod): Prepared {
  checkOptions('gradient-shap', setting);
  const { samples, baseline, noise, seed } = parametersOf(method);
  const { graph, info } = setting.model;
  const baselines = baselineBatch(baseline, graph.inputs[0].shape, info.preprocessing);
  const n = rowSize(baselines);
  const draws = Array.from({ length: samples }, (_, sample) => drawn(seed, sample, baselines.shape[0]));
  const { run: gradient, handling, release } = openPass(setting, { method: 'gradient' }, setting);
  const line = (original: Float32Array, sample: number): Line => {
    const from = rows(baselines, draws[sample].baseline, draws[sample].baseline + 1).data;
    return { from, way: wayFrom(from, original, noise, seed, sample) };
  };
  return {
    parameters: { samples, baseline: baselineName(baseline), noise, seed },
    handling,
    release,
    async run(input, open, watch) {
      const count = counter(watch, input.shape[0] * (1 + samples) + baselines.shape[0]);
      const clean = await gradient(input, open, count);
      const { targets } = clean;
      const mean = accumulator(targets.length);
      await overVariants(input, {
        ...setting,
        count: samples,
        make(original, sample, out) {
          const { from, way } = line(original, sample);
          for (let i = 0; i < n; i++) out[i] = from[i] + draws[sample].alpha * way[i];
        },
        run: (copies, owners) =>
          gradient(
            copies,
            owners.map((image) => targets[image]),
            count,
          ),
        use({ relevance }, row, image, sample) {
          const { way } = line(rows(input, image, image + 1).data, sample);
          const slopes = rows(relevance, row, row + 1).data;
          mean.add(
            image,
            slopes.map((slope, i) => slope * way[i]),
            1 / samples,
          );
        },
      });
      const relevance = mean.sums(input.shape);
      const some = Array.from({ length: baselines.shape[0] }, () => targets[0]);
      const { scores } = await gradient(baselines, some, count);
      const away = meanScores(scores, draws);
      return { ...clean, relevance, completeness: completeness(relevance, clean, away) };
    },
  };
}

/** How far along the line a sample lies, and which baseline that begins at. */
export function drawn(seed: number, sample: number, baselines: number): { alpha: number; baseline: number } {
  const random = new Float32Array(2);
  fillUniform(random, seed, 2 * sample, 0, 1);
  return { alpha: random[0], baseline: Math.min(baselines - 1, Math.floor(random[1] * baselines)) };
}

/** From a baseline to the input, with the noise of this sample: `noise` times the input's range as standard deviation. */
function wayFrom(
  from: Float32Array,
  original: Float32Array,
  noise: number,
  seed: number,
  sample: number,
): Float32Array {
  const way = original.map((value, i) => value - from[i]);
  if (noise === 0) return way;
  const normal = new Float32Array(way.length);
  fillNormal(normal, seed, 2 * sample + 1);
  const deviation = noise * rangeOf(original);
  for (let i = 0; i < way.length; i++) way[i] += deviation * normal[i];
  return way;
}

/** The mean over samples of the scores B×K of their baselines. */
function meanScores(
  { shape: [, classes], data }: Tensor<'float32'>,
  draws: readonly ReturnType<typeof drawn>[],
): Float64Array {
  const mean = new Float64Array(classes);
  for (const { baseline } of draws)
    for (let k = 0; k < classes; k++) mean[k] += data[baseline * classes + k] / draws.length;
  return mean;
}
