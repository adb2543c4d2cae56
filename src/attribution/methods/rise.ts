import { fail } from '../../common/error.ts';
import { counter } from '../../common/progress.ts';
import { fillUniform } from '../../common/random.ts';
import { samplingDefaults } from '../defaults.ts';
import { checkOptions } from '../method.ts';
import type { RiseMethod } from '../perturbation.ts';
import type { Prepared, Setting } from '../prepared.ts';
import { baselineName, baselineValues } from './baseline.ts';
import { enlarger, type PlaneSize } from './bilinear.ts';
import { openForward, overChannels } from './forward.ts';
import { checkSampling } from './sampling.ts';
import { overVariants } from './variants.ts';

/** The parameters with their defaults. Errors: values that make no sense. */
function parametersOf(method: RiseMethod) {
  const usual = samplingDefaults.rise;
  const { samples = usual.samples, cells = usual.cells, keep = usual.keep } = method;
  const { seed = 0, fill = 'zero', of = 'probability' } = method;
  checkSampling({ samples, seed });
  if (!Number.isInteger(cells) || cells < 1) fail('cells', `expected 1 or more, got ${cells}`);
  if (!(keep > 0 && keep < 1)) fail('keep', `expected a number between 0 and 1, got ${keep}`);
  return { samples, cells, keep, seed, fill, of };
}

/**
 * RISE (Petsiuk et al. 2018), centred: R = Σ_i (f(x ⊙ M_i) − f̄) · M_i / (N · keep) with f̄ = Σ_i f(x ⊙ M_i) / N. A mask M_i has
 * cells×cells squares, each kept with the probability `keep`, enlarged bilinearly by one square more than the input has and
 * cut to the input's size at a random place, so that it has no grid of its own. What is hidden is the baseline's.
 *
 * The paper's map (eq. 6, without f̄) estimates the expected f given that a pixel is seen. It is nearly f̄ everywhere, and what
 * tells pixels apart is a small part of it, which those who use it scale to the whole range. Less f̄ it says how far above the
 * expectation f is where the pixel is seen: the same order of pixels, zero for what does not matter, and less grain, since
 * no pixel gains by how often the N masks happened to show it.
 */
export function prepareRise(setting: Setting, method: RiseMethod): Prepared {
  checkOptions('rise', setting);
  const { samples, fill, of, ...masks } = parametersOf(method);
  const { cells, keep, seed } = masks;
  const forward = openForward(setting, of);
  const [height, width] = forward.size;
  const plane = height * width;
  const { graph, info } = setting.model;
  const hidden = baselineValues(fill, graph.inputs[0].shape, info.preprocessing);
  const makeMask = masker(forward.size, masks);
  return {
    parameters: { samples, cells, keep, seed, fill: baselineName(fill), of },
    release: forward.release,
    async run(input, open, watch) {
      const images = input.shape[0];
      const count = counter(watch, images * (1 + samples));
      const { clean, targets, valueIn } = await forward.begin(input, open, count);
      // Copies are used in order, but made ahead of that.
      const [made, used] = [remembering(plane, makeMask), remembering(plane, makeMask)];
      const sums = new Float64Array(images * plane);
      const shown = new Float64Array(plane);
      const means = new Float64Array(images);
      await overVariants(input, {
        ...setting,
        count: samples,
        make(original, sample, out) {
          const mask = made(sample);
          for (let i = 0; i < out.length; i++)
            out[i] = hidden[i] + mask[i % plane] * (original[i] - hidden[i]);
        },
        run: (copies) => forward.run(copies, count),
        use(result, row, image, sample) {
          const value = valueIn(result, row, image);
          const mask = used(sample);
          means[image] += value / samples;
          for (let i = 0; i < plane; i++) sums[image * plane + i] += value * mask[i];
          // All images are seen through the same masks.
          if (image === 0) for (let i = 0; i < plane; i++) shown[i] += mask[i];
        },
      });
      const centred = sums.map((sum, i) => {
        const image = Math.floor(i / plane);
        return (sum - means[image] * shown[i % plane]) / (samples * keep);
      });
      const { scores, output } = clean;
      return { scores, output, relevance: overChannels(centred, forward, images), layers: {}, targets };
    },
  };
}

type MakeMask = (sample: number, out: Float32Array) => void;

/** Makes the masks, each from the seed and its number alone. */
export function masker(
  size: PlaneSize,
  { cells, keep, seed }: { readonly cells: number; readonly keep: number; readonly seed: number },
): MakeMask {
  const side = size.map((n) => Math.ceil(n / cells));
  const enlarge = enlarger([cells, cells], [(cells + 1) * side[0], (cells + 1) * side[1]], size);
  const random = new Float32Array(cells * cells + 2);
  return (sample, out) => {
    fillUniform(random, seed, sample, 0, 1);
    const grid = random.subarray(0, cells * cells).map((r) => Number(r < keep));
    const [top, left] = side.map((n, i) => Math.min(n - 1, Math.floor(random[cells * cells + i] * n)));
    enlarge(grid, out, [top, left]);
  };
}

/** Makes a mask again only where it is another than the last. */
function remembering(plane: number, make: MakeMask): (sample: number) => Float32Array {
  const mask = new Float32Array(plane);
  let last = -1;
  return (sample) => {
    if (sample !== last) make(sample, mask);
    last = sample;
    return mask;
  };
}
