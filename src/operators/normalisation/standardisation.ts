import { type GraphBuilder, type Shape, size } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { axisOf, reshapeLike, sumTo } from '../shaping.ts';
import type { Site } from '../site.ts';

/**
 * y = (x − μ)·r·scale + bias, where μ is the mean over some axes (0 where it is not centred) and r the inverse of the
 * root mean square of x − μ over them: r = 1/√(mean (x − μ)² + ε).
 */
interface Standardisation extends Pick<Operator, 'since'> {
  /** The axes that statistics are taken over, of the input or of how `arrange` sees it. */
  readonly axes: (site: Site) => readonly number[];
  readonly centred: boolean;
  readonly epsilon: (site: Site) => number;
  /** The shape in which the input is looked at; as it is unless given. */
  readonly arrange?: (site: Site) => Shape;
  /** The shape in which scale and bias (inputs 1 and 2) stand beside the input; as they are unless given. */
  readonly place?: (site: Site) => Shape;
  /** Errors: parameters that do not fit. */
  readonly check?: (site: Site) => void;
  /** Whether ONNX Runtime has a kernel for it; else it is made of arithmetic. */
  readonly kernel: boolean;
}

function standardisation(op: string, s: Standardisation): Operator {
  return {
    op,
    ...(s.since !== undefined && { since: s.since }),
    shapes(site) {
      s.check?.(site);
      s.axes(site);
      if (site.node.outputs.length > 1) site.fail('outputs of statistics are not supported');
      return [site.shape(0)];
    },
    role: () => ({ kind: 'standardisation' }),
    vjp(b, site, [dy], input) {
      if (dy === undefined) return undefined;
      const { standardised, inverse } = partsOf(b, site, s);
      const shape = site.shape(0);
      if (input === 2) return parameterGradient(b, site, s, dy, 2);
      const back = backTo(b, site, s);
      if (input === 1) return parameterGradient(b, site, s, b.op('Mul', [dy, back(standardised)]), 1);
      // dx = r·(g − mean g − x̂·mean(g·x̂)), g = dy·scale.
      const scaled = site.has(1) ? b.op('Mul', [dy, parameter(b, site, s, 1)]) : dy;
      const g = arranged(b, site, s, scaled, shape);
      const axes = b.ints(...s.axes(site));
      const mean = (value: string) => b.op('ReduceMean', [value, axes], { keepdims: 1 });
      const along = b.op('Mul', [standardised, mean(b.op('Mul', [g, standardised]))]);
      const rest = b.op('Sub', [s.centred ? b.op('Sub', [g, mean(g)]) : g, along]);
      return back(b.op('Mul', [rest, inverse]));
    },
    fixedScale(b, site) {
      const { inverse } = partsOf(b, site, s);
      const back = backTo(b, site, s);
      return {
        transpose(given) {
          const scaled = site.has(1) ? b.op('Mul', [given, parameter(b, site, s, 1)]) : given;
          const g = b.op('Mul', [arranged(b, site, s, scaled, site.shape(0)), inverse]);
          if (!s.centred) return back(g);
          const mean = b.op('ReduceMean', [g, b.ints(...s.axes(site))], { keepdims: 1 });
          return back(b.op('Sub', [g, mean]));
        },
        ...(site.has(2) && { bias: parameter(b, site, s, 2) }),
      };
    },
    ...(!s.kernel && {
      lower(b: GraphBuilder, site: Site) {
        const y = backTo(b, site, s)(partsOf(b, site, s).standardised);
        const scaled = site.has(1) ? b.op('Mul', [y, parameter(b, site, s, 1)]) : y;
        return site.has(2) ? b.op('Add', [scaled, parameter(b, site, s, 2)]) : scaled;
      },
    }),
  };
}

/** x̂ = (x − μ)·r and r, as the input is looked at. */
function partsOf(b: GraphBuilder, site: Site, s: Standardisation) {
  const axes = b.ints(...s.axes(site));
  const mean = (value: string) => b.op('ReduceMean', [value, axes], { keepdims: 1 });
  const x = arranged(b, site, s, site.input(0), site.shape(0));
  const centred = s.centred ? b.op('Sub', [x, mean(x)]) : x;
  const variance = b.op('Add', [mean(b.op('Mul', [centred, centred])), b.scalar(s.epsilon(site))]);
  // No division of 1: ONNX Runtime (1.30) fuses a product with one, and then cannot load the graph if its other factor
  // is a product with ones, which it removes.
  const inverse = b.op('Reciprocal', [b.op('Sqrt', [variance])]);
  return { standardised: b.op('Mul', [centred, inverse]), inverse };
}

