import { converters, ignoredTypes, inputTypes, scoringLosses } from '../../src/caffe/layers/table.ts';
import { newest, oldest } from '../../src/onnx/upgrade.ts';
import { operatorNames } from '../../src/operators/table.ts';
import { code, complete, page, table } from './markdown.ts';

type Text = readonly [role: string, limits: string];

const activation: Text = ['activation', ''];
const movement: Text = ['movement', ''];
const index: Text = ['index', ''];

/** What an operator is to relevance propagation, and what is not supported of it. */
const operators: Readonly<Record<string, Text>> = {
  Abs: activation,
  Add: ['linear with a constant, else sum', ''],
  And: index,
  ArgMax: ['index', 'dropped beside scores'],
  ArgMin: ['index', 'dropped beside scores'],
  AveragePool: ['linear', ''],
  BatchNormalization: ['linear; folded into its neighbour first', 'statistics of training only'],
  Cast: movement,
  Ceil: index,
  Celu: activation,
  Clip: activation,
  Concat: movement,
  ConstantOfShape: index,
  Conv: ['linear', 'two dimensions'],
  ConvTranspose: ['linear', 'two dimensions'],
  Cos: activation,
  CumSum: ['index', 'of shapes and constants'],
  DepthToSpace: movement,
  Div: ['linear with a constant divisor, else product', ''],
  Dropout: ['movement', 'inference: it does nothing'],
  Elu: activation,
  Equal: index,
  Erf: activation,
  Exp: activation,
  Expand: movement,
  Flatten: movement,
  Floor: index,
  Gather: ['movement', 'constant indices'],
  GatherElements: ['movement', 'constant indices'],
  Gelu: activation,
  Gemm: ['linear', 'two matrices'],
  GlobalAveragePool: ['linear', ''],
  GlobalLpPool: ['sum', ''],
  GlobalMaxPool: ['max', ''],
  Greater: index,
  GreaterOrEqual: index,
  GroupNormalization: ['standardisation', ''],
  HardSigmoid: activation,
  HardSwish: activation,
  Identity: movement,
  InstanceNormalization: ['standardisation', ''],
  IsInf: index,
  IsNaN: index,
  LRN: ['normalisation', ''],
  LayerNormalization: ['standardisation', 'the first output only'],
  LeakyRelu: activation,
  Less: index,
  LessOrEqual: index,
  Log: activation,
  LogSoftmax: ['softmax', ''],
  LpNormalization: ['standardisation', 'orders 1 and 2'],
  LpPool: ['sum', ''],
  MatMul: ['linear with a constant, else product', ''],
  Max: ['max', ''],
  MaxPool: ['max', 'its Indices must not be used'],
  MeanVarianceNormalization: ['standardisation', ''],
  Min: ['max', ''],
  Mish: activation,
  Mod: index,
  Mul: ['linear with a constant, else product', ''],
  Neg: ['linear', ''],
  Not: index,
  Or: index,
  PRelu: activation,
  Pad: ['movement', 'modes constant, reflect and edge'],
  Pow: ['activation with a constant exponent, else product', ''],
  RMSNormalization: ['standardisation', ''],
  Range: index,
  Reciprocal: activation,
  ReduceL1: ['sum', ''],
  ReduceL2: ['sum', ''],
  ReduceLogSum: ['sum', ''],
  ReduceLogSumExp: ['sum', ''],
  ReduceMax: ['max', ''],
  ReduceMean: ['linear', ''],
  ReduceMin: ['max', ''],
  ReduceProd: ['index', 'of shapes and constants'],
  ReduceSum: ['linear', ''],
  ReduceSumSquare: ['sum', ''],
  Relu: activation,
  Reshape: movement,
  Resize: ['movement', 'nearest and linear, without antialiasing'],
  Round: index,
  ScatterND: ['index', 'of shapes and constants'],
  Selu: activation,
  Shape: index,
  Sigmoid: activation,
  Sin: activation,
  Size: index,
  Slice: ['movement', 'constant starts, ends, axes and steps'],
  Softmax: ['softmax', ''],
  Softplus: activation,
  Softsign: activation,
  SpaceToDepth: movement,
  Split: movement,
  Sqrt: activation,
  Squeeze: movement,
  Sub: ['linear with a constant, else sum', ''],
  Sum: ['sum', ''],
  Swish: activation,
  Tanh: activation,
  ThresholdedRelu: activation,
  Tile: movement,
  TopK: ['max', 'dropped beside scores'],
  Transpose: movement,
  Unsqueeze: movement,
  Where: movement,
  Xor: index,
};

