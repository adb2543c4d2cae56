import { perChannel } from '../convolution/transposed.ts';
import { affineMap } from '../elementwise/affine.ts';
import type { LinearMap } from '../linear.ts';
import type { Operator } from '../operator.ts';
import type { Site } from '../site.ts';

/** y = (x − mean)/√(variance + ε)·scale + bias per channel, with the statistics of training: an affine map. */
export const batchNormalization: Operator = {
  op: 'BatchNormalization',
  shapes(site) {
    if (site.int('training_mode', 0) !== 0)
      site.fail('training mode is not supported', 'export the network for inference');
    const channels = site.shape(0)[1];
    for (const i of [1, 2, 3, 4]) {
      if (site.dim(i, 0) !== channels)
        site.fail(`input ${i} [${site.shape(i)}] does not fit ${channels} channels`);
    }
    return [site.shape(0)];
  },
  role: (site) => ({ kind: 'linear', map: mapOf(site) }),
  affine(site) {
    if ([1, 2, 3, 4].some((i) => !site.constant(i))) return undefined;
    const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => site.constants(i));
    const factor = scale.map((s, c) => s / Math.sqrt(variance[c] + epsilonOf(site)));
    return { input: 0, axis: 1, scale: factor, shift: bias.map((b, c) => b - mean[c] * factor[c]) };
  },
  // The statistics are measured, not learned: they get no gradient.
  vjp(b, site, [dy], input) {
    if (dy === undefined || input > 2) return undefined;
    const map = mapOf(site);
    if (input === 0) return map.transpose(b, dy, map.derive!(b).weight);
    const others = b.ints(...site.shape(0).flatMap((_, axis) => (axis === 1 ? [] : [axis])));
    if (input === 2) return b.op('ReduceSum', [dy, others], { keepdims: 0 });
    const centred = b.op('Sub', [site.input(0), map.perOutput(b, site.input(3))]);
    const products = b.op('ReduceSum', [b.op('Mul', [dy, centred]), others], { keepdims: 0 });
    return b.op('Div', [products, b.op('Sqrt', [b.op('Add', [site.input(4), b.scalar(epsilonOf(site))])])]);
  },
};

const epsilonOf = (site: Site): number => site.float('epsilon', 1e-5);

function mapOf(site: Site): LinearMap {
  const spatial = site.shape(0).length - 2;
  return affineMap(site, {
    input: 0,
    place: (b, vector) => perChannel(b, vector, spatial),
    derive(b) {
      const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => site.input(i));
      const deviation = b.op('Sqrt', [b.op('Add', [variance, b.scalar(epsilonOf(site))])]);
      const weight = b.op('Div', [scale, deviation]);
      return { weight, bias: b.op('Sub', [bias, b.op('Mul', [mean, weight])]) };
    },
  });
}
