import type { Attributes, Shape, Tensor, ValueInfo } from '../../graph/index.ts';
import type { LayerParameter } from '../generated/caffe_pb.ts';

/** A blob as a layer sees it. */
export interface Blob {
  readonly value: string;
  readonly shape: Shape;
}

/** What a layer's converter works with. */
export interface Conversion {
  readonly layer: LayerParameter;
  /** Where errors say that they are: file, line and column, layer. */
  readonly where: string;
  readonly bottoms: readonly Blob[];
  /** How many tops it has. */
  readonly tops: number;
  /**
   * The i-th weight blob of the layer, which must have the given shape, as a value `layer.role` of that shape, or of
   * another with as many elements.
   */
  weight(i: number, role: string, shape: readonly number[], as?: readonly number[]): string;
  /** The i-th weight blob's tensor, for weights that are changed on the way in. */
  blob(i: number, shape: readonly number[]): Tensor<'float32'>;
  /** A constant of the layer's own, named `layer.role`. */
  constant(role: string, tensor: Tensor): string;
  /** An input of the graph that the layer needs besides its bottoms. */
  input(info: ValueInfo): string;
  /** A float32 scalar of the layer's own. */
  scalar(role: string, value: number): string;
  /** Adds an operation on the way to the layer's result; it is named `layer:what`. */
  step(what: string, op: string, inputs: readonly string[], attributes?: Attributes): Blob;
  /** Adds the operation that the layer is known by; it has the layer's name and makes all its tops. */
  result(op: string, inputs: readonly string[], attributes?: Attributes): void;
  /** Adds the operation that makes the i-th top alone; it is named `layer`, and `layer:1`, `layer:2`, … from the second on. */
  top(i: number, op: string, inputs: readonly string[], attributes?: Attributes): void;
  /** Says something about the layer that the user should know, but that is no error. */
  note(what: string): void;
  /** Makes every top a copy of the value; the first copy has the layer's name, the others `layer:1`, `layer:2`, … */
  copies(value: string): void;
}

/** Turns a layer into ONNX nodes. Errors: parameters that Caffe refuses too, or that limn cannot express. */
export type Converter = (c: Conversion) => void;

/** A layer type: its converter, and how many bottoms and tops it takes (at least, at most); one of each unless given. */
export interface LayerType {
  readonly convert: Converter;
  readonly bottoms?: readonly [number, number];
  readonly tops?: readonly [number, number];
}
