import { float32, type GraphBuilder } from '../../graph/index.ts';
import { giveSize } from '../opensize.ts';
import type { Operator } from '../operator.ts';
import { axisOf } from '../shaping.ts';
import type { Site } from '../site.ts';

/**
 * Images of another size, from the nearest pixel, linearly between two or cubically between four. Along each axis it is a matrix that does not
 * depend on the image: the VJP multiplies by its transpose. Its rows sum to 1, so that relevance is kept.
 */
export const resize: Operator = {
  op: 'Resize',
  shapes(site) {
    const shape = [...site.shape(0)];
    for (const { axis, output } of axesOf(site)) shape[axis] = output;
    return [shape];
  },
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => site.string('mode', 'nearest') !== 'cubic' && known(site.input(0)),
  vjp(b, site, [dy], input) {
    if (dy === undefined || input !== 0) return undefined;
    const rank = site.shape(0).length;
    return axesOf(site).reduce((value, resized) => {
      const { axis } = resized;
      if (axis === rank - 2) return b.op('MatMul', [matrix(b, site, resized, true), value]);
      if (axis === rank - 1) return b.op('MatMul', [value, matrix(b, site, resized, false)]);
      const perm = Array.from({ length: rank }, (_, i) =>
        i === axis ? rank - 1 : i === rank - 1 ? axis : i,
      );
      const last = b.op('Transpose', [value], { perm });
      const back = b.op('MatMul', [last, matrix(b, site, resized, false)]);
      return b.op('Transpose', [back], { perm });
    }, dy);
  },
};

/** One axis that changes. */
interface Resized {
  readonly axis: number;
  readonly input: number;
  readonly output: number;
  /** Output pixels per input pixel. */
  readonly scale: number;
}

function axesOf(site: Site): Resized[] {
  const shape = site.shape(0);
  const rank = shape.length;
  checkModes(site);
  const axes = site.node.attributes.axes
    ? site.ints('axes').map((axis) => axisOf(site, axis, rank))
    : shape.map((_, i) => i);
  const bySize = site.has(3);
  const given = bySize ? site.dimensions(3) : site.has(2) ? site.constants(2) : site.fail('it has no scales');
  if (given.length !== axes.length)
    site.fail(`${given.length} ${bySize ? 'sizes' : 'scales'} for ${axes.length} axes`);
  return axes.flatMap((axis, i) => {
    if (bySize ? given[i] === shape[axis] : given[i] === 1) return [];
    const input = site.dim(0, axis);
    const value = given[i];
    if (typeof value !== 'number') return site.fail(`the size ${value} is not fixed`, giveSize);
    return bySize
      ? [{ axis, input, output: value, scale: value / input }]
      : [{ axis, input, output: Math.floor(input * value), scale: value }];
  });
}

function checkModes(site: Site): void {
  const mode = site.string('mode', 'nearest');
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'cubic')
    site.fail(`mode '${mode}' is not supported`);
  if (site.int('antialias', 0) !== 0) site.fail('antialiasing is not supported');
  if (site.string('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    site.fail('keeping the aspect ratio is not supported');
}

/** Where an output pixel lies on the input's axis. */
function coordinate(site: Site, { input, output, scale }: Resized, at: number): number {
  const mode = site.string('coordinate_transformation_mode', 'half_pixel');
  switch (mode) {
    case 'half_pixel':
      return (at + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return output > 1 ? (at + 0.5) / scale - 0.5 : 0;
    case 'asymmetric':
      return at / scale;
    case 'align_corners':
      return output > 1 ? (at * (input - 1)) / (output - 1) : 0;
    default:
      return site.fail(`coordinates '${mode}' are not supported`);
  }
}

function nearest(site: Site, at: number): number {
  const mode = site.string('nearest_mode', 'round_prefer_floor');
  switch (mode) {
    case 'round_prefer_floor':
      return Math.ceil(at - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(at + 0.5);
    case 'floor':
      return Math.floor(at);
    case 'ceil':
      return Math.ceil(at);
    default:
      return site.fail(`the rounding '${mode}' is not supported`);
  }
}

/** The weights of four pixels around a place that lies `t` behind the second: Keys (1981), with parameter a. */
function cubicWeights(t: number, a: number): readonly [number, number, number, number] {
  const near = (x: number) => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

/** What each output pixel takes of each input pixel: output×input, or transposed. */
function matrix(b: GraphBuilder, site: Site, resized: Resized, transposed: boolean): string {
  const { input, output } = resized;
  const modes = ['mode', 'coordinate_transformation_mode', 'nearest_mode'].map((name) =>
    site.string(name, ''),
  );
  const a = site.float('cubic_coeff_a', -0.75);
  const isWithin = site.int('exclude_outside', 0) === 1;
  const key = `resize ${[input, output, resized.scale, transposed, ...modes, a, isWithin]}`;
  return b.table(key, () => {
    const data = new Float32Array(input * output);
    const put = (row: number, column: number, weight: number) => {
      data[transposed ? column * output + row : row * input + column] += weight;
    };
    const inside = (at: number) => Math.min(Math.max(at, 0), input - 1);
    for (let row = 0; row < output; row++) {
      const at = coordinate(site, resized, row);
      if (site.string('mode', 'nearest') === 'nearest') {
        put(row, inside(nearest(site, at)), 1);
        continue;
      }
      if (modes[0] === 'cubic') {
        const first = Math.floor(at) - 1;
        const taken = cubicWeights(at - first - 1, a).map((weight, i) => {
          const isOutside = first + i < 0 || first + i >= input;
          return isWithin && isOutside ? 0 : weight;
        });
        const total = taken.reduce((sum, weight) => sum + weight, 0);
        for (const [i, weight] of taken.entries()) put(row, inside(first + i), weight / total);
        continue;
      }
      const clamped = inside(at);
      const low = Math.floor(clamped);
      put(row, low, 1 - (clamped - low));
      put(row, inside(low + 1), clamped - low);
    }
    return float32(transposed ? [input, output] : [output, input], data);
  });
}
