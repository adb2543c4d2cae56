import {
  type Attributes,
  type Graph,
  GraphBuilder,
  type Node,
  producers,
  type Shape,
} from '../../graph/index.ts';
import type { Inference } from '../site.ts';
import type { BlockedWeights } from './weights.ts';

/** The domain of the operators that ONNX Runtime has for values in blocks; only its CPU provider has them. */
export const blockedDomain = 'com.microsoft.nchwc';

/** What a node that makes a value in blocks does. */
export interface BlockedStep {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: string[];
  readonly attributes: Record<string, Attributes[string]>;
}

/** A node that is still being put together: additions and rectifiers are merged into convolutions. */
export interface BlockedNode extends BlockedStep {
  readonly name: string;
  readonly outputs: readonly string[];
}

/** What kernels ask and add while a graph is written anew. */
export interface BlockedLayout extends BlockedWeights {
  /** Whether a value can lie in blocks: N×C×H×W, with whole blocks of channels. */
  fits(value: string): boolean;
  /** Whether it does already. */
  lies(value: string): boolean;
  /** Whether it is made of constants alone, and so computed once. */
  fixed(value: string): boolean;
  /** How many nodes and outputs of the graph take it. */
  uses(value: string): number;
  /** A value's name in blocks; what is not, is reordered. */
  blocked(value: string): string;
  /** The convolution in blocks that makes a value; undefined where another node does. */
  convolution(value: string): BlockedNode | undefined;
  /** Makes a value in blocks. */
  make(value: string, step: BlockedStep): void;
  /** Keeps a node as it is, and makes its value in blocks as well. */
  beside(node: Node, step: BlockedStep): void;
  /** Keeps a node as it is. */
  keep(node: Node): void;
  /** Says that a value in blocks is what another node makes by now. */
  alias(value: string, made: string): void;
}

/** A graph that is written anew, node by node. */
export class BlockedWriter implements BlockedLayout {
  readonly b: GraphBuilder;
  readonly producers: ReadonlyMap<string, Node>;
  readonly #fixed: Set<string>;
  readonly #uses = new Map<string, number>();
  readonly #drafts: BlockedNode[] = [];
  /** Names in blocks, by value. */
  readonly #blocked = new Map<string, string>();
  /** Values that are made in blocks; what they are called plainly is made of that. */
  readonly #primary = new Set<string>();
  readonly #makers = new Map<string, BlockedNode>();

  constructor(
    readonly graph: Graph,
    readonly known: Inference,
    readonly block: number,
  ) {
    this.b = new GraphBuilder({ ...graph, nodes: [] }).scope('blocks');
    this.producers = producers(graph);
    this.#fixed = new Set(graph.constants.keys());
    for (const { inputs, outputs } of graph.nodes) {
      for (const input of inputs) this.#uses.set(input, this.uses(input) + 1);
      if (inputs.every((input) => input === '' || this.#fixed.has(input)))
        for (const output of outputs) this.#fixed.add(output);
    }
    for (const { name } of graph.outputs) this.#uses.set(name, this.uses(name) + 1);
  }

  fits(value: string): boolean {
    const shape = this.known.shapes.get(value);
    return (
      shape?.length === 4 &&
      (this.known.types.get(value) ?? 'float32') === 'float32' &&
      shape.slice(1).every((dim) => typeof dim === 'number') &&
      (shape[1] as number) % this.block === 0 &&
      !this.#fixed.has(value)
    );
  }

  lies = (value: string): boolean => this.#blocked.has(value);
  fixed = (value: string): boolean => this.#fixed.has(value);
  uses = (value: string): number => this.#uses.get(value) ?? 0;

  blocked(value: string): string {
    const known = this.#blocked.get(value);
    if (known !== undefined) return known;
    const made = `${value}:blocks`;
    this.#blocked.set(value, made);
    this.#draft({ op: 'ReorderInput', domain: blockedDomain, inputs: [value], attributes: {} }, made);
    return made;
  }

  convolution(value: string): BlockedNode | undefined {
    const maker = this.#primary.has(value) ? this.#makers.get(this.blocked(value)) : undefined;
    return maker?.op === 'Conv' ? maker : undefined;
  }

  make(value: string, step: BlockedStep): void {
    const made = `${value}:blocks`;
    this.#draft(step, made);
    this.alias(value, made);
  }

  beside(node: Node, step: BlockedStep): void {
    const [value] = node.outputs;
    const made = `${value}:blocks`;
    this.keep(node);
    this.#draft(step, made);
    this.#blocked.set(value, made);
  }

  alias(value: string, made: string): void {
    this.#primary.add(value);
    this.#blocked.set(value, made);
    const [, channels] = this.known.shapes.get(value) as Shape;
    const attributes = { channels: channels as number };
    this.#draft({ op: 'ReorderOutput', domain: blockedDomain, inputs: [made], attributes }, value);
  }

  keep({ outputs, attributes, inputs, ...node }: Node): void {
    this.#drafts.push({ ...node, inputs: [...inputs], outputs, attributes: { ...attributes } });
  }

  build(): Graph {
    for (const draft of this.#drafts) this.b.node(draft);
    for (const output of this.graph.outputs) this.b.output(output.name, output);
    return this.b.build();
  }

  #draft(step: BlockedStep, made: string): void {
    const whole = { ...step, name: made, outputs: [made] };
    this.#drafts.push(whole);
    this.#makers.set(made, whole);
  }
}
