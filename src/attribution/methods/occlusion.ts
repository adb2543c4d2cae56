import { counter } from '../../common/progress.ts';
import { checkOptions } from '../method.ts';
import type { OcclusionMethod } from '../perturbation.ts';
import type { Prepared, Setting } from '../prepared.ts';
import { baselineName, baselineValues } from './baseline.ts';
import { openForward, overChannels } from './forward.ts';
import { overVariants } from './variants.ts';
import { coverage, eachCell, occlusionParameters, windowStarts } from './windows.ts';

/**
 * Occlusion (Zeiler and Fergus 2014): R at a pixel = the mean, over the windows that cover it, of f(x) − f(x with the
 * window covered), where f is the explained sum of scores or probabilities. Channels get equal parts.
 */
export function prepareOcclusion(setting: Setting, method: OcclusionMethod): Prepared {
  checkOptions('occlusion', setting);
  const { fill = 'zero', of = 'score' } = method;
  const forward = openForward(setting, of);
  const [height, width] = forward.size;
  const { window, stride } = occlusionParameters(method, height, width);
  const { graph, info } = setting.model;
  const colour = baselineValues(fill, graph.inputs[0].shape, info.preprocessing);
  const plane = height * width;
  const starts = windowStarts(height, window[0], stride[0]).flatMap((top) =>
    windowStarts(width, window[1], stride[1]).map((left) => ({ top, left })),
  );
  return {
    parameters: { window: window.join('×'), stride: stride.join('×'), fill: baselineName(fill), of },
    release: forward.release,
    async run(input, open, watch) {
      const images = input.shape[0];
      const count = counter(watch, images * (1 + starts.length));
      const { clean, targets, valueIn } = await forward.begin(input, open, count);
      const before = targets.map((_, image) => valueIn(clean, image, image));
      const drops = new Float64Array(images * plane);
      await overVariants(input, {
        ...setting,
        count: starts.length,
        make(original, at, out) {
          out.set(original);
          eachCell(starts[at], window, width, (cell) => {
            for (let i = cell; i < out.length; i += plane) out[i] = colour[i];
          });
        },
        run: (copies) => forward.run(copies, count),
        use(result, row, image, at) {
          const drop = before[image] - valueIn(result, row, image);
          eachCell(starts[at], window, width, (cell) => {
            drops[image * plane + cell] += drop;
          });
        },
      });
      const covers = coverage(starts, window, width, plane);
      const means = drops.map((drop, i) => drop / covers[i % plane]);
      const { scores, output } = clean;
      return { scores, output, relevance: overChannels(means, forward, images), layers: {}, targets };
    },
  };
}
