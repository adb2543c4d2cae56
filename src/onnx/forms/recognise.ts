import { type Graph, type Node, producers, type Shape } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { matches, type PatternMatch, type Scene } from '../../operators/forms/pattern.ts';
import type { Inference } from '../../operators/index.ts';
import { activations } from './activation.ts';
import type { Form, Piece } from './form.ts';
import { normalisationForms } from './normalisation.ts';

const forms: readonly Form[] = [...normalisationForms, ...activations];

/** A network in which operations that the file writes by their parts are one. */
export interface Recognised {
  readonly graph: Graph;
  /** How many there are, by operator. */
  readonly counts: ReadonlyMap<string, number>;
}

/** A graph while forms take the place of their parts. */
interface Replacing {
  readonly graph: Graph;
  readonly scene: Scene;
  readonly users: ReadonlyMap<string, readonly (Node | undefined)[]>;
  /** Those of the graph and of the forms. */
  readonly constants: Map<string, Tensor>;
  /** The names that new values must not have. */
  readonly taken: Set<string>;
  /** The parts that a form has replaced. */
  readonly gone: Set<Node>;
}

/** The nodes that take the place of a match, and the operator that they are counted as. */
interface Whole {
  readonly nodes: readonly Node[];
  readonly op: string;
}

/**
 * Finds normalisationForms, GELU, SiLU and others of their kind where a file writes them by their parts, and puts the one
 * operation in the place of these: relevance rules are for what a network does, not for how it is written. The result
 * keeps the last part's name; what something else uses, too, stays as it is written.
 * `tolerance` is relative, of the numbers by which parts are known.
 */
export function recognise(graph: Graph, known: Inference, tolerance: number): Recognised {
  const scene = { producers: producers(graph), known: { ...known, constants: graph.constants }, tolerance };
  const constants = new Map(graph.constants);
  const taken = new Set([...constants.keys(), ...scene.producers.keys(), ...known.shapes.keys()]);
  const gone = new Set<Node>();
  const replacing: Replacing = { graph, scene, users: usersOf(graph), constants, taken, gone };
  const made = new Map<Node, readonly Node[]>();
  const counts = new Map<string, number>();
  for (const root of [...graph.nodes].reverse()) {
    if (gone.has(root)) continue;
    const found = firstForm(root, replacing);
    if (!found) continue;
    for (const node of found.match.nodes) gone.add(node);
    made.set(root, found.nodes);
    counts.set(found.op, (counts.get(found.op) ?? 0) + 1);
  }
  const nodes = graph.nodes.flatMap((node) => made.get(node) ?? (gone.has(node) ? [] : [node]));
  return { graph: { ...graph, nodes, constants }, counts };
}

function firstForm(root: Node, replacing: Replacing): (Whole & { readonly match: PatternMatch }) | undefined {
  const { scene, users, gone } = replacing;
  for (const form of forms) {
    for (const match of matches(form.pattern, scene, root)) {
      if (match.nodes.some((node) => gone.has(node)) || !isClosed(root, match, users)) continue;
      const whole = putTogether(root, form, match, replacing);
      if (whole) return { match, ...whole };
    }
  }
  return undefined;
}

/** Whether nothing outside uses what is inside. */
function isClosed(root: Node, { nodes }: PatternMatch, users: Replacing['users']): boolean {
  const inside = new Set(nodes);
  return nodes.every(
    (node) =>
      node === root ||
      node.outputs.every((output) => (users.get(output) ?? []).every((user) => user && inside.has(user))),
  );
}

/** What a form makes of a match; undefined, and nothing added, where its parts do not make it after all. */
function putTogether(
  root: Node,
  form: Form,
  match: PatternMatch,
  { graph, scene, constants, taken }: Replacing,
): Whole | undefined {
  const parts: Node[] = [];
  const held = new Map<string, Tensor>();
  const fresh = (): string => {
    for (let i = parts.length + held.size; ; i++) {
      const name = `${root.name}/${i}`;
      if (taken.has(name) || held.has(name) || parts.some((part) => part.name === name)) continue;
      return name;
    }
  };
  const last = form.make(match, {
    shape: (value): Shape | undefined => scene.known.shapes.get(value),
    constant: (value) => graph.constants.get(value),
    hold(tensor) {
      const name = fresh();
      held.set(name, tensor);
      return name;
    },
    add(piece) {
      const name = fresh();
      parts.push(nodeOf(piece, name, name));
      return name;
    },
  });
  if (!last) return undefined;
  for (const [name, tensor] of held) constants.set(name, tensor);
  const nodes = [...parts, nodeOf(last, root.name, root.outputs[0])];
  for (const name of [...held.keys(), ...parts.map((part) => part.name)]) taken.add(name);
  // What is only moved there and back is no form by itself.
  const { op } = nodes.find((node) => node.op !== 'Transpose')!;
  return { nodes, op };
}

const nodeOf = ({ op, inputs, attributes = {} }: Piece, name: string, output: string): Node => ({
  op,
  name,
  inputs,
  outputs: [output],
  attributes,
});

/** The nodes that use each value; undefined stands for the network's outputs. */
function usersOf(graph: Graph): Map<string, (Node | undefined)[]> {
  const users = new Map<string, (Node | undefined)[]>();
  const note = (value: string, user: Node | undefined) => {
    const known = users.get(value);
    if (known) known.push(user);
    else users.set(value, [user]);
  };
  for (const node of graph.nodes) for (const input of node.inputs) note(input, node);
  for (const { name } of graph.outputs) note(name, undefined);
  return users;
}