/** What a Caffe layer becomes, and what is not supported of it. */
const layers: Readonly<Record<string, Text>> = {
  AbsVal: ['Abs', ''],
  Axpy: ['Mul, Add', 'of SENet’s fork'],
  BN: ['BatchNormalization; SegNet’s: Mul, Add', 'of two forks; SegNet’s with bn_mode: INFERENCE only'],
  BNLL: ['Softplus', ''],
  BatchNorm: [
    'BatchNormalization',
    'stored statistics only, which use_global_stats: false does not change; scale_bias as in forks',
  ],
  Bias: ['Add', ''],
  Clip: ['Clip', ''],
  Concat: ['Concat', 'not along the batch'],
  Convolution: ['Conv', 'axis 1'],
  ConvolutionDepthwise: ['Conv', 'as many groups as channels'],
  Crop: ['Slice', ''],
  Deconvolution: ['ConvTranspose', 'axis 1'],
  DepthwiseConvolution: ['Conv', 'as many groups as channels'],
  Dropout: ['Dropout', ''],
  ELU: ['Elu', ''],
  Eltwise: ['Add, Sum, Mul or Max', 'coeff with SUM only'],
  Exp: ['Exp and arithmetic', ''],
  Flatten: ['Flatten or Reshape', 'not along the batch'],
  InnerProduct: ['Flatten and Gemm, or MatMul of each row', 'not along the batch'],
  Interp: ['Resize', 'of DeepLab’s fork'],
  LRN: ['LRN; within a channel: Pad, AveragePool and arithmetic', 'local_size odd'],
  Log: ['Log and arithmetic', ''],
  MVN: ['ReduceMean and arithmetic', ''],
  Normalize: ['ReduceSum and arithmetic', 'of SSD’s fork'],
  PReLU: ['PRelu', ''],
  Permute: ['Transpose', 'of SSD’s fork; the batch stays in front'],
  Pooling: [
    'MaxPool or AveragePool with Caffe’s output size and divisors',
    'no stochastic pooling, no mask output; ceil_mode as in forks',
  ],
  Power: ['Mul, Add, Pow', ''],
  ReLU: ['Relu or LeakyRelu', ''],
  ReLU6: ['Clip', 'not in BVLC’s Caffe'],
  Reduction: ['ReduceSum or ReduceMean', 'not over the batch'],
  Reshape: ['Reshape', 'image by image'],
  SPP: ['MaxPool or AveragePool, Flatten, Concat', 'no stochastic pooling'],
  Scale: ['Mul, Add', 'no bias_term with two bottoms'],
  ShuffleChannel: ['Reshape, Transpose, Reshape', 'of ShuffleNet’s fork'],
  Sigmoid: ['Sigmoid', ''],
  SigmoidCrossEntropyLoss: ['Sigmoid', 'the loss itself is left out'],
  Slice: ['Split', ''],
  Softmax: ['Softmax', ''],
  SoftmaxWithLoss: ['Softmax', 'the loss itself is left out'],
  Split: ['nothing: its tops are the same value; it counts as a layer', ''],
  Swish: ['Sigmoid and Mul', 'not in BVLC’s Caffe'],
  TanH: ['Tanh', ''],
  Threshold: ['Greater, Cast', 'no gradient passes'],
  Tile: ['Concat', 'not along the batch'],
};

/** The reference of ONNX operators and Caffe layers, from the tables of the code. */
export function operatorsPage(): string {
  const list = (names: Iterable<string>) => [...names].sort().map(code).join(', ');
  const kept = [...converters.keys()].filter((name) => scoringLosses.has(name));
  return page(
    'Operators and layers',
    'Anything else is an error at import that names the node or the layer, and its type.',
    '## ONNX operators',
    `Operator sets ${oldest} to ${newest} are read and converted to 18. Weights may be float32, float16, bfloat16 or float64; ` +
      'float32 is what is kept. What depends on constants or on shapes only is computed when a file is read, with the batch ' +
      'as a symbol: shapes, masks, conditions (`If`). Functions of the model are written out; `Einsum`, `Attention` and ' +
      'quantised operators (`QuantizeLinear`, `DequantizeLinear`, `QLinearConv`, `QLinearMatMul`) become what they are ' +
      'made of. Operators that came after set 18 (`Gelu`, `Swish`, `GroupNormalization`, `RMSNormalization`, dilated ' +
      '`AveragePool`) stay as they are in files of their own set, and are replaced by their parts before they run.',
    'The role says what relevance propagation does with the operator: rules apply to what is *linear*; *activations* pass ' +
      'relevance on; *movements* carry it to where the values came from; at a *max* the winner takes it; *normalisation*, ' +
      '*sum* and *product* have handlings of their own; explanations start below *softmax*; at a *standardisation* (by ' +
      'statistics of the input itself) relevance passes. *Index* operators compute shapes and positions, through which ' +
      'nothing flows. See [rules](rules.md).',
    table(
      ['operator', 'role', 'limits'],
      complete('operators', operatorNames, operators).map(([name, [role, limits]]) => [
        code(name),
        role,
        limits,
      ]),
    ),
    '## Caffe layers',
    'From V1 (`layers`) and V2 (`layer`) definitions. A layer keeps its name as the name of the node that does its work.',
    table(
      ['layer', 'becomes', 'limits'],
      complete('layers', converters.keys(), layers).map(([name, [role, limits]]) => [
        code(name),
        role,
        limits,
      ]),
    ),
    `Inputs: ${list(inputTypes)} become inputs of the network.`,
    `Losses of which the function of the scores is kept: ${list(kept)}.`,
    `Left out of a network that classifies: ${list(ignoredTypes)}, and other losses.`,
    'Layers of forks of Caffe are read under the names that most files give them, and written under the same: BVLC’s Caffe ' +
      'does not read these again. Fields of forks on which no result depends (engines, quantisation, how data is read or ' +
      'changed in training) are left out, and a note says so once. Other layers of forks are refused by name: those that find ' +
      'objects (SSD, YOLO, Faster R-CNN), label pixels (Interp, Upsample), or read sequences, and layers written in Python.',
  );
}
