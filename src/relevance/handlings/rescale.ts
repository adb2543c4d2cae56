import { gaussLegendre } from '../../common/quadrature.ts';
import type { GraphBuilder } from '../../graph/index.ts';
import { type LinearMap, operatorOf, type Site } from '../../operators/index.ts';
import type { Reference } from '../reference.ts';
import type { Passage } from '../walk.ts';

/**
 * The multiplier that an operation carries back between a reference x′ and the input x: that of its output times the
 * mean of its derivative on the straight line from x′ to x, so that Σ multiplier · (x − x′) is conserved.
 *
 * - Functions of each element: Δy/Δx, the rescale rule of DeepLIFT (Shrikumar et al. 2017, eq. 11); where x and x′ are
 *   (nearly) equal, the derivative.
 * - Maxima: what y and y′ have above each other goes to the winners of the pass where it is larger, as SHAP's and
 *   Captum's DeepLIFT have it.
 * - Sums and what is linear: the derivative. Products: the mean of the other operand, a and a′; so, too, where weights are computed
 *   from the input (conditional convolutions), which is a product of weights and input.
 * - Everything else (softmax inside the network, normalisation by statistics, quotients, norms): the mean derivative by
 *   Gauss and Legendre.
 */
export function rescale(
  b: GraphBuilder,
  { site, role, relevance: multiplier, input, walk: { reference } }: Passage,
): string | undefined {
  if (!reference) return site.fail("'rescale' compares with a reference, and none is given", 'give one');
  if (site.type(input) !== 'float32') return undefined;
  switch (role.kind) {
    case 'linear':
      return computesWeights(site, role.map, reference)
        ? onTheWay(b, site, multiplier, input, reference, 'line')
        : operatorOf(site.node).vjp(b, site, [multiplier], input);
    case 'activation':
      return byElements(b, site, multiplier, input, reference);
    case 'max':
      return byWinners(b, site, multiplier, input, reference);
    case 'sum':
      if (role.linear !== false) return operatorOf(site.node).vjp(b, site, [multiplier], input);
      return onTheWay(b, site, multiplier, input, reference, 'curve');
    case 'product': {
      // The derivative of a product is linear along the line: its mean is that in the middle.
      const isBilinear = role.form === 'elements' || role.form === 'matrices';
      return onTheWay(b, site, multiplier, input, reference, isBilinear ? 'line' : 'curve');
    }
    default:
      return onTheWay(b, site, multiplier, input, reference, 'curve');
  }
}

/** Whether weights or bias depend on the network's input. */
const computesWeights = ({ node }: Site, { input }: LinearMap, reference: Reference): boolean =>
  node.inputs.some((value, i) => i !== input && reference.of(value) !== value);

/** Below this share of |x| + |x′| a difference of x and x′ is more rounding than difference. */
const nearly = 1e-5;

function byElements(
  b: GraphBuilder,
  site: Site,
  multiplier: string,
  input: number,
  reference: Reference,
): string | undefined {
  const slope = operatorOf(site.node).vjp(b, site, [multiplier], input);
  if (slope === undefined) return undefined;
  const [x, y] = [site.input(input), site.node.outputs[0]];
  const [there, made] = [reference.of(x), reference.of(y)];
  // Of several inputs the line's derivative belongs to each: only functions of one element have a quotient of it.
  const others = site.node.inputs.some((value, i) => i !== input && reference.of(value) !== value);
  if (others || site.shape(input).join() !== site.output().join())
    return onTheWay(b, site, multiplier, input, reference, 'curve');
  const way = b.op('Sub', [x, there]);
  const sizes = b.op('Add', [b.op('Abs', [x]), b.op('Abs', [there])]);
  const small = b.op('LessOrEqual', [b.op('Abs', [way]), b.op('Mul', [sizes, b.scalar(nearly)])]);
  const quotient = b.op('Div', [b.op('Sub', [y, made]), b.op('Where', [small, b.scalar(1), way])]);
  return b.op('Where', [small, slope, b.op('Mul', [multiplier, quotient])]);
}

function byWinners(
  b: GraphBuilder,
  site: Site,
  multiplier: string,
  input: number,
  reference: Reference,
): string | undefined {
  const { vjp } = operatorOf(site.node);
  const [x, y] = [site.input(input), site.node.outputs[0]];
  const [there, made] = [reference.of(x), reference.of(y)];
  const most = b.op('Max', [y, made]);
  const rise = b.op('Mul', [multiplier, b.op('Sub', [most, made])]);
  const fall = b.op('Mul', [multiplier, b.op('Sub', [y, most])]);
  const here = vjp(b, site, [rise], input);
  const back = vjp(b, reference.counterpart(site), [fall], input);
  if (here === undefined || back === undefined) return here ?? back;
  // A winner differs from what it was in the other pass, or there is nothing to share.
  const way = b.op('Sub', [x, there]);
  const isZero = b.op('Equal', [way, b.scalar(0)]);
  const given = b.op('Div', [b.op('Add', [here, back]), b.op('Where', [isZero, b.scalar(1), way])]);
  return b.op('Where', [isZero, b.scalar(0), given]);
}

/** How the mean along the line is taken: of what is linear there, and of anything else. */
const quadratures = { line: gaussLegendre(1), curve: gaussLegendre(8) };

/** The mean of the derivative on the way from the reference to the input, all inputs moving together. */
function onTheWay(
  b: GraphBuilder,
  site: Site,
  multiplier: string,
  input: number,
  reference: Reference,
  kind: keyof typeof quadratures,
): string | undefined {
  let mean: string | undefined;
  const { points, weights } = quadratures[kind];
  for (const [k, point] of points.entries()) {
    const inputs = site.node.inputs.map((value, i) => {
      const there = reference.of(value);
      if (there === value || site.type(i) !== 'float32') return value;
      return b.op('Add', [there, b.op('Mul', [b.op('Sub', [value, there]), b.scalar(point)])]);
    });
    const at = reference.again(site, inputs);
    const back = operatorOf(site.node).vjp(b, at, [b.op('Mul', [multiplier, b.scalar(weights[k])])], input);
    if (back !== undefined) mean = mean === undefined ? back : b.op('Add', [mean, back]);
  }
  return mean;
}
