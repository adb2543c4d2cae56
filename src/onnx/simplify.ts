import { fail, LimnError } from '../common/error.ts';
import { type Dim, dimNames, productOf, subtractDims } from '../graph/dim.ts';
import type { Node, Shape, ValueInfo } from '../graph/graph.ts';
import { int64, type Tensor } from '../graph/tensor.ts';
import { evaluateNode, type Growing, given, inferNode } from '../operators/index.ts';
import { tensorOf } from '../operators/value.ts';
import { type Branches, conditional } from './conditional.ts';
import { codeOf, isHalf, typeOf } from './element.ts';
import { constantValue } from './fold.ts';
import { nodePlace } from './names.ts';
import { countsInOrder, type Positions, positionsOf } from './positions.ts';
import type { Dims } from './upgrade/step.ts';
import { upgrade } from './upgrade.ts';

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

/** The network in limn's operator set, and what is known of its values. */
export interface Simplified {
  readonly nodes: readonly Node[];
  readonly known: Growing;
}

/** Elements that constants may be computed to, of one value and in all: a few bytes of a file must not take all memory. */
const [mostOfOne, mostOfAll] = [2 ** 25, 2 ** 26];

/**
 * Brings a network into limn's operator set and computes all that does not depend on its input, or on its input's shape
 * only: constants, shapes with the batch as a symbol, conditions. Values whose shapes cannot be told (behind operators
 * that limn does not know) stay as they are; whoever needs them gets the error.
 */
