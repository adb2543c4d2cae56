import { fail } from '../../common/error.ts';
import { type Attributes, float32, type Graph, GraphBuilder, type Tensor } from '../../graph/index.ts';
import { reordered } from '../reordered.ts';

/** A dimension as TensorFlow counts them; the batch is open. */
export type TfDim = number | 'N';

/**
 * A value of a network in TensorFlow's shape, N×H×W×C for images. The graph that is made holds all values of four
 * dimensions as N×C×H×W, as ONNX has images; others are held as they are.
 */
export interface TfValue {
  readonly name: string;
  readonly shape: readonly TfDim[];
}

/** Where TensorFlow's axis of an image is in ONNX's. */
export const imageAxis = [0, 2, 3, 1];

/** The values of a network that is made, each held in ONNX's layout. Nodes get the names of the source's layers. */
export class TfValues {
  protected readonly b: GraphBuilder;
  readonly #names = new Set<string>();
  #layer = '';

  /** `file` is what errors call the source. */
  constructor(
    name: string,
    readonly file: string,
  ) {
    this.b = new GraphBuilder(name);
  }

  /** What is made from here on belongs to the layer of this name. */
  layer(name: string): void {
    this.#layer = name;
  }

  fail(what: string, fix?: string): never {
    return fail(`${this.file}: layer '${this.#layer}'`, what, fix);
  }

  input(name: string, shape: readonly TfDim[]): TfValue {
    this.#names.add(name);
    this.b.input({ name, type: 'float32', shape: heldShape(shape) });
    return { name, shape };
  }

  /** The finished graph. `outputs` get these names where they are free. */
  build(outputs: readonly TfValue[]): Graph {
    for (const { name, shape } of outputs)
      this.b.output(name, { name, type: 'float32', shape: heldShape(shape) });
    return this.b.build();
  }

  /** A constant of TensorFlow's shape that is held as ONNX has it. */
  constant(given: Tensor<'float32'>): TfValue {
    const held = given.shape.length === 4 ? reordered(given, [0, 3, 1, 2]) : given;
    return { name: this.weight('constant', held), shape: given.shape };
  }

  /** A dimension that is known. */
  protected fixed(dim: TfDim | undefined): number {
    return typeof dim === 'number' ? dim : this.fail('its input has no fixed size');
  }

  protected product(dims: readonly TfDim[]): number {
    return dims.reduce<number>((product, dim) => product * this.fixed(dim), 1);
  }

  /** The name of a value in TensorFlow's own order. */
  protected plain({ name, shape }: TfValue): string {
    if (shape.length !== 4) return name;
    return this.node('Transpose', [name], shape, { perm: [0, 2, 3, 1] }).name;
  }

  /** What was made in TensorFlow's order, as the graph holds it. */
  protected held(value: TfValue): TfValue {
    if (value.shape.length !== 4) return value;
    return this.node('Transpose', [value.name], value.shape, { perm: [0, 3, 1, 2] });
  }

  protected weight(what: string, tensor: Tensor): string {
    return this.b.weight(this.#fresh(`${this.#layer}.${what}`), tensor);
  }

  /** A node of the graph with one output of TensorFlow's shape. */
  protected node(
    op: string,
    inputs: readonly string[],
    shape: readonly TfDim[],
    attributes: Attributes = {},
  ): TfValue {
    const name = this.#fresh(this.#layer);
    this.b.node({ op, name, inputs, outputs: [name], attributes });
    return { name, shape };
  }

  #fresh(stem: string): string {
    let name = stem;
    for (let i = 1; this.#names.has(name); i++) name = `${stem}/${i}`;
    this.#names.add(name);
    return name;
  }
}

const heldShape = (shape: readonly TfDim[]): readonly TfDim[] =>
  shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : shape;

/** A constant that stands beside a value of so many dimensions, its channels where the graph holds them. */
export function broadcastable(given: Tensor<'float32'>, rank: number): Tensor<'float32'> {
  const { shape, data } = given;
  if (rank !== 4 || shape.length === 0) return given;
  const full = float32([...new Array<number>(4 - shape.length).fill(1), ...shape], data);
  return reordered(full, [0, 3, 1, 2]);
}
