import type { LayerParameter } from '../generated/caffe_pb.ts';
import {
  absVal,
  bnll,
  clip,
  dropout,
  elu,
  prelu,
  relu,
  relu6,
  sigmoid,
  swish,
  tanh,
  threshold,
} from './activation.ts';
import { axpy } from './axpy.ts';
import { batchNorm, bn } from './batchnorm.ts';
import { concat } from './concat.ts';
import type { LayerType } from './converter.ts';
import { convolution, convolutionDepthwise, deconvolution, depthwiseConvolution } from './convolution.ts';
import { crop, tile } from './crop.ts';
import { eltwise } from './eltwise.ts';
import { innerProduct } from './innerproduct.ts';
import { interp } from './interp.ts';
import { lrn } from './lrn.ts';
import { mvn, normalize } from './normalize.ts';
import { permute, shuffleChannel } from './permute.ts';
import { pooling } from './pooling.ts';
import { exp, log, power } from './power.ts';
import { reduction } from './reduction.ts';
import { flatten, reshape } from './reshape.ts';
import { bias, scale } from './scale.ts';
import { slice, split } from './slice.ts';
import { softmax } from './softmax.ts';
import { spp } from './spp.ts';

const several: readonly [number, number] = [1, Number.POSITIVE_INFINITY];

/** The layer types that compute something, by Caffe's name. */
export const converters: ReadonlyMap<string, LayerType> = new Map(
  Object.entries({
    AbsVal: { convert: absVal },
    Axpy: { convert: axpy, bottoms: [3, 3] },
    BN: { convert: bn },
    BNLL: { convert: bnll },
    BatchNorm: { convert: batchNorm },
    Bias: { convert: bias, bottoms: [1, 2] },
    Clip: { convert: clip },
    Concat: { convert: concat, bottoms: several },
    Convolution: { convert: convolution },
    ConvolutionDepthwise: { convert: convolutionDepthwise },
    Crop: { convert: crop, bottoms: [2, 2] },
    Deconvolution: { convert: deconvolution },
    DepthwiseConvolution: { convert: depthwiseConvolution },
    Dropout: { convert: dropout },
    ELU: { convert: elu },
    Eltwise: { convert: eltwise, bottoms: [2, Number.POSITIVE_INFINITY] },
    Exp: { convert: exp },
    Flatten: { convert: flatten },
    InnerProduct: { convert: innerProduct },
    Interp: { convert: interp },
    LRN: { convert: lrn },
    Log: { convert: log },
    MVN: { convert: mvn },
    Normalize: { convert: normalize },
    PReLU: { convert: prelu },
    Permute: { convert: permute },
    Pooling: { convert: pooling, tops: [1, 2] },
    Power: { convert: power },
    ReLU: { convert: relu },
    ReLU6: { convert: relu6 },
    Reduction: { convert: reduction },
    Reshape: { convert: reshape },
    SPP: { convert: spp },
    Scale: { convert: scale, bottoms: [1, 2] },
    ShuffleChannel: { convert: shuffleChannel },
    Sigmoid: { convert: sigmoid },
    SigmoidCrossEntropyLoss: { convert: sigmoid },
    Slice: { convert: slice, tops: several },
    Softmax: { convert: softmax },
    SoftmaxWithLoss: { convert: softmax },
    Split: { convert: split, tops: several },
    Swish: { convert: swish },
    TanH: { convert: tanh },
    Threshold: { convert: threshold },
    Tile: { convert: tile },
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
export const scoringLosses: ReadonlySet<string> = new Set(['SoftmaxWithLoss', 'SigmoidCrossEntropyLoss']);

/** Layers that only measure, compare with labels or swallow: left out of a graph that classifies. */
export const ignoredTypes: ReadonlySet<string> = new Set([
  'Accuracy',
  'ArgMax',
  'ConfusionMatrix',
  'ContrastiveLoss',
  'EuclideanLoss',
  'HDF5Output',
  'HingeLoss',
  'InfogainLoss',
  'MultinomialLogisticLoss',
  'Silence',
]);

/**
 * Whether a layer is left out of a graph that classifies: {@link ignoredTypes}, the losses and measures of forks, and those
 * written in Python, as far as their class says so.
 */
export function isIgnored({ type, bottom, pythonParam }: LayerParameter): boolean {
  if (type === 'Python') return bottom.length > 0 && /loss|accuracy/i.test(pythonParam?.layer ?? '');
  return ignoredTypes.has(type) || (/(?:Loss|Accuracy)$/.test(type) && !converters.has(type));
}
