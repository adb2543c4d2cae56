import type { Attributes, Shape, Tensor } from '../../graph/index.ts';
import type { LayerParameter } from '../generated/caffe_pb.ts';

/** A blob as a layer sees it. */
export interface Blob {
  readonly value: string;
  readonly shape: Shape;
}

/** What a layer's converter works with. */
export interface Conversion {
  readonly layer: LayerParameter;
  /** Where errors say that they are: file and layer. */
  readonly where: string;
  readonly bottoms: readonly Blob[];
  /** The i-th weight blob of the layer, which must have the given shape, as a value. */
  weight(i: number, role: string, shape: readonly number[]): string;
  /** The i-th weight blob's tensor, for weights that are rearranged on the way in. */
  blob(i: number, shape: readonly number[]): Tensor<'float32'>;
  /** A constant of the layer's own. */
  constant(role: string, tensor: Tensor): string;
  /** Adds an operation on the way to the layer's result; it is named `layer:what`. */
  step(what: string, op: string, inputs: readonly string[], attributes?: Attributes): Blob;
  /** Adds the operation that the layer is known by; it has the layer's name and makes its top (or tops). */
  result(op: string, inputs: readonly string[], attributes?: Attributes): void;
}

/** Turns a layer into ONNX nodes. Errors: parameters that Caffe refuses too, or that limn cannot express. */
export type Converter = (c: Conversion) => void;
