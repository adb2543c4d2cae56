import { type GraphBuilder, type Shape, size } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { reshapeLike, sameShape } from '../shaping.ts';
import type { Site } from '../site.ts';

/** What sets one loss apart from another: all are a sum over a batch, of the shape []. */
interface Loss {
  readonly op: string;
  /** Errors: inputs that do not fit together. */
  check(site: Site): void;
  /** The sum, from ordinary ONNX operators. */
  value(b: GraphBuilder, site: Site): string;
  /** Its derivative by an input, in that input's shape; undefined where there is none. */
  derivative(b: GraphBuilder, site: Site, input: number): string | undefined;
}

/**
 * A loss as an operator of limn's own domain, since ONNX has none with Caffe's clamps and its freedom from labels that
 * do not count. It runs in its lowered form only.
 */
export const loss = ({ op, check, value, derivative }: Loss): Operator => ({
  op,
  shapes(site) {
    if (site.type(0) !== 'float32') site.fail(`'${site.input(0)}' must be float32, not ${site.type(0)}`);
    check(site);
    return [[]];
  },
  types: () => ['float32'],
  role: (site) => site.fail('is a loss: no relevance passes through it', 'explain the scores below it'),
  lower: value,
  vjp(b, site, [dy], input) {
    if (dy === undefined) return undefined;
    const slope = derivative(b, site, input);
    return slope && b.op('Mul', [dy, slope]);
  },
});

/** ONNX's numbers of the types that losses cast to. */
export const [toFloat, toInt] = [{ to: 1 }, { to: 6 }];

/** Σ over all elements, []. */
export const total = (b: GraphBuilder, value: string): string => b.op('ReduceSum', [value], { keepdims: 0 });

/** The value, but 0 where `condition` holds: unlike a product with 0, also for what is not finite. */
export const zeroWhere = (b: GraphBuilder, condition: string | undefined, value: string): string =>
  condition === undefined ? value : b.op('Where', [condition, b.scalar(0), value]);

/** The value in a shape of as many elements. */
export const shaped = (b: GraphBuilder, value: string, from: Shape, to: Shape): string =>
  sameShape(from, to) ? value : reshapeLike(b, value, to);

/** Errors: labels that are not int64, or not as many as `shape` has elements. */
export function checkLabelInput(site: Site, shape: Shape): void {
  const [labels, type] = [site.input(1), site.type(1)];
  if (type !== 'int64') site.fail(`'${labels}' must be int64 labels, not ${type}`);
  if (!sameCount(site.shape(1), shape))
    site.fail(`labels [${site.shape(1)}] do not fit scores [${site.shape(0)}]: needed are [${shape}]`);
}

/** Errors: two inputs of different numbers of elements, or a second one that is neither float32 nor int64. */
export function checkPair(site: Site): void {
  const type = site.type(1);
  if (type !== 'float32' && type !== 'int64')
    site.fail(`'${site.input(1)}' must be float32 or int64, not ${type}`);
  if (!sameCount(site.shape(0), site.shape(1)))
    site.fail(`inputs [${site.shape(0)}] and [${site.shape(1)}] are not of one size`);
}

/** The second input as float32 in the shape of the first. */
export function secondLikeFirst(b: GraphBuilder, site: Site): string {
  const value = site.type(1) === 'float32' ? site.input(1) : b.op('Cast', [site.input(1)], toFloat);
  return shaped(b, value, site.shape(1), site.shape(0));
}

/** Which of some int32 values are those that do not count; undefined where all count. */
export function ignoredOf(b: GraphBuilder, site: Site, values: string): string | undefined {
  if (site.node.attributes.ignore === undefined) return undefined;
  return b.op('Equal', [values, int32(b, [], [site.int('ignore')])]);
}

/** Which class each label means, as booleans: `labels` int32 with 1 at `axis`, which becomes `classes` long. */
export function isClass(
  b: GraphBuilder,
  labels: string,
  classes: number,
  axis: number,
  rank: number,
): string {
  const shape = Array.from({ length: rank }, (_, i) => (i === axis ? classes : 1));
  const all = int32(
    b,
    shape,
    Array.from({ length: classes }, (_, i) => i),
  );
  return b.op('Equal', [labels, all]);
}

const int32 = (b: GraphBuilder, shape: readonly number[], data: readonly number[]): string =>
  b.constant({ type: 'int32', shape, data: Int32Array.from(data) });

/** Whether two shapes hold the same number of elements whatever their symbolic dimensions are. */
function sameCount(a: Shape, b: Shape): boolean {
  const numbers = (shape: Shape) => size(shape.filter((dim) => typeof dim === 'number'));
  const names = (shape: Shape) => shape.filter((dim) => typeof dim === 'string').sort();
  return numbers(a) === numbers(b) && sameShape(names(a), names(b));
}