function arranged(b: GraphBuilder, site: Site, s: Standardisation, value: string, from: Shape): string {
  const to = s.arrange?.(site) ?? from;
  return to === from ? value : reshapeLike(b, value, to);
}

const backTo = (b: GraphBuilder, site: Site, s: Standardisation) => (value: string) =>
  s.arrange ? reshapeLike(b, value, site.shape(0)) : value;

/** Scale or bias where it broadcasts against the input. */
function parameter(b: GraphBuilder, site: Site, s: Standardisation, i: number): string {
  const shape = s.place?.(site);
  return shape ? reshapeLike(b, site.input(i), shape) : site.input(i);
}

function parameterGradient(
  b: GraphBuilder,
  site: Site,
  s: Standardisation,
  value: string,
  i: number,
): string {
  const placed = s.place?.(site) ?? site.shape(i);
  const summed = sumTo(b, value, site.shape(0), placed);
  return s.place ? reshapeLike(b, summed, site.shape(i)) : summed;
}

/** From `axis` (the last unless given) on. */
function trailing(site: Site): number[] {
  const rank = site.shape(0).length;
  const first = axisOf(site, site.int('axis', -1), rank);
  return Array.from({ length: rank - first }, (_, i) => first + i);
}

const epsilonOf = (site: Site): number => site.float('epsilon', 1e-5);

/** Layer normalisation (Ba et al. 2016), over the axes from `axis` on: x, scale, bias. */
export const layerNormalization = standardisation('LayerNormalization', {
  axes: trailing,
  centred: true,
  epsilon: epsilonOf,
  kernel: true,
});

/** Root mean square normalisation (Zhang and Sennrich 2019), over the axes from `axis` on: x, scale. */
export const rmsNormalization = standardisation('RMSNormalization', {
  since: 23,
  axes: trailing,
  centred: false,
  epsilon: epsilonOf,
  kernel: false,
});

const spatial = (site: Site): number[] => {
  if (site.shape(0).length < 3) site.fail(`needs an input with spatial axes, got [${site.shape(0)}]`);
  return site.shape(0).flatMap((_, i) => (i < 2 ? [] : [i]));
};

const perChannelShape = (site: Site): Shape => [
  site.dim(0, 1),
  ...site
    .shape(0)
    .slice(2)
    .map(() => 1),
];

function checkPerChannel(site: Site): void {
  const channels = site.dim(0, 1);
  for (const i of [1, 2]) {
    if (size(site.dims(i)) !== channels)
      site.fail(`input ${i} [${site.shape(i)}] does not fit ${channels} channels`);
  }
}

/** Instance normalisation (Ulyanov et al. 2016): each channel of each image over its positions; x, scale, bias. */
export const instanceNormalization = standardisation('InstanceNormalization', {
  axes: spatial,
  centred: true,
  epsilon: epsilonOf,
  place: perChannelShape,
  check: checkPerChannel,
  kernel: true,
});

/** Group normalisation (Wu and He 2018): groups of channels of each image; x, scale and bias per channel. */
export const groupNormalization = standardisation('GroupNormalization', {
  since: 21,
  axes: () => [2],
  centred: true,
  epsilon: epsilonOf,
  arrange(site) {
    const dims = site.dims(0, 1);
    const groups = site.int('num_groups');
    return [site.shape(0)[0], groups, size(dims) / groups];
  },
  place: perChannelShape,
  check(site) {
    checkPerChannel(site);
    const [channels, groups] = [site.dim(0, 1), site.int('num_groups')];
    if (channels % groups !== 0) site.fail(`${channels} channels do not make ${groups} groups`);
  },
  kernel: false,
});

/** (x − μ)/σ over `axes` (batch and positions unless given). ONNX adds its 1e-9 to σ, which float32 cannot tell. */
export const meanVarianceNormalization = standardisation('MeanVarianceNormalization', {
  axes: (site) => site.ints('axes', [0, 2, 3]).map((axis) => axisOf(site, axis, site.shape(0).length)),
  centred: true,
  epsilon: () => 1e-18,
  kernel: false,
});
