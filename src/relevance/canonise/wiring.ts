import { type Graph, GraphBuilder, type Node, type Shape, type Tensor } from '../../graph/index.ts';
import { type Inference, infer, Site } from '../../operators/index.ts';
import { inputLayers } from './layers.ts';

/**
 * A graph whose nodes are exchanged while it is looked at. Values keep their names and so their shapes; the graph
 * that it was made from stays as it is.
 */
export class Wiring {
  changed = false;
  readonly #graph: Graph;
  readonly #known: Inference;
  readonly #constants: Map<string, Tensor>;
  readonly #shapes: Map<string, Shape>;
  #raw: ReadonlySet<string> | undefined;
  /** By name, in topological order: a Map keeps a key's place when its value is exchanged. */
  readonly #nodes: Map<string, Node>;
  readonly #producers = new Map<string, string>();
  readonly #consumers = new Map<string, Set<string>>();

  constructor(graph: Graph) {
    this.#graph = graph;
    const known = infer(graph);
    this.#constants = new Map(graph.constants);
    this.#shapes = new Map(known.shapes);
    this.#known = { ...known, constants: this.#constants, shapes: this.#shapes };
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
    for (const node of graph.nodes) this.#link(node);
  }

  /** The nodes as they are now, in topological order. */
  get nodes(): readonly Node[] {
    return [...this.#nodes.values()];
  }

  site(node: Node): Site {
    return new Site(node, this.#known);
  }

  /** Whether a node of the given graph sees nothing but its input, in front of the first layer. */
  isRaw({ name }: Node): boolean {
    this.#raw ??= inputLayers(this.#graph, infer(this.#graph)).raw;
    return this.#raw.has(name);
  }

  /** What a node has become; undefined where it is gone. */
  now(node: Node): Node | undefined {
    return this.#nodes.get(node.name);
  }

  producer(value: string): Node | undefined {
    return this.#nodes.get(this.#producers.get(value) ?? '');
  }

  /** The one node that uses a value, where there is one and the value is no output of the graph. */
  onlyConsumer(value: string): Node | undefined {
    const [first, ...others] = this.#consumers.get(value) ?? [];
    const isOutput = this.#graph.outputs.some((output) => output.name === value);
    return isOutput || others.length > 0 ? undefined : this.#nodes.get(first ?? '');
  }

  remove(node: Node): void {
    this.#unlink(node);
    this.#nodes.delete(node.name);
    this.changed = true;
  }

  /** Puts a node of the same name in a node's place. */
  replace(node: Node, by: Node): void {
    this.#unlink(node);
    this.#nodes.set(node.name, by);
    this.#link(by);
    this.changed = true;
  }

  /** A value of a shape under a name like the given one. */
  value(name: string, shape: Shape): string {
    const free = this.#shapes.has(name) ? `${name}.merged` : name;
    this.#shapes.set(free, shape);
    return free;
  }

  /** Stores a constant under a name like the given one and returns its value. */
  store(name: string, tensor: Tensor): string {
    const free = this.#shapes.has(name) ? this.store(`${name}.merged`, tensor) : name;
    this.#constants.set(free, tensor);
    this.#shapes.set(free, tensor.shape);
    return free;
  }

  graph(): Graph {
    const b = new GraphBuilder({ ...this.#graph, nodes: this.nodes, constants: this.#constants });
    for (const output of this.#graph.outputs) b.output(output.name, output);
    return b.build();
  }

  #link(node: Node): void {
    for (const output of node.outputs) this.#producers.set(output, node.name);
    for (const input of node.inputs) {
      const consumers = this.#consumers.get(input);
      if (consumers) consumers.add(node.name);
      else this.#consumers.set(input, new Set([node.name]));
    }
  }

  #unlink(node: Node): void {
    for (const output of node.outputs) this.#producers.delete(output);
    for (const input of node.inputs) this.#consumers.get(input)?.delete(node.name);
  }
}
