import { fail } from '../common/error.ts';
import { type Node, ownDomain } from '../graph/index.ts';
import { add, sub, sum } from './addition.ts';
import { averagePool } from './averagepool.ts';
import { batchNormalization } from './batchnormalization.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { conv } from './conv.ts';
import { convTranspose } from './convtranspose.ts';
import { abs, elu, exp, hardSigmoid, hardSwish, leakyRelu, log, sigmoid, sqrt, tanh } from './elementwise.ts';
import { gemm } from './gemm.ts';
import { dropout, identity } from './identity.ts';
import { correct } from './loss/correct.ts';
import { euclideanLoss } from './loss/euclidean.ts';
import { hingeLoss } from './loss/hinge.ts';
import { sigmoidLoss } from './loss/sigmoid.ts';
import { softmaxLoss } from './loss/softmax.ts';
import { lrn } from './lrn.ts';
import { matmul } from './matmul.ts';
import { max, min } from './maximum.ts';
import { maxPool } from './maxpool.ts';
import { div, mul } from './multiplication.ts';
import { neg } from './neg.ts';
import type { Operator } from './operator.ts';
import { pad } from './pad.ts';
import { pow } from './pow.ts';
import { prelu } from './prelu.ts';
import { globalAveragePool, reduceMean, reduceSum } from './reduce.ts';
import { globalMaxPool, reduceMax } from './reducemax.ts';
import { relu } from './relu.ts';
import { flatten, reshape, squeeze, unsqueeze } from './reshape.ts';
import { slice } from './slice.ts';
import { logSoftmax, softmax } from './softmax.ts';
import { split } from './split.ts';
import { stop } from './stop.ts';
import { transpose } from './transpose.ts';

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

/** The operator of a node. Errors: one that limn does not know, with the node's name. */
export function operatorOf(node: Node): Operator {
  const name = node.domain ? `${node.domain}.${node.op}` : node.op;
  return (
    table.get(name) ??
    fail(`node '${node.name}'`, `the operator ${name} is not supported`, `known: ${operatorNames.join(', ')}`)
  );
}
