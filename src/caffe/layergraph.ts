import { fail, LimnError } from '../common/error.ts';
import { GraphBuilder, type Node, type Shape, size, type Tensor, type ValueInfo } from '../graph/index.ts';
import { type Growing, inferNode } from '../operators/index.ts';
import type { Blob } from './layers/converter.ts';

/** The graph that a network's layers are converted into, and what is known of its values. */
export class LayerGraph {
  readonly builder: GraphBuilder;
  readonly known: Growing;
  readonly #constants = new Map<string, Tensor>();

  constructor(name: string) {
    this.builder = new GraphBuilder(name);
    this.known = {
      shapes: new Map(),
      types: new Map(),
      constants: this.#constants,
      elements: new Map(),
    };
  }

  /** A value that the graph has already. */
  blob(value: string): Blob {
    return { value, shape: this.known.shapes.get(value)! };
  }

  /** Declares an input and returns its value. */
  input(info: ValueInfo): string {
    this.known.shapes.set(info.name, info.shape);
    this.known.types.set(info.name, info.type);
    return this.builder.input(info);
  }

  /** Adds a constant and returns its value. */
  constant(name: string, tensor: Tensor): string {
    const value = this.builder.weight(name, tensor);
    this.#constants.set(value, tensor);
    this.known.shapes.set(value, tensor.shape);
    this.known.types.set(value, tensor.type);
    return value;
  }

  /** Adds a node. Errors, at `where`: inputs that do not fit it, outputs that are too large. */
  node(node: Node, where: string): void {
    try {
      inferNode(node, this.known);
    } catch (error) {
      throw error instanceof LimnError ? new LimnError(where, error.what, error.fix) : error;
    }
    for (const output of node.outputs) checkCount(this.known.shapes.get(output)!, where);
    this.builder.node(node);
  }
}

/** Caffe's own limit on the number of values of a blob, here for each image. */
export function checkCount(shape: Shape, where: string): void {
  const count = size(shape.map((dim) => (typeof dim === 'number' ? dim : 1)));
  if (count > 0x7fffffff) fail(where, `a blob [${shape}] is larger than Caffe's limit of 2147483647 values`);
}
