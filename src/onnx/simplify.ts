import { fail } from '../common/error.ts';
import type { Node } from '../graph/graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Growing } from '../operators/index.ts';
import { conditional } from './conditional.ts';
import { codeOf, isHalf, typeOf } from './element.ts';
import { constantValue } from './fold.ts';
import { nodePlace } from './names.ts';
import { positionsOf } from './positions.ts';
import { isComputed } from './simplify/computed.ts';
import { padded } from './simplify/padding.ts';
import { type ReadNetwork, Rewriting } from './simplify/rewriting.ts';
import { reshaped, withStaticShape } from './simplify/shapes.ts';
import { type Surroundings, upgrade } from './upgrade.ts';

/** The network in limn's operator set, and what is known of its values. */
export interface Simplified {
  readonly nodes: readonly Node[];
  readonly known: Growing;
}

/**
 * Brings a network into limn's operator set and computes all that does not depend on its input, or on its input's shape
 * only: constants, shapes with the batch as a symbol, conditions. Values whose shapes cannot be told (behind operators
 * that limn does not know) stay as they are; whoever needs them gets the error.
 */
export function simplify(read: ReadNetwork, file: string): Simplified {
  const network = new Rewriting(read, file);
  const branches = new Map(read.branches);
  const around = surroundings(network);
  // A stack, since what a conditional chooses takes its place.
  const waiting = [...read.nodes].reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const node = network.current(next);
    if (node.op === 'Constant') {
      const value = constantValue(node, nodePlace(file, node));
      network.hold(node.outputs[0], read.isNarrowed ? narrow(value) : value);
    } else if (node.op === 'If') {
      const chosen = conditional(node, branches, network.constants, file);
      for (const [name, tensor] of chosen.constants) network.hold(name, tensor);
      for (const [name, nested] of chosen.branches) branches.set(name, nested);
      network.announce(chosen);
      waiting.push(...[...chosen.nodes].reverse());
    } else {
      for (const form of upgraded(node, read.opset, around, network))
        take(padded(network.current(toFloat32(form, read.isNarrowed)), network), network);
    }
  }
  return { nodes: network.nodes, known: network.known };
}

/** Errors: where a node cannot be converted since too little is known of its inputs, what stood before them. */
function upgraded(
  node: Node,
  from: number,
  around: Surroundings,
  { file, refusal }: Rewriting,
): readonly Node[] {
  try {
    return upgrade(node, from, around);
  } catch (error) {
    if (!refusal || node.inputs.every((input) => around.dims(input))) throw error;
    return fail(`${file}: ${refusal.where}`, refusal.what, refusal.fix);
  }
}

/** What the steps that convert a node may know of the network and add to it. */
const surroundings = (network: Rewriting): Surroundings => ({
  file: network.file,
  fresh: (stem) => network.fresh(stem),
  hold: (name, tensor) => network.hold(name, tensor),
  constant: (value) => (value ? network.constants.get(value) : undefined),
  dims: (value) => (value ? network.dims(value) : undefined),
  type: (value) => (value ? network.known.types.get(value) : undefined),
  used: (value) => network.used(value),
  takesImages: network.inputs.some(({ shape }) => shape.length === 4),
});

/** Takes a node of limn's operator set into the network, or what is known of it instead. */
function take(node: Node, network: Rewriting): void {
  const { constants, outputs } = network;
  const [output = ''] = node.outputs;
  const [input = ''] = node.inputs;
  if (node.op === 'Identity' && constants.has(input) && !outputs.has(output)) {
    network.aliases.set(output, input);
    return;
  }
  if (!network.inferred(node)) {
    network.keep(node);
    return;
  }
  const array = positionsOf(node, network.known.shapes.get(output) ?? [], network.known, network.positions);
  if (array) network.positions.set(output, array);
  if (!node.outputs.some((name) => outputs.has(name)) && isComputed(node, network)) return;
  network.keep(withStaticShape(reshaped(withoutNeed(node, network), network), network));
}

/** A cast to the type that a value has already is none. */
function withoutNeed(node: Node, { known }: Rewriting): Node {
  const isSame = known.types.get(node.inputs[0] ?? '') === known.types.get(node.outputs[0] ?? '');
  if (node.op !== 'Cast' || !isSame) return node;
  return { ...node, op: 'Identity', attributes: {} };
}

/** Casts to floats of other sizes make float32, in which limn computes; to 64 bits where these are narrowed. */
function toFloat32(node: Node, isNarrowed: boolean): Node {
  const to = node.attributes.to as number;
  if (node.op !== 'Cast' || !(isHalf(to) || (isNarrowed && typeOf(to) === 'float64'))) return node;
  return { ...node, attributes: { ...node.attributes, to: codeOf('float32') } };
}

/** 64-bit floats as float32. */
export const narrow = (t: Tensor): Tensor =>
  t.type === 'float64' ? { type: 'float32', shape: t.shape, data: Float32Array.from(t.data, Number) } : t;
