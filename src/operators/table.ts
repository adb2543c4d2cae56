import { fail } from '../common/error.ts';
import { type Node, ownDomain } from '../graph/index.ts';
import { logSoftmax, softmax } from './attention/softmax.ts';
import { conv } from './convolution/conv.ts';
import { convTranspose } from './convolution/convtranspose.ts';
import { gemm } from './dense/gemm.ts';
import { matmul } from './dense/matmul.ts';
import { add, sub, sum } from './elementwise/addition.ts';
import { clip } from './elementwise/clip.ts';
import {
  abs,
  elu,
  exp,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  log,
  sigmoid,
  sqrt,
  tanh,
} from './elementwise/elementwise.ts';
import { max, min } from './elementwise/maximum.ts';
import { div, mul } from './elementwise/multiplication.ts';
import { neg } from './elementwise/neg.ts';
import { pow } from './elementwise/pow.ts';
import { prelu } from './elementwise/prelu.ts';
import { relu } from './elementwise/relu.ts';
import { correct } from './loss/correct.ts';
import { euclideanLoss } from './loss/euclidean.ts';
import { hingeLoss } from './loss/hinge.ts';
import { sigmoidLoss } from './loss/sigmoid.ts';
import { softmaxLoss } from './loss/softmax.ts';
import { concat } from './movement/concat.ts';
import { dropout, identity } from './movement/identity.ts';
import { pad } from './movement/pad.ts';
import { flatten, reshape, squeeze, unsqueeze } from './movement/reshape.ts';
import { slice } from './movement/slice.ts';
import { split } from './movement/split.ts';
import { stop } from './movement/stop.ts';
import { transpose } from './movement/transpose.ts';
import { batchNormalization } from './normalisation/batchnormalization.ts';
import { lrn } from './normalisation/lrn.ts';
import type { Operator } from './operator.ts';
import { averagePool } from './pooling/averagepool.ts';
import { maxPool } from './pooling/maxpool.ts';
import { globalMaxPool, reduceMax } from './reduction/max.ts';
import { globalAveragePool, reduceMean, reduceSum } from './reduction/sum.ts';

const operators: readonly Operator[] = [
  abs,
  add,
  averagePool,
  batchNormalization,
  clip,
  concat,
  conv,
  convTranspose,
  div,
  dropout,
  elu,
  exp,
  flatten,
  gemm,
  globalAveragePool,
  globalMaxPool,
  hardSigmoid,
  hardSwish,
  identity,
  leakyRelu,
  log,
  logSoftmax,
  lrn,
  matmul,
  max,
  maxPool,
  min,
  mul,
  neg,
  pad,
  pow,
  prelu,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  sigmoid,
  slice,
  softmax,
  split,
  sqrt,
  squeeze,
  sub,
  sum,
  tanh,
  transpose,
  unsqueeze,
];

/** Of limn's own domain, {@link ownDomain}: they exist in a graph only until it is lowered. */
const own: readonly Operator[] = [correct, euclideanLoss, hingeLoss, sigmoidLoss, softmaxLoss, stop];

const table = new Map([
  ...operators.map((operator) => [operator.op, operator] as const),
  ...own.map((operator) => [`${ownDomain}.${operator.op}`, operator] as const),
]);

/** The ONNX operator types that limn knows, in alphabetical order. */
export const operatorNames: readonly string[] = operators.map(({ op }) => op).sort();

/** The operator of a node; undefined for one that limn does not know. */
export const findOperator = (node: Node): Operator | undefined => table.get(nameOf(node));

const nameOf = ({ domain, op }: Node): string => (domain ? `${domain}.${op}` : op);

/** The operator of a node. Errors: one that limn does not know, with the node's name. */
export function operatorOf(node: Node): Operator {
  return (
    findOperator(node) ??
    fail(
      `node '${node.name}'`,
      `the operator ${nameOf(node)} is not supported`,
      `known: ${operatorNames.join(', ')}`,
    )
  );
}
