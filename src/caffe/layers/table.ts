import { absVal, clip, dropout, elu, prelu, relu, relu6, sigmoid, swish, tanh } from './activation.ts';
import { batchNorm } from './batchnorm.ts';
import { concat } from './concat.ts';
import type { LayerType } from './converter.ts';
import { convolution, deconvolution } from './convolution.ts';
import { eltwise } from './eltwise.ts';
import { innerProduct } from './innerproduct.ts';
import { lrn } from './lrn.ts';
import { pooling } from './pooling.ts';
import { exp, log, power } from './power.ts';
import { reduction } from './reduction.ts';
import { flatten, reshape } from './reshape.ts';
import { bias, scale } from './scale.ts';
import { slice, split } from './slice.ts';
import { softmax } from './softmax.ts';

const several: readonly [number, number] = [1, Number.POSITIVE_INFINITY];

/** The layer types that compute something, by Caffe's name. */
export const converters: ReadonlyMap<string, LayerType> = new Map(
  Object.entries({
    AbsVal: { convert: absVal },
    BatchNorm: { convert: batchNorm },
    Bias: { convert: bias, bottoms: [1, 2] },
    Clip: { convert: clip },
    Concat: { convert: concat, bottoms: several },
    Convolution: { convert: convolution },
    // Two names that MobileNets use for a convolution with as many groups as channels.
    ConvolutionDepthwise: { convert: convolution },
    Deconvolution: { convert: deconvolution },
    DepthwiseConvolution: { convert: convolution },
    Dropout: { convert: dropout },
    ELU: { convert: elu },
    Eltwise: { convert: eltwise, bottoms: [2, Number.POSITIVE_INFINITY] },
    Exp: { convert: exp },
    Flatten: { convert: flatten },
    InnerProduct: { convert: innerProduct },
    LRN: { convert: lrn },
    Log: { convert: log },
    PReLU: { convert: prelu },
    Pooling: { convert: pooling, tops: [1, 2] },
    Power: { convert: power },
    ReLU: { convert: relu },
    ReLU6: { convert: relu6 },
    Reduction: { convert: reduction },
    Reshape: { convert: reshape },
    Scale: { convert: scale, bottoms: [1, 2] },
    Sigmoid: { convert: sigmoid },
    SigmoidCrossEntropyLoss: { convert: sigmoid },
    Slice: { convert: slice, tops: several },
    Softmax: { convert: softmax },
    SoftmaxWithLoss: { convert: softmax },
    Split: { convert: split, tops: several },
    Swish: { convert: swish },
    TanH: { convert: tanh },
  } satisfies Record<string, LayerType>),
);

/** Layers that bring data from outside: their tops are the graph's inputs. */
export const inputTypes: ReadonlySet<string> = new Set([
  'Input',
  'Data',
  'ImageData',
  'HDF5Data',
  'MemoryData',
  'DummyData',
  'WindowData',
]);

/** Losses whose function of the scores is worth keeping without the labels: a softmax or a sigmoid. */
export const lossTypes: ReadonlySet<string> = new Set(['SoftmaxWithLoss', 'SigmoidCrossEntropyLoss']);

/** Layers that only measure, compare with labels or swallow: left out of a graph that classifies. */
export const ignoredTypes: ReadonlySet<string> = new Set([
  'Accuracy',
  'ArgMax',
  'ContrastiveLoss',
  'EuclideanLoss',
  'HDF5Output',
  'HingeLoss',
  'InfogainLoss',
  'MultinomialLogisticLoss',
  'Silence',
]);
