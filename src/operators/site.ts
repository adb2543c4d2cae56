import { fail } from '../common/error.ts';
import type { Attribute, DataType, Node, Shape, Tensor } from '../graph/index.ts';

/** What is known about the values of a graph. */
export interface Inference {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly types: ReadonlyMap<string, DataType>;
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** A node at its place in a graph: its attributes with their defaults, and the shapes around it. */
export class Site {
  constructor(
    readonly node: Node,
    readonly known: Inference,
  ) {}

  /** Where errors say that they are: `node 'conv1' (Conv)`. */
  get where(): string {
    return `node '${this.node.name}' (${this.node.op})`;
  }

  /** Another node seen with the same knowledge; for operations that a rule puts in a node's place. */
  like(node: Node): Site {
    return new Site(node, this.known);
  }

  fail(what: string, fix?: string): never {
    return fail(this.where, what, fix);
  }

  /** Whether the i-th input is given. */
  has(i: number): boolean {
    return Boolean(this.node.inputs[i]);
  }

  /** The name of the i-th input's value. */
  input(i: number): string {
    return this.node.inputs[i] || this.fail(`input ${i} is missing`);
  }

  /** The shape of the i-th input. */
  shape(i: number): Shape {
    return (
      this.known.shapes.get(this.input(i)) ?? this.fail(`the shape of input '${this.input(i)}' is not known`)
    );
  }

  /** The shape of the i-th input from its `from`-th dimension on, every one of which must be a number. */
  dims(i: number, from = 0): number[] {
    return this.shape(i)
      .slice(from)
      .map((dim, axis) =>
        typeof dim === 'number'
          ? dim
          : this.fail(
              `dimension ${axis + from} of '${this.input(i)}' is not fixed ('${dim}')`,
              'give the input a fixed size',
            ),
      );
  }

  /** The type of the i-th input. */
  type(i: number): DataType {
    return this.known.types.get(this.input(i)) ?? 'float32';
  }

  /** The shape of the i-th output; known once the node has been inferred. */
  output(i = 0): Shape {
    const name = this.node.outputs[i] ?? this.fail(`output ${i} is missing`);
    return this.known.shapes.get(name) ?? this.fail(`the shape of output '${name}' is not known`);
  }

  /** The i-th input's tensor if it is a constant. */
  constant(i: number): Tensor | undefined {
    return this.has(i) ? this.known.constants.get(this.input(i)) : undefined;
  }

  /** The i-th input's elements as numbers; it must be a constant. */
  constants(i: number): number[] {
    const constant = this.constant(i) ?? this.fail(`input ${i} must be a constant`);
    return Array.from(constant.data as ArrayLike<number | bigint>, Number);
  }

  int(name: string, otherwise?: number): number {
    const value = this.node.attributes[name] ?? otherwise;
    return typeof value === 'number' ? value : this.#missing(name, 'an integer', value);
  }

  ints(name: string, otherwise?: readonly number[]): readonly number[] {
    const value = this.node.attributes[name] ?? otherwise;
    return Array.isArray(value) && value.every((n) => typeof n === 'number')
      ? (value as readonly number[])
      : this.#missing(name, 'a list of integers', value);
  }

  float(name: string, otherwise?: number): number {
    const value = this.node.attributes[name];
    if (value === undefined && otherwise !== undefined) return otherwise;
    return typeof value === 'object' && 'float' in value
      ? value.float
      : this.#missing(name, 'a float', value);
  }

  string(name: string, otherwise?: string): string {
    const value = this.node.attributes[name] ?? otherwise;
    return typeof value === 'string' ? value : this.#missing(name, 'a string', value);
  }

  #missing(name: string, expected: string, value: Attribute | undefined): never {
    return this.fail(
      value === undefined ? `attribute '${name}' is missing` : `attribute '${name}' must be ${expected}`,
    );
  }
}
