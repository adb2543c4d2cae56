import { fail } from '../common/error.ts';
import type { Words } from '../common/words.ts';
import {
  type Attribute,
  type DataType,
  type Dim,
  type Node,
  numbers,
  type Shape,
  type Tensor,
} from '../graph/index.ts';
import { giveSize } from './opensize.ts';
import { type Elements, elementsOf } from './value.ts';

/** What is known about the values of a graph. */
export interface Inference {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly types: ReadonlyMap<string, DataType>;
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Elements that follow from shapes: of small arrays of integers that are no constants. */
  readonly elements?: ReadonlyMap<string, Elements>;
  /**
   * Whether the graph will run on a processor and nowhere else, as trainings do: some of ONNX Runtime's kernels are there
   * alone. False unless given.
   */
  readonly onProcessor?: boolean;
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

  fail(what: string, fix?: Words): never {
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

  /** One dimension of the i-th input, which must be a number. */
  dim(i: number, axis: number): number {
    const dim = this.shape(i)[axis];
    if (typeof dim === 'number') return dim;
    return this.fail(
      dim === undefined
        ? `'${this.input(i)}' [${this.shape(i)}] has no dimension ${axis}`
        : `dimension ${axis} of '${this.input(i)}' is not fixed ('${dim}')`,
      giveSize,
    );
  }

  /** The shape of the i-th input from its `from`-th dimension on, every one of which must be a number. */
  dims(i: number, from = 0): number[] {
    return this.shape(i)
      .slice(from)
      .map((_, axis) => this.dim(i, axis + from));
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
    return numbers(constant);
  }

  /** The i-th input's elements, where it is a constant or follows from shapes. */
  elements(i: number): Elements | undefined {
    const constant = this.constant(i);
    return constant ? elementsOf(constant) : this.known.elements?.get(this.node.inputs[i] ?? '');
  }

  /** The i-th input as a list of dimensions. Errors: it follows from more than shapes. */
  dimensions(i: number): readonly Dim[] {
    const known = this.elements(i) ?? this.fail(`input ${i} must be a constant, or follow from shapes`);
    return Array.from(known.data);
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
