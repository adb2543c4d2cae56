import type { Node } from '../graph/graph.ts';
import type { Tensor } from '../graph/tensor.ts';

/** A shape of which some dimensions, or the number of them, may be unknown. */
export type Dims = readonly (number | undefined)[] | undefined;

/** What is known about values while a graph is read. */
export interface Known {
  dims(value: string | undefined): Dims;
  constant(value: string | undefined): Tensor | undefined;
}

const likeFirst = new Set(
  `Relu LeakyRelu PRelu Elu Clip Sigmoid Tanh HardSwish HardSigmoid Softmax LogSoftmax Identity Dropout LRN Exp Log Sqrt
   Neg Abs Erf Softplus Selu BatchNormalization InstanceNormalization Cast`.split(/\s+/),
);
const broadcasting = new Set('Add Sub Mul Div Pow Sum Max Min Mean'.split(' '));
const windowed = new Set('Conv MaxPool AveragePool'.split(' '));

/**
 * The dimensions of a node's first output as far as they can be told cheaply: enough for the conversions that
 * depend on a rank. (Exact shapes are the operators' business.)
 */
export function outputDims(node: Node, known: Known): Dims {
  const x = known.dims(node.inputs[0]);
  const constant = (i: number): number[] | undefined => {
    const t = known.constant(node.inputs[i]);
    return t && Array.from(t.data as ArrayLike<number | bigint>, Number);
  };
  if (likeFirst.has(node.op)) return x;
  if (broadcasting.has(node.op)) return node.inputs.map((input) => known.dims(input)).reduce(broadcast, []);
  if (windowed.has(node.op)) {
    const channels = node.op === 'Conv' ? known.dims(node.inputs[1])?.[0] : x?.[1];
    return x?.map((n, axis) => (axis === 0 ? n : axis === 1 ? channels : undefined));
  }
  switch (node.op) {
    case 'GlobalAveragePool':
    case 'GlobalMaxPool':
      return x?.map((n, axis) => (axis < 2 ? n : 1));
    case 'Gemm': {
      const w = known.dims(node.inputs[1]);
      return [x?.[node.attributes.transA === 1 ? 1 : 0], w?.[node.attributes.transB === 1 ? 0 : 1]];
    }
    case 'MatMul': {
      const w = known.dims(node.inputs[1]);
      return x && x.length >= 2 && w?.length === 2 ? [...x.slice(0, -1), w[1]] : undefined;
    }
    case 'Flatten': {
      const axis = (node.attributes.axis as number | undefined) ?? 1;
      return [x && product(x.slice(0, axis)), x && product(x.slice(axis))];
    }
    case 'Reshape':
      return constant(1)?.map((n, axis) => (n > 0 ? n : n === 0 ? x?.[axis] : undefined));
    case 'Transpose': {
      const perm = node.attributes.perm ?? x?.map((_, axis) => x.length - 1 - axis);
      return x && Array.isArray(perm) ? perm.map((axis: number) => x[axis]) : undefined;
    }
    case 'Concat': {
      const axis = node.attributes.axis as number;
      return x?.map((n, i) => (i === (axis < 0 ? axis + x.length : axis) ? undefined : n));
    }
    case 'Squeeze': {
      const axes = constant(1)?.map((axis) => (x && axis < 0 ? axis + x.length : axis));
      return axes && x?.filter((_, axis) => !axes.includes(axis));
    }
    case 'Unsqueeze': {
      const axes = constant(1);
      if (!x || !axes) return undefined;
      const rank = x.length + axes.length;
      const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
      const rest = x[Symbol.iterator]();
      return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.next().value));
    }
    case 'ReduceMean': {
      const axes = constant(1)?.map((axis) => (x && axis < 0 ? axis + x.length : axis));
      if (!x || !axes) return undefined;
      return node.attributes.keepdims === 0
        ? x.filter((_, axis) => !axes.includes(axis))
        : x.map((n, axis) => (axes.includes(axis) ? 1 : n));
    }
    case 'Pad':
      return x?.map(() => undefined);
    default:
      return undefined;
  }
}

/** The product of dimensions; undefined if one of them is. */
export function product(dims: readonly (number | undefined)[]): number | undefined {
  return dims.reduce((p, n) => (p === undefined || n === undefined ? undefined : p * n), 1);
}

function broadcast(a: Dims, b: Dims): Dims {
  if (!a || !b) return undefined;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = i < rank - a.length ? 1 : a[i - rank + a.length];
    const y = i < rank - b.length ? 1 : b[i - rank + b.length];
    return x === 1 ? y : y === 1 ? x : (x ?? y);
  });
}
