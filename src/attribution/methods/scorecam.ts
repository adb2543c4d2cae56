import { counter } from '../../common/progress.ts';
import { float32 } from '../../graph/index.ts';
import { checkOptions } from '../method.ts';
import type { ScoreCamMethod } from '../perturbation.ts';
import type { Prepared, Setting } from '../prepared.ts';
import { baselineName, baselineValues } from './baseline.ts';
import { enlarger } from './bilinear.ts';
import { lastFeatureMaps, mapSize } from './featuremaps.ts';
import { openForward, overChannels } from './forward.ts';
import { overVariants } from './variants.ts';

/**
 * Score-CAM (Wang et al. 2020, algorithm 1): max(0, Σ_k a_k A_k) with a = softmax over the maps of
 * f(x ⊙ s(A_k)) − f(x′), where s enlarges a map bilinearly to the input and moves its numbers to 0…1. Here what a map
 * hides is the baseline x′ (zero in the paper). A map of one number everywhere hides all.
 */
export function prepareScoreCam(setting: Setting, method: ScoreCamMethod): Prepared {
  checkOptions('score-cam', setting);
  const { fill = 'zero', of = 'score' } = method;
  const layer = method.layer ?? lastFeatureMaps(setting.model, setting.output.output);
  const forward = openForward(setting, of, layer);
  const [maps] = forward.maps;
  const size = mapSize(layer, ['N', ...forward.maps]);
  const cells = size[0] * size[1];
  const plane = forward.size[0] * forward.size[1];
  const enlarge = enlarger(size, forward.size);
  const { shape } = setting.model.graph.inputs[0];
  const away = baselineValues(fill, shape, setting.model.info.preprocessing);
  return {
    parameters: { layer, fill: baselineName(fill), of },
    release: forward.release,
    async run(input, open, watch) {
      const images = input.shape[0];
      const count = counter(watch, images * (1 + maps) + 1);
      const { clean, targets, valueIn } = await forward.begin(input, open, count);
      const nothing = await forward.run(float32([1, ...input.shape.slice(1)], away), count);
      const mapOf = (image: number, k: number) =>
        clean.maps!.data.subarray((image * maps + k) * cells, (image * maps + k + 1) * cells);
      const mask = new Float32Array(plane);
      const rises = targets.map(() => new Float64Array(maps));
      await overVariants(input, {
        ...setting,
        count: maps,
        make(original, k, out, image) {
          enlarge(mapOf(image, k), mask);
          normalise(mask);
          for (let i = 0; i < out.length; i++) out[i] = away[i] + mask[i % plane] * (original[i] - away[i]);
        },
        run: (copies) => forward.run(copies, count),
        use(result, row, image, k) {
          rises[image][k] = valueIn(result, row, image) - valueIn(nothing, 0, image);
        },
      });
      const whole = new Float64Array(images * plane);
      rises.forEach((rise, image) => {
        const weights = softmax(rise);
        const sum = Float64Array.from({ length: cells }, (_, cell) =>
          weights.reduce((total, weight, k) => total + weight * mapOf(image, k)[cell], 0),
        );
        enlarge(
          sum.map((value) => Math.max(0, value)),
          mask,
        );
        whole.set(mask, image * plane);
      });
      const { scores, output } = clean;
      return { scores, output, relevance: overChannels(whole, forward, images), layers: {}, targets };
    },
  };
}

/** Moves numbers to 0…1, in place; to 0 where they are all the same. */
function normalise(mask: Float32Array): void {
  let [low, high] = [mask[0], mask[0]];
  for (const value of mask) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = high - low;
  for (let i = 0; i < mask.length; i++) mask[i] = range > 0 ? (mask[i] - low) / range : 0;
}

function softmax(values: Float64Array): Float64Array {
  const most = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
