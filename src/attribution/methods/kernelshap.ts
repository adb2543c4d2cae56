import { fail } from '../../common/error.ts';
import { counter } from '../../common/progress.ts';
import { float32 } from '../../graph/index.ts';
import { samplingDefaults } from '../defaults.ts';
import { checkOptions } from '../method.ts';
import type { KernelShapMethod } from '../perturbation.ts';
import type { Prepared, Setting } from '../prepared.ts';
import { baselineName, baselineValues } from './baseline.ts';
import type { PlaneSize } from './bilinear.ts';
import { coalitions } from './coalitions.ts';
import { openForward, overChannels } from './forward.ts';
import { checkSampling } from './sampling.ts';
import { shapleyValues } from './shapley.ts';
import { overVariants } from './variants.ts';
import { windowSize } from './windows.ts';

/**
 * Kernel SHAP (Lundberg and Lee 2017) over the squares of a grid: see {@link coalitions} for what is tried, and
 * {@link shapleyValues} for what is made of it. Squares are cut evenly: none is a sliver at an edge, which would count as much as a
 * whole square and get its pixels far too much.
 */
export function prepareKernelShap(setting: Setting, method: KernelShapMethod): Prepared {
  checkOptions('kernel-shap', setting);
  const { seed = 0, fill = 'zero', of = 'score' } = method;
  const forward = openForward(setting, of);
  const [height, width] = forward.size;
  const window = windowSize(method.window, height, width, samplingDefaults['kernel-shap'].across);
  const { squares, squareOf, sizes } = gridOf(height, width, window);
  const { samples = samplingDefaults['kernel-shap'].samples + 2 * squares } = method;
  checkSampling({ samples, seed });
  // Fewer where these are all that there are.
  if (samples < Math.min(2 * squares, 2 ** squares - 2))
    fail(
      'samples',
      `${samples} cannot tell ${squares} squares apart`,
      `give ${2 * squares} or more, or a larger window`,
    );
  const tried = coalitions(squares, samples, seed);
  const plane = height * width;
  const { shape } = setting.model.graph.inputs[0];
  const hidden = baselineValues(fill, shape, setting.model.info.preprocessing);
  return {
    parameters: { samples: tried.length, window: window.join('×'), fill: baselineName(fill), of, seed },
    release: forward.release,
    async run(input, open, watch) {
      const images = input.shape[0];
      const count = counter(watch, images * (1 + tried.length) + 1);
      const { clean, targets, valueIn } = await forward.begin(input, open, count);
      const nothing = await forward.run(float32([1, ...input.shape.slice(1)], hidden), count);
      const values = targets.map(() => new Float64Array(tried.length));
      await overVariants(input, {
        ...setting,
        count: tried.length,
        make(original, coalition, out) {
          const { members } = tried[coalition];
          for (let i = 0; i < out.length; i++)
            out[i] = members[squareOf[i % plane]] === 1 ? original[i] : hidden[i];
        },
        run: (copies) => forward.run(copies, count),
        use(result, row, image, coalition) {
          values[image][coalition] = valueIn(result, row, image) - valueIn(nothing, 0, image);
        },
      });
      const cells = new Float64Array(images * plane);
      const sums = targets.map((_, image) => {
        const total = valueIn(clean, image, image) - valueIn(nothing, 0, image);
        const shares = shapleyValues(squares, tried, values[image], total);
        squareOf.forEach((square, i) => {
          cells[image * plane + i] = shares[square] / sizes[square];
        });
        return { attributed: shares.reduce((sum, share) => sum + share, 0), difference: total };
      });
      const { scores, output } = clean;
      const relevance = overChannels(cells, forward, images);
      return { scores, output, relevance, layers: {}, targets, completeness: sums };
    },
  };
}

/**
 * Squares of about so many pixels over a plane, row by row, whose sides differ by one pixel at most: how many, which one
 * each pixel is of, and how many pixels each has.
 */
export function gridOf(height: number, width: number, window: PlaneSize) {
  const down = Math.max(1, Math.round(height / window[0]));
  const across = Math.max(1, Math.round(width / window[1]));
  const squares = down * across;
  const squareOf = Uint32Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return Math.floor((y * down) / height) * across + Math.floor((x * across) / width);
  });
  const sizes = new Float64Array(squares);
  for (const square of squareOf) sizes[square]++;
  return { squares, squareOf, sizes };
}
