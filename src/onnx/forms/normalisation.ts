import { float32, type Tensor } from '../../graph/tensor.ts';
import {
  constant,
  either,
  elements,
  op,
  type Pattern,
  type PatternMatch,
  scalar,
  value,
} from '../../operators/forms/pattern.ts';
import type { Form, Piece, Tools } from './form.ts';

const x = value('x');
const mean = (pattern: Pattern): Pattern =>
  op('ReduceMean', [pattern, elements('axes')], (site) => site.int('keepdims', 1) === 1);
const square = (pattern: Pattern): Pattern =>
  either(op('Pow', [pattern, scalar(2)]), op('Mul', [pattern, pattern]));
const centred = op('Sub', [x, mean(x)]);

/** The mean square plus ε, its root, and the inverse of the root. */
const spread = (pattern: Pattern): Pattern => op('Add', [mean(square(pattern)), elements('epsilon')]);
const root = (pattern: Pattern): Pattern =>
  either(op('Sqrt', [spread(pattern)]), op('Pow', [spread(pattern), scalar(0.5)]));
const inverse = (pattern: Pattern): Pattern =>
  either(
    op('Reciprocal', [root(pattern)]),
    op('Div', [scalar(1), root(pattern)]),
    op('Pow', [spread(pattern), scalar(-0.5)]),
  );
const divided = (pattern: Pattern): Pattern =>
  either(op('Div', [pattern, root(pattern)]), op('Mul', [pattern, inverse(pattern)]));

const scaled = (pattern: Pattern): Pattern => either(op('Mul', [pattern, constant('scale')]), pattern);
const shifted = (pattern: Pattern): Pattern => either(op('Add', [pattern, constant('bias')]), pattern);

/** As TensorFlow takes it apart: x·r + (bias − μ·r), where the scale is part of r. */
const factor = scaled(inverse(centred));
const distributed = either(
  op('Add', [op('Mul', [x, factor]), op('Sub', [constant('bias'), op('Mul', [mean(x), factor])])]),
  op('Sub', [op('Mul', [x, factor]), op('Mul', [mean(x), factor])]),
);

/** Normalisation of a value by its own statistics over some axes; others than the last ones are moved there and back. */
const normalisation = (name: string, pattern: Pattern, isCentred: boolean): Form => ({
  pattern,
  make(found, tools) {
    const from = found.values.get('x')!;
    const shape = tools.shape(from);
    const [epsilon, ...others] = found.numbers.get('epsilon')!;
    if (!shape || others.length > 0) return undefined;
    const axes = found.numbers
      .get('axes')!
      .map((axis) => (axis < 0 ? axis + shape.length : axis))
      .sort((a, b) => a - b);
    const sizes = axes.map((axis) => shape[axis]);
    if (!sizes.every((n) => typeof n === 'number') || axes.length === 0 || axes[0] === 0) return undefined;
    const scale = parameter(found, 'scale', 1, { rank: shape.length, axes, sizes, tools });
    const bias = parameter(found, 'bias', 0, { rank: shape.length, axes, sizes, tools });
    if (!scale || !bias) return undefined;
    const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const perm = [...kept, ...axes];
    const isTrailing = perm.every((axis, i) => axis === i);
    const input = isTrailing ? from : tools.add({ op: 'Transpose', inputs: [from], attributes: { perm } });
    const whole: Piece = {
      op: name,
      inputs: [input, tools.hold(scale), ...(isCentred ? [tools.hold(bias)] : [])],
      attributes: { axis: -axes.length, epsilon: { float: epsilon } },
    };
    if (isTrailing) return whole;
    const back = perm.map((_, axis) => perm.indexOf(axis));
    return { op: 'Transpose', inputs: [tools.add(whole)], attributes: { perm: back } };
  },
});

interface Place {
  readonly rank: number;
  /** The axes that statistics are taken over, and their lengths. */
  readonly axes: readonly number[];
  readonly sizes: readonly number[];
  readonly tools: Tools;
}

/** A scale or bias in the shape of the axes; undefined where it differs along others. */
function parameter(
  found: PatternMatch,
  name: string,
  otherwise: number,
  { rank, axes, sizes, tools }: Place,
): Tensor<'float32'> | undefined {
  const count = sizes.reduce((all, n) => all * n, 1);
  const given = found.values.get(name);
  if (given === undefined) return float32(sizes, new Float32Array(count).fill(otherwise));
  const tensor = tools.constant(given);
  if (tensor?.type !== 'float32' || tensor.shape.length > rank) return undefined;
  const own = [...Array.from({ length: rank - tensor.shape.length }, () => 1), ...tensor.shape];
  const fits = own.every((n, axis) => n === 1 || n === sizes[axes.indexOf(axis)]);
  if (!fits) return undefined;
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let [at, rest, stride] = [0, i, 1];
    for (let k = axes.length - 1; k >= 0; k--) {
      const length = own[axes[k]];
      if (length > 1) {
        at += (rest % sizes[k]) * stride;
        stride *= length;
      }
      rest = Math.floor(rest / sizes[k]);
    }
    data[i] = Number(tensor.data[at]);
  }
  return float32(sizes, data);
}

/** The longest first: with scale and bias, if there are such. */
export const normalisationForms: readonly Form[] = [
  normalisation('LayerNormalization', either(distributed, shifted(scaled(divided(centred)))), true),
  normalisation('RMSNormalization', scaled(divided(x)), false),
];
