import { type Node, ownDomain } from '../graph/index.ts';
import { logSoftmax, softmax } from './attention/softmax.ts';
import { conv } from './convolution/conv.ts';
import { convTranspose } from './convolution/convtranspose.ts';
import { gemm } from './dense/gemm.ts';
import { biasedMatMul, matmul } from './dense/matmul.ts';
import { add, sub, sum } from './elementwise/addition.ts';
import { clip } from './elementwise/clip.ts';
import {
  abs,
  cos,
  elu,
  exp,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  log,
  sigmoid,
  sin,
  sqrt,
  tanh,
} from './elementwise/elementwise.ts';
import { max, min } from './elementwise/maximum.ts';
import { div, mul } from './elementwise/multiplication.ts';
import { neg } from './elementwise/neg.ts';
import { pow } from './elementwise/pow.ts';
import { prelu } from './elementwise/prelu.ts';
import { celu, selu, thresholdedRelu } from './elementwise/rectifiers.ts';
import { rectify } from './elementwise/rectify.ts';
import { relu } from './elementwise/relu.ts';
import { erf, gelu, mish, reciprocal, softplus, softsign, swish } from './elementwise/smooth.ts';
import { correct } from './loss/correct.ts';
import { euclideanLoss } from './loss/euclidean.ts';
import { hingeLoss } from './loss/hinge.ts';
import { sigmoidLoss } from './loss/sigmoid.ts';
import { softmaxLoss } from './loss/softmax.ts';
import { cast } from './movement/cast.ts';
import { channelPad } from './movement/channelpad.ts';
import { concat } from './movement/concat.ts';
import { depthToSpace, spaceToDepth } from './movement/depthtospace.ts';
import { constantOfShape, expand, tile } from './movement/expand.ts';
import { gather, gatherElements } from './movement/gather.ts';
import { dropout, identity } from './movement/identity.ts';
import { pad } from './movement/pad.ts';
import { flatten, reshape, squeeze, unsqueeze } from './movement/reshape.ts';
import { resize } from './movement/resize.ts';
import { slice } from './movement/slice.ts';
import { split } from './movement/split.ts';
import { stop } from './movement/stop.ts';
import { transpose } from './movement/transpose.ts';
import { where } from './movement/where.ts';
import { batchNormalization } from './normalisation/batchnormalization.ts';
import { lpNormalization } from './normalisation/lpnormalization.ts';
import { lrn } from './normalisation/lrn.ts';
import {
  groupNormalization,
  instanceNormalization,
  layerNormalization,
  meanVarianceNormalization,
  rmsNormalization,
} from './normalisation/standardisation.ts';
import type { Operator } from './operator.ts';
import { averagePool } from './pooling/averagepool.ts';
import { lpPool } from './pooling/lppool.ts';
import { maxPool } from './pooling/maxpool.ts';
import { argMax, argMin, topK } from './reduction/choice.ts';
import { globalMaxPool, reduceMax, reduceMin, reduceProd } from './reduction/max.ts';
import {
  globalLpPool,
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceSumSquare,
} from './reduction/norm.ts';
import { globalAveragePool, reduceMean, reduceSum } from './reduction/sum.ts';
import { gatherND } from './shape/gathernd.ts';
import {
  and,
  equal,
  greater,
  greaterOrEqual,
  isInfOperator,
  isNanOperator,
  less,
  lessOrEqual,
  mod,
  not,
  or,
  xor,
} from './shape/logic.ts';
import { scatterND } from './shape/scatternd.ts';
import { ceil, cumSum, floor, range, round, shape, sizeOperator } from './shape/shape.ts';
import { failUnsupported, operatorTitle } from './unsupported.ts';

const operators: readonly Operator[] = [
  abs,
  add,
  and,
  argMax,
  argMin,
  averagePool,
  batchNormalization,
  cast,
  ceil,
  celu,
  clip,
  concat,
  constantOfShape,
  conv,
  convTranspose,
  cos,
  cumSum,
  depthToSpace,
  div,
  dropout,
  elu,
  equal,
  erf,
  exp,
  expand,
  flatten,
  floor,
  gather,
  gatherElements,
  gatherND,
  gelu,
  gemm,
  globalAveragePool,
  globalLpPool,
  globalMaxPool,
  greater,
  greaterOrEqual,
  groupNormalization,
  hardSigmoid,
  hardSwish,
  identity,
  instanceNormalization,
  isInfOperator,
  isNanOperator,
  layerNormalization,
  leakyRelu,
  less,
  lessOrEqual,
  log,
  logSoftmax,
  lpNormalization,
  lpPool,
  lrn,
  matmul,
  max,
  maxPool,
  meanVarianceNormalization,
  min,
  mish,
  mod,
  mul,
  neg,
  not,
  or,
  pad,
  pow,
  prelu,
  range,
  reciprocal,
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSum,
  reduceSumSquare,
  relu,
  reshape,
  resize,
  rmsNormalization,
  round,
  scatterND,
  selu,
  shape,
  sigmoid,
  sin,
  sizeOperator,
  slice,
  softmax,
  softplus,
  softsign,
  spaceToDepth,
  split,
  sqrt,
  squeeze,
  sub,
  sum,
  swish,
  tanh,
  thresholdedRelu,
  tile,
  topK,
  transpose,
  unsqueeze,
  where,
  xor,
];

/** Of limn's own domain, {@link ownDomain}: they exist in a graph only until it is lowered. */
const own: readonly Operator[] = [
  biasedMatMul,
  channelPad,
  correct,
  euclideanLoss,
  hingeLoss,
  rectify,
  sigmoidLoss,
  softmaxLoss,
  stop,
];

const table = new Map([
  ...operators.map((operator) => [operator.op, operator] as const),
  ...own.map((operator) => [`${ownDomain}.${operator.op}`, operator] as const),
]);

/** The ONNX operator types that limn knows, in alphabetical order. */
export const operatorNames: readonly string[] = operators.map(({ op }) => op).sort();

/** The operator of a node; undefined for one that limn does not know. */
export const findOperator = (node: Node): Operator | undefined => table.get(operatorTitle(node));

/** The operator of a node. Errors: one that limn does not know, with the node's name. */
export function operatorOf(node: Node): Operator {
  return findOperator(node) ?? failUnsupported([node]);
}
