import { dropout, relu } from './activation.ts';
import { concat } from './concat.ts';
import type { Converter } from './converter.ts';
import { convolution, deconvolution } from './convolution.ts';
import { innerProduct } from './innerproduct.ts';
import { lrn } from './lrn.ts';
import { pooling } from './pooling.ts';
import { softmax, softmaxWithLoss } from './softmax.ts';

/** The layer types that compute something, by Caffe's name. */
export const converters: Readonly<Record<string, Converter>> = {
  Concat: concat,
  Convolution: convolution,
  Deconvolution: deconvolution,
  Dropout: dropout,
  InnerProduct: innerProduct,
  LRN: lrn,
  Pooling: pooling,
  ReLU: relu,
  Softmax: softmax,
  SoftmaxWithLoss: softmaxWithLoss,
};

/** Layers that bring data from outside: their tops are the graph's inputs. */
export const inputTypes = new Set(['Input', 'Data', 'ImageData', 'HDF5Data', 'MemoryData', 'DummyData', 'WindowData']);

/** Layers that only measure or swallow: left out of a graph that classifies. */
export const ignoredTypes = new Set(['Accuracy', 'Silence']);