export function simplify(draft: ReadNetwork, file: string): Simplified {
  const constants = new Map(draft.constants);
  const known = { ...given({ inputs: draft.inputs, constants }), constants };
  const names = new Set([
    ...constants.keys(),
    ...draft.stated.keys(),
    ...draft.nodes.flatMap(({ outputs, inputs }) => [...outputs, ...inputs]),
  ]);
  const outputs = new Set(draft.outputs);
  const used = new Set([...draft.outputs, ...draft.nodes.flatMap(({ inputs }) => inputs)]);
  const aliases = new Map<string, string>();
  const branches = new Map(draft.branches);
  const positions = new Map<string, Positions>();
  const producers = new Map<string, Node>();
  const nodes: Node[] = [];
  let computed = 0;

  const hold = (name: string, tensor: Tensor) => {
    constants.set(name, tensor);
    known.shapes.set(name, tensor.shape);
    known.types.set(name, tensor.type);
  };
  const fresh = (stem: string): string => {
    for (let i = 1; ; i++) {
      const name = `${stem}/${i}`;
      if (names.has(name)) continue;
      names.add(name);
      return name;
    }
  };
  const add = (stem: string, tensor: Tensor): string => {
    const name = fresh(stem);
    hold(name, tensor);
    return name;
  };
  const dimsOf = (value: string): Dims =>
    known.shapes.get(value)?.map((dim) => (typeof dim === 'number' ? dim : undefined)) ??
    draft.stated.get(value);
  const around = {
    file,
    fresh,
    hold,
    constant: (value: string | undefined) => (value ? constants.get(value) : undefined),
    dims: (value: string | undefined) => (value ? dimsOf(value) : undefined),
    type: (value: string | undefined) => (value ? known.types.get(value) : undefined),
    used: (value: string) => used.has(value),
  };
  const current = (node: Node): Node => ({
    ...node,
    inputs: node.inputs.map((input) => aliases.get(input) ?? input),
  });

  // A stack, since what a conditional chooses takes its place.
  const waiting = [...draft.nodes].reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const node = current(next);
    if (node.op === 'Constant') {
      const value = constantValue(node, nodePlace(file, node));
      hold(node.outputs[0], draft.isNarrowed ? narrow(value) : value);
    } else if (node.op === 'If') {
      const chosen = conditional(node, branches, constants, file);
      for (const [name, tensor] of chosen.constants) hold(name, tensor);
      for (const [name, nested] of chosen.branches) branches.set(name, nested);
      for (const inner of chosen.nodes)
        for (const value of [...inner.inputs, ...inner.outputs]) {
          names.add(value);
          used.add(value);
        }
      waiting.push(...[...chosen.nodes].reverse());
    } else {
      for (const form of upgrade(node, draft.opset, around)) take(current(toFloat32(form, draft.isNarrowed)));
    }
  }
  return { nodes, known };

  function take(node: Node): void {
    checkImage(node);
    const [output = ''] = node.outputs;
    const [input = ''] = node.inputs;
    if (node.op === 'Identity' && constants.has(input) && !outputs.has(output)) {
      aliases.set(output, input);
      return;
    }
    const isKnown = inferred(node);
    if (isKnown) notePositions(node);
    if (isKnown && !node.outputs.some((name) => outputs.has(name)) && isComputed(node)) return;
    keep(isKnown ? withStaticShape(reshaped(withoutNeed(node))) : node);
  }

  function keep(node: Node): void {
    nodes.push(node);
    for (const output of node.outputs) producers.set(output, node);
  }

  /** Adds what can be told of a node's outputs; whether that is so. */
  function inferred(node: Node): boolean {
    try {
      inferNode(node, known);
      return true;
    } catch (error) {
      if (error instanceof LimnError) return false;
      throw error;
    }
  }

  /** Takes a node whose outputs are known numbers out of the network. */
  function isComputed(node: Node): boolean {
    const results = node.outputs.map((output) => {
      const elements = known.elements.get(output);
      return elements && tensorOf(known.types.get(output)!, elements);
    });
    if (results.every((result) => result !== undefined)) return store(node, results);
    const isConstant = node.inputs.every((input) => input === '' || constants.has(input));
    const count = node.outputs
      .map((output) => (known.shapes.get(output) ?? []).reduce<number>((n, dim) => n * Number(dim), 1))
      .reduce((sum, n) => sum + n, 0);
    if (!isConstant || !(count <= mostOfOne && computed + count <= mostOfAll)) return false;
    computed += count;
    const tensors = evaluateNode(node, constants);
    return tensors !== undefined && store(node, tensors);
  }

  function store(node: Node, tensors: readonly Tensor[]): boolean {
    node.outputs.forEach((output, i) => {
      if (output !== '') hold(output, tensors[i]);
    });
    return true;
  }

  function notePositions(node: Node): void {
    const [output = ''] = node.outputs;
    const array = positionsOf(node, known.shapes.get(output) ?? [], known, positions);
    if (array) positions.set(output, array);
  }

  /** A Gather of all elements in order only gives them another shape. */
  function reshaped(node: Node): Node {
    const array = node.op === 'Gather' && positions.get(node.inputs[1] ?? '');
    const from = known.shapes.get(node.inputs[0] ?? '');
    if (!array || from?.length !== 1 || from[0] !== productOf(array.shape) || !countsInOrder(array))
      return node;
    const shape = reshapeTarget([], array.shape);
    if (!shape) return node;
    const inputs = [node.inputs[0], add(node.name, int64([shape.length], shape))];
    return { ...node, op: 'Reshape', inputs, attributes: {} };
  }

  /** A cast to the type that a value has already is none. */
  function withoutNeed(node: Node): Node {
    const isSame = known.types.get(node.inputs[0] ?? '') === known.types.get(node.outputs[0] ?? '');
    if (node.op !== 'Cast' || !isSame) return node;
    return { ...node, op: 'Identity', attributes: {} };
  }

  /** A node whose second input is a shape that follows from the input's, with that shape as a constant or by its parts. */
  function withStaticShape(node: Node): Node {
    if (node.op === 'ConstantOfShape') {
      const fill = constantFill(node);
      const shape = known.shapes.get(node.outputs[0])!;
      return {
        ...node,
        op: 'Expand',
        inputs: [add(node.name, fill), shapeValue(node, shape)],
        attributes: {},
      };
    }
    const given = node.inputs[1];
    if (!given || constants.has(given) || isOfParts(given)) return node;
    const [from, to] = [known.shapes.get(node.inputs[0]), known.shapes.get(node.outputs[0])!];
    if (node.op === 'Reshape' && from) {
      const shape = reshapeTarget(from, to);
      if (!shape) return node;
      return {
        ...node,
        inputs: [node.inputs[0], add(node.name, int64([shape.length], shape))],
        attributes: {},
      };
    }
    const elements = known.elements.get(given);
    const isRepeat = node.op === 'Tile' && from?.every((n, i) => n === 1 || elements?.data[i] === 1);
    if (node.op !== 'Expand' && !isRepeat) return node;
    const shape = shapeValue(node, isRepeat ? to : Array.from(elements?.data ?? []));
    return { ...node, op: 'Expand', inputs: [node.inputs[0], shape], attributes: {} };
  }

  /** Whether a value is a shape as {@link shapeValue} makes it. */
  function isOfParts(value: string): boolean {
    const producer = producers.get(value);
    if (!producer) return constants.has(value);
    const { op, inputs, attributes } = producer;
    if (op === 'Shape') return Number(attributes.end) - Number(attributes.start) === 1;
    return (op === 'Concat' || op === 'Mul') && inputs.every(isOfParts);
  }

  /** A value that holds a shape: what is fixed as a constant, what is not taken from the shape of an input. */
  function shapeValue(node: Node, shape: Shape): string {
    const parts = shape.map((dim) => (typeof dim === 'number' ? dim : openDimension(node, dim)));
    const pieces: string[] = [];
    let fixed: number[] = [];
    const flush = () => {
      if (fixed.length > 0) pieces.push(add(node.name, int64([fixed.length], fixed)));
      fixed = [];
    };
    for (const part of parts) {
      if (typeof part === 'number') fixed.push(part);
      else {
        flush();
        pieces.push(part);
      }
    }
    flush();
    return pieces.length === 1 ? pieces[0] : made(node, 'Concat', pieces, { axis: 0 });
  }

  /** A symbolic dimension as a list of one number, computed when the network runs. */
  function openDimension(node: Node, dim: string): string {
    const [name] = dimNames(dim);
    const source = draft.inputs.find(({ shape }) => shape.includes(name));
    const factor = source && multipleOf(dim, name);
    if (!source || factor === undefined)
      return fail(
        nodePlace(file, node),
        `its shape depends on '${dim}'`,
        'export the model with a fixed input size',
      );
    const axis = source.shape.indexOf(name);
    const length = made(node, 'Shape', [source.name], { start: axis, end: axis + 1 });
    return factor === 1 ? length : made(node, 'Mul', [length, add(node.name, int64([1], [factor]))]);
  }

  function made(
    near: Node,
    op: string,
    inputs: readonly string[],
    attributes: Node['attributes'] = {},
  ): string {
    const output = fresh(near.name);
    const node = { op, name: output, inputs, outputs: [output], attributes };
    inferred(node);
    keep(node);
    return output;
  }

  function checkImage(node: Node): void {
    const rank = node.op === 'Conv' || node.op === 'ConvTranspose' ? dimsOf(node.inputs[1] ?? '')?.length : 4;
    if (rank !== undefined && rank !== 4)
      fail(
        nodePlace(file, node),
        `a convolution of ${rank - 2} dimensions is not supported`,
        'limn is for images',
      );
  }
}

/** The constants with which Reshape makes a shape for any size of the batch; undefined where more than that is open. */
function reshapeTarget(from: Shape, to: Shape): number[] | undefined {
  const target = to.map((dim, i) => (typeof dim === 'number' ? dim : dim === from[i] ? 0 : -1));
  return target.filter((n) => n === -1).length > 1 || to.includes(0) ? undefined : target;
}

/** k where a dimension is k times a name. */
function multipleOf(dim: Dim, name: string): number | undefined {
  const factor = Number(String(dim).split('*')[0]);
  const k = Number.isNaN(factor) ? 1 : factor;
  return subtractDims(dim, `${k === 1 ? '' : `${k}*`}${name}`) === 0 ? k : undefined;
}

/** The value that a ConstantOfShape repeats, as a scalar. */
function constantFill(node: Node): Tensor {
  const { value } = node.attributes;
  const tensor = typeof value === 'object' && 'data' in value ? value : undefined;
  return tensor ? { ...tensor, shape: [] } : { type: 'float32', shape: [], data: new Float32Array(1) };
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
