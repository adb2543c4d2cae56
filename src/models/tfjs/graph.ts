import type { JsonField } from '../../common/json.ts';
import type { Graph, Tensor } from '../../graph/index.ts';
import { NodeAttributes } from './attributes.ts';
import { TfBuilder } from './builder.ts';
import { operations } from './operations.ts';
import type { OperationSite, TfResult } from './site.ts';
import type { TfDim, TfValue } from './values.ts';

/** What a graph model is converted with. */
export interface TfGraphOptions {
  /** The input's shape N×H×W×C where the file leaves height and width open; the batch stays open. */
  readonly inputShape?: readonly number[] | undefined;
}

/**
 * The network of a graph model of TensorFlow.js: TensorFlow's graph, frozen, its constants by name. Its outputs are those of its
 * signature, or else the nodes that nothing uses. Its operations are all supported. Errors name the node: settings that are not
 * supported, a shape that is not known.
 */
export function tfGraph(
  topology: JsonField,
  weights: ReadonlyMap<string, Tensor<'float32'>>,
  signature: JsonField,
  file: string,
  { inputShape }: TfGraphOptions = {},
): Graph {
  const b = new TfBuilder('model', file);
  const nodes = nodesOf(topology);
  const made = new Map<string, TfResult>();
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const valueOfName = (name: string): TfValue => {
    const found = made.get(name);
    if (found === undefined) return b.fail(`its input '${name}' comes later, or there is none`);
    if ('dims' in found) return b.fail(`its input '${name}' is a shape`);
    return 'data' in found ? b.constant(found) : found;
  };
  for (const { name, op, inputs, attributes } of inOrder(nodes)) {
    b.layer(layerOf(name));
    if (op === 'Placeholder') {
      made.set(name, b.input(name, placeholder(b, attributes, inputShape)));
      continue;
    }
    if (op === 'Const') {
      made.set(name, weights.get(name) ?? b.fail('its value is missing'));
      continue;
    }
    if (op === 'NoOp') continue;
    const given = inputs.map((input) => made.get(input) ?? b.fail(`there is no '${input}', its input`));
    const site: OperationSite = {
      b,
      attributes,
      inputs: given,
      value: (i) => valueOfName(inputs[i] ?? b.fail(`it has no input ${i}`)),
      constant(i) {
        const found = given[i];
        return found && 'data' in found ? found : b.fail(`its input ${i} is no constant`);
      },
      numbers(i): readonly TfDim[] {
        const found = given[i];
        if (found && 'dims' in found) return found.dims;
        return found && 'data' in found ? Array.from(found.data) : b.fail(`its input ${i} is no constant`);
      },
    };
    made.set(name, operations[op](site));
  }
  const outputs = outputNames(signature) ?? nodes.map(({ name }) => name).filter((name) => !used.has(name));
  return b.build(outputs.map(valueOfName));
}

/** The nodes as the file has them, without what only orders them. */
export const nodesOf = (topology: JsonField) =>
  topology.at('node').list((node) => ({
    name: node.at('name').string(),
    op: node.at('op').string(),
    inputs: (node.at('input').value === undefined ? [] : node.at('input').list((input) => input.string()))
      .filter((input) => !input.startsWith('^'))
      .map((input) => input.replace(/:0$/, '')),
    attributes: new NodeAttributes(node.at('attr')),
  }));

/** What is no operation: inputs, weights, and what does nothing. */
export const builtIn: ReadonlySet<string> = new Set(['Placeholder', 'Const', 'NoOp']);

/** `StatefulPartitionedCall/model/conv/Relu` as `model/conv/Relu`: the calls say only that TensorFlow saved a function. */
export const layerOf = (name: string): string =>
  name
    .replace(/^((Stateful)?PartitionedCall(_\d+)?\/)+(?=.)/, '')
    .replace(/\/(Stateful)?PartitionedCall(?=\/)/g, '');

interface Named {
  readonly name: string;
  readonly inputs: readonly string[];
}

/** Nodes behind what they need; files may hold them in any order. */
function inOrder<T extends Named>(nodes: readonly T[]): T[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const done = new Set<string>();
  const sorted: T[] = [];
  const stack = nodes.map((node) => ({ node, isReady: false })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { node, isReady } = next;
    if (isReady) sorted.push(node);
    if (isReady || done.has(node.name)) continue;
    done.add(node.name);
    stack.push({ node, isReady: true });
    for (const input of node.inputs) {
      const source = byName.get(input);
      if (source && !done.has(input)) stack.push({ node: source, isReady: false });
    }
  }
  return sorted;
}

function placeholder(
  b: TfBuilder,
  attributes: NodeAttributes,
  given: readonly number[] | undefined,
): readonly TfDim[] {
  const stated = attributes.shape('shape') ?? [];
  const shape = stated.length === 4 && given ? stated.map((n, i) => (n > 0 ? n : given[i])) : stated;
  if (shape.length === 0 || shape.slice(1).some((n) => !(n > 0)))
    b.fail(`its input [${stated}] has no fixed size`, 'give the input shape');
  return ['N', ...shape.slice(1)];
}

/** The outputs by the signature, in its order. */
function outputNames(signature: JsonField): string[] | undefined {
  const { value } = signature;
  if (typeof value !== 'object' || value === null) return undefined;
  const outputs = signature.at('outputs');
  if (outputs.value === undefined) return undefined;
  return Object.values(outputs.record((entry) => entry.at('name').string().replace(/:0$/, '')));
}
