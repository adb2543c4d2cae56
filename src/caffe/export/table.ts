import {
  abs,
  cast,
  clip,
  dropout,
  elu,
  leakyRelu,
  neg,
  prelu,
  relu,
  sigmoid,
  softmax,
  softplus,
  sqrt,
  tanh,
} from './activation.ts';
import { add, div, max, mul, sub, sum } from './arithmetic.ts';
import { conv, convTranspose } from './convolution.ts';
import { gemm, matmul } from './dense.ts';
import type { Exporter } from './exporter.ts';
import { resize } from './interp.ts';
import { batchNormalization, lrn } from './normalisation.ts';
import { averagePool, globalAveragePool, globalMaxPool, maxPool } from './pooling.ts';
import { exp, log, pow } from './power.ts';
import { concat, flatten, identity, reduceMean, reduceSum, reshape, split, transpose } from './shape.ts';

/** How the nodes of an ONNX operator become Caffe layers. */
export const exporters: ReadonlyMap<string, Exporter> = new Map(
  Object.entries({
    Abs: abs,
    Add: add,
    AveragePool: averagePool,
    BatchNormalization: batchNormalization,
    Cast: cast,
    Clip: clip,
    Concat: concat,
    Conv: conv,
    ConvTranspose: convTranspose,
    Div: div,
    Dropout: dropout,
    Elu: elu,
    Exp: exp,
    Flatten: flatten,
    Gemm: gemm,
    GlobalAveragePool: globalAveragePool,
    GlobalMaxPool: globalMaxPool,
    Identity: identity,
    LRN: lrn,
    LeakyRelu: leakyRelu,
    Log: log,
    MatMul: matmul,
    Max: max,
    MaxPool: maxPool,
    Mul: mul,
    Neg: neg,
    PRelu: prelu,
    Pow: pow,
    ReduceMean: reduceMean,
    ReduceSum: reduceSum,
    Relu: relu,
    Resize: resize,
    Reshape: reshape,
    Sigmoid: sigmoid,
    Softmax: softmax,
    Softplus: softplus,
    Split: split,
    Sqrt: sqrt,
    Squeeze: reshape,
    Sub: sub,
    Sum: sum,
    Tanh: tanh,
    Transpose: transpose,
    Unsqueeze: reshape,
  }),
);
