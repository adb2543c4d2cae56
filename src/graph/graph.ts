import type { Dim } from './dim.ts';
import type { DataType, Tensor } from './tensor.ts';

/** The dimensions of a value, the outermost first. */
export type Shape = readonly Dim[];

/** A typed, shaped input or output of a graph. */
export interface ValueInfo {
  readonly name: string;
  readonly type: DataType;
  readonly shape: Shape;
}

/** ONNX tells integers from floats: plain numbers are integers, `{ float }` and `{ floats }` the others. */
export type Attribute =
  | number
  | readonly number[]
  | string
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | Tensor;

/** The attributes of a node by their names in ONNX. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** One operation. Values are named by strings, as in ONNX; an empty input name is an input left out. */
export interface Node {
  /** The layer's name in the network that people know: `conv1`, `inception_3a/1x1`. Unique in a graph. */
  readonly name: string;
  /** The ONNX operator type. */
  readonly op: string;
  /** The operator's domain; absent for ONNX's own. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A network: nodes in topological order over named values. Never changed in place. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly Node[];
  /** Weights and other constants ("initializers" in ONNX), by value name. */
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** The one operator set that graphs are written in; other versions are converted when read. */
export const opset = 18;

/** The domain of limn's own operators, which ONNX Runtime does not know: they are lowered to ONNX's before. */
export const ownDomain = 'limn';

/** Float attributes are written `float(0.75)`: a bare number would be an integer to ONNX. */
export const float = (value: number): Attribute => ({ float: value });

/** The node that makes each value of a graph. */
export const producers = (graph: Graph): Map<string, Node> =>
  new Map(graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
