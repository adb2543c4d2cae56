import { LimnError } from '../../common/error.ts';
import type { Node, ValueInfo } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { findOperator, type Growing, given, inferNode } from '../../operators/index.ts';
import type { Branches } from '../conditional.ts';
import type { Nodes } from '../nodes.ts';
import type { Positions } from '../positions.ts';
import type { Dims } from '../upgrade/step.ts';

/** A network as read, in its own operator set. */
export interface ReadNetwork {
  readonly inputs: readonly ValueInfo[];
  /** Sorted. */
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly outputs: readonly string[];
  /** The shapes that the file states for some values. */
  readonly stated: ReadonlyMap<string, Dims>;
  /** What the conditional nodes choose between, by name. */
  readonly branches: Branches;
  readonly opset: number;
  /** Whether 64-bit floats become float32, in which limn computes. */
  readonly isNarrowed: boolean;
}

/** A network on its way into limn's operator set: the nodes that it has so far, and what is known of its values. */
export class Rewriting {
  /** Names the model in errors. */
  readonly file: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: ReadonlySet<string>;
  readonly constants: Map<string, Tensor>;
  readonly known: Growing;
  readonly nodes: Node[] = [];
  readonly producers = new Map<string, Node>();
  /** Constants by the names of their copies, which are left out. */
  readonly aliases = new Map<string, string>();
  /** The values that are arrays of positions in others. */
  readonly positions = new Map<string, Positions>();
  /** Why the first of the nodes whose operator limn knows could not be understood. */
  refusal: LimnError | undefined;
  /** How many elements of constants were computed. */
  computed = 0;
  readonly #stated: ReadonlyMap<string, Dims>;
  readonly #names: Set<string>;
  readonly #used: Set<string>;

  constructor(read: ReadNetwork, file: string) {
    this.file = file;
    this.inputs = read.inputs;
    this.outputs = new Set(read.outputs);
    this.constants = new Map(read.constants);
    this.known = { ...given({ inputs: read.inputs, constants: this.constants }), constants: this.constants };
    this.#stated = read.stated;
    this.#names = new Set([
      ...read.constants.keys(),
      ...read.stated.keys(),
      ...read.nodes.flatMap(({ outputs, inputs }) => [...outputs, ...inputs]),
    ]);
    this.#used = new Set([...read.outputs, ...read.nodes.flatMap(({ inputs }) => inputs)]);
  }

  /** The dimensions of a value as far as they are numbers: as they follow, else as the file states them. */
  dims(value: string): Dims {
    return (
      this.known.shapes.get(value)?.map((dim) => (typeof dim === 'number' ? dim : undefined)) ??
      this.#stated.get(value)
    );
  }

  /** Whether a node or the network's outputs use a value. */
  used(value: string): boolean {
    return this.#used.has(value);
  }

  /** The node with constants in the place of their copies. */
  current(node: Node): Node {
    return { ...node, inputs: node.inputs.map((input) => this.aliases.get(input) ?? input) };
  }

  /** Takes the names of nodes that come in later. */
  announce({ nodes }: Pick<Nodes, 'nodes'>): void {
    for (const node of nodes)
      for (const value of [...node.inputs, ...node.outputs]) {
        this.#names.add(value);
        this.#used.add(value);
      }
  }

  /** A name that no value has: the stem with a number. */
  fresh(stem: string): string {
    for (let i = 1; ; i++) {
      const name = `${stem}/${i}`;
      if (this.#names.has(name)) continue;
      this.#names.add(name);
      return name;
    }
  }

  /** Keeps a tensor as the value of a name. */
  hold(name: string, tensor: Tensor): void {
    this.constants.set(name, tensor);
    this.known.shapes.set(name, tensor.shape);
    this.known.types.set(name, tensor.type);
  }

  /** Keeps a tensor under a new name, and returns that. */
  add(stem: string, tensor: Tensor): string {
    const name = this.fresh(stem);
    this.hold(name, tensor);
    return name;
  }

  /** Adds what can be told of a node's outputs; whether that is so. */
  inferred(node: Node): boolean {
    try {
      inferNode(node, this.known);
      return true;
    } catch (error) {
      if (!(error instanceof LimnError)) throw error;
      if (findOperator(node)) this.refusal ??= error;
      return false;
    }
  }

  /** Adds a node. */
  keep(node: Node): void {
    this.nodes.push(node);
    for (const output of node.outputs) this.producers.set(output, node);
  }

  /** Adds a node that the file does not have, before `near`, and returns its value. */
  make(near: Node, op: string, inputs: readonly string[], attributes: Node['attributes'] = {}): string {
    const output = this.fresh(near.name);
    const node = { op, name: output, inputs, outputs: [output], attributes };
    this.inferred(node);
    this.keep(node);
    return output;
  }
}
