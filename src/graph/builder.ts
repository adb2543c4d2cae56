import { fail } from '../common/error.ts';
import type { Attribute, Attributes, Graph, Node, ValueInfo } from './graph.ts';
import { float32, int64, type Tensor } from './tensor.ts';

/** Constants of up to so many numbers are known again by these, written out. */
const mostAsText = 64;

/**
 * Adds operations to a graph. The same operation on the same inputs is made once: rules and derivatives can be
 * written naively and still share their common parts. Nodes that no output needs are dropped by {@link build}.
 *
 * @example
 * ```ts
 * import { float32, GraphBuilder } from 'limn/graph';
 *
 * const b = new GraphBuilder('tiny');
 * const image = b.input({ name: 'image', type: 'float32', shape: ['N', 3] });
 * const weight = b.weight('weight', float32([3, 2], new Float32Array(6)));
 * b.output(b.op('MatMul', [image, weight]), { name: 'scores', type: 'float32', shape: ['N', 2] });
 * console.log(b.build().nodes.map(({ op }) => op));
 * ```
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #inputs = new Map<string, ValueInfo>();
  readonly #outputs: ValueInfo[] = [];
  readonly #nodes: Node[] = [];
  readonly #producer = new Map<string, Node>();
  readonly #constants = new Map<string, Tensor>();
  /** Values by what computes them, so that nothing is computed twice. */
  readonly #known = new Map<string, readonly string[]>();
  /** Large constants by type and shape. */
  readonly #large = new Map<string, readonly string[]>();
  readonly #names = new Set<string>();
  /** How many names of a stem were made, so that the next is found at once. */
  readonly #stems = new Map<string, number>();
  #scope = '';
  /** Whether the graph is to run once or twice only: what takes longer to get ready than it then saves is left out. */
  readonly once: boolean;

  /** Starts from `base` (its outputs are not taken over: see {@link output}) or from nothing. */
  constructor(base: Graph | string, { once = false }: { readonly once?: boolean | undefined } = {}) {
    this.once = once;
    if (typeof base === 'string') {
      this.#name = base;
      return;
    }
    this.#name = base.name;
    for (const input of base.inputs) this.#inputs.set(input.name, input);
    for (const [name, constant] of base.constants) this.#constants.set(name, constant);
    for (const name of [...this.#inputs.keys(), ...this.#constants.keys()]) this.#names.add(name);
    for (const node of base.nodes) this.#append(node);
  }

  /** Names made from here on begin with `scope`, usually the layer that they belong to. */
  scope(scope: string): this {
    this.#scope = scope;
    return this;
  }

  /** Declares a graph input and returns its value. */
  input(info: ValueInfo): string {
    if (this.#names.has(info.name)) fail(this.#name, `the name '${info.name}' is taken already`);
    this.#names.add(info.name);
    this.#inputs.set(info.name, info);
    return info.name;
  }

  /** Declares a graph output: `value`, which gets the name `info.name` if it has another. */
  output(value: string, info: ValueInfo): void {
    if (value !== info.name)
      this.node({ op: 'Identity', name: info.name, inputs: [value], outputs: [info.name] });
    this.#outputs.push(info);
  }

  /** A constant under a name of its own: weights. */
  weight(name: string, tensor: Tensor): string {
    if (this.#names.has(name)) fail(this.#name, `the name '${name}' is taken already`);
    this.#names.add(name);
    this.#constants.set(name, tensor);
    return name;
  }

  /** A constant; equal ones are shared. */
  constant(tensor: Tensor): string {
    const kind = `constant ${tensor.type} [${tensor.shape}]`;
    const make = () => this.weight(this.#fresh('constant'), tensor);
    if (tensor.data.length <= mostAsText) return this.#remember(`${kind} ${tensor.data}`, () => [make()])[0];
    const alike = this.#large.get(kind) ?? [];
    const known = alike.find((name) => isEqual(this.#constants.get(name)!, tensor));
    if (known !== undefined) return known;
    const made = make();
    this.#large.set(kind, [...alike, made]);
    return made;
  }

  /** A large constant that is made from a few numbers, shared by the key that says which. */
  table(key: string, make: () => Tensor): string {
    return this.#remember(`table ${key}`, () => [this.weight(this.#fresh('table'), make())])[0];
  }

  /**
   * A float32 scalar; of `rank` dimensions of 1 where it meets a tensor of as many: ONNX Runtime takes a scalar of fewer
   * number by number, 2 to 25 times as long, where that tensor's last dimension is 1.
   */
  scalar(value: number, rank = 0): string {
    return this.constant(float32(new Array<number>(rank).fill(1), [value]));
  }

  /** A 1-D int64 constant: axes, shapes, pads. */
  ints(...values: number[]): string {
    return this.constant(int64([values.length], values));
  }

  /** Adds an operation with one output and returns that value. */
  op(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.ops(op, inputs, 1, attributes)[0];
  }

  /** Adds an operation with `count` outputs and returns them. */
  ops(op: string, inputs: readonly string[], count: number, attributes: Attributes = {}): readonly string[] {
    const key = `${op}(${inputs.join(',')}) ${attributeKey(attributes)} ${count}`;
    return this.#remember(key, () => {
      const name = this.#fresh(op);
      const outputs = count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}.${i}`);
      for (const output of outputs) this.#names.add(output);
      this.#append({ op, name, inputs, outputs, attributes });
      return outputs;
    });
  }

  /** Adds a node under names of the caller's choice and returns its outputs. */
  node(node: Omit<Node, 'attributes'> & { attributes?: Attributes }): readonly string[] {
    const taken = node.outputs.find((output) => this.#names.has(output));
    if (taken !== undefined) fail(this.#name, `node '${node.name}': the name '${taken}' is taken already`);
    this.#append({ attributes: {}, ...node });
    return node.outputs;
  }

  /** The node that makes a value; undefined for inputs and constants. */
  producer(value: string): Node | undefined {
    return this.#producer.get(value);
  }

  /** The value of a constant; undefined for anything else. */
  constantOf(value: string): Tensor | undefined {
    return this.#constants.get(value);
  }

  /** The graph of what the outputs need, in topological order. */
  build(): Graph {
    const nodes: Node[] = [];
    const constants = new Map<string, Tensor>();
    const done = new Set<string>();
    // An explicit stack: networks are deeper than the call stack is sure to be.
    const stack: { value: string; ready: boolean }[] = [];
    for (const output of [...this.#outputs].reverse()) stack.push({ value: output.name, ready: false });
    while (stack.length > 0) {
      const { value, ready } = stack.pop()!;
      const node = this.#producer.get(value);
      if (!node) {
        const constant = this.#constants.get(value);
        if (constant) constants.set(value, constant);
        else if (!this.#inputs.has(value)) fail(this.#name, `the value '${value}' is not made by any node`);
        continue;
      }
      const id = node.outputs[0];
      if (done.has(id)) continue;
      if (ready) {
        done.add(id);
        nodes.push(node);
        continue;
      }
      stack.push({ value, ready: true });
      for (const input of [...node.inputs].reverse())
        if (input !== '') stack.push({ value: input, ready: false });
    }
    return {
      name: this.#name,
      inputs: [...this.#inputs.values()],
      outputs: [...this.#outputs],
      nodes,
      constants,
    };
  }

  /** Makes every later use of what `value` names find `replacement`'s operation instead: `value` becomes its alias. */
  replace(value: string, make: () => string): void {
    const old = this.#producer.get(value) ?? fail(this.#name, `the value '${value}' is not made by any node`);
    const made = this.#producer.get(make())!;
    this.#producer.set(value, { ...made, name: old.name, outputs: [value] });
  }

  #append(node: Node): void {
    this.#nodes.push(node);
    for (const output of node.outputs) {
      if (output === '') continue;
      this.#names.add(output);
      this.#producer.set(output, node);
    }
    const key = `${node.op}(${node.inputs.join(',')}) ${attributeKey(node.attributes)} ${node.outputs.length}`;
    if (!node.domain && !this.#known.has(key)) this.#known.set(key, node.outputs);
  }

  #remember(key: string, make: () => readonly string[]): readonly string[] {
    const known = this.#known.get(key);
    if (known) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }

  #fresh(what: string): string {
    const stem = this.#scope ? `${this.#scope}/${what}` : what;
    let count = this.#stems.get(stem) ?? 0;
    let name = stem;
    for (; this.#names.has(name); count++) name = `${stem}_${count + 1}`;
    this.#stems.set(stem, count);
    return name;
  }
}

function attributeKey(attributes: Attributes): string {
  return Object.keys(attributes)
    .sort()
    .map((name) => `${name}=${valueKey(attributes[name])}`)
    .join(' ');
}

function valueKey(attribute: Attribute): string {
  // Being asked about every value, JSON takes far longer: only tensors may hold a bigint, which it does not know.
  if (typeof attribute !== 'object' || !('data' in attribute)) return JSON.stringify(attribute);
  return JSON.stringify(attribute, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** Whether two tensors of one type and shape hold the same numbers. */
function isEqual(one: Tensor, other: Tensor): boolean {
  const [a, b] = [one.data, other.data];
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
