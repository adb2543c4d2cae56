import type { Graph, Node, Shape, ValueInfo } from '../graph/graph.ts';
import type { Preprocessing } from '../graph/info.ts';
import { float32, numbers, type Tensor } from '../graph/tensor.ts';

/** A network whose input is a batch of pictures N×C×H×W of floats, and how photos become that where its front said so. */
export interface Front {
  readonly graph: Graph;
  readonly preprocessing?: Preprocessing;
}

/** x·scale + shift, per channel or for all. */
interface Scaling {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/**
 * Takes what stands before a network's first layer out of it where that only prepares pictures: a cast from bytes with
 * the scaling behind it, which is then said as preprocessing, and the transposition of N×H×W×C.
 */
export function takeFront(graph: Graph): Front {
  const [input, ...others] = graph.inputs;
  if (!input || others.length > 0 || input.shape.length !== 4) return { graph };
  const isBytes = input.type !== 'float32';
  const gone = new Set<Node>();
  let value = input.name;
  let isCast = !isBytes;
  let isTransposed = false;
  let scaling: Scaling = { scale: [1], shift: [0] };
  for (let node = onlyUser(graph, value); node; node = onlyUser(graph, value)) {
    if (node.inputs[0] !== value && node.inputs[1] !== value) break;
    if (node.op === 'Cast' && !isCast && node.attributes.to === 1) isCast = true;
    else if (node.op === 'Transpose' && !isTransposed && String(node.attributes.perm) === '0,3,1,2')
      isTransposed = true;
    else {
      const own = isCast ? scalingOf(node, value, graph, isTransposed ? 1 : 3) : undefined;
      if (!own) break;
      scaling = after(scaling, own);
    }
    gone.add(node);
    value = node.outputs[0];
  }
  if (!isCast || !(isBytes || isTransposed)) return { graph };
  const shape = isTransposed ? [0, 3, 1, 2].map((axis) => input.shape[axis]) : input.shape;
  const isScaled = scaling.scale.some((a) => a !== 1) || scaling.shift.some((b) => b !== 0);
  const constants = new Map(graph.constants);
  // Floats are not known to be from 0 to 255: their scaling stays part of the network.
  const kept = isScaled && !isBytes ? scaled(input.name, value, scaling, constants) : [];
  const renamed = kept.length > 0 ? value : input.name;
  const nodes = graph.nodes
    .filter((node) => !gone.has(node))
    .map((node) => ({ ...node, inputs: node.inputs.map((name) => (name === value ? renamed : name)) }));
  const info: ValueInfo = { name: input.name, type: 'float32', shape };
  return {
    graph: { ...graph, inputs: [info], nodes: [...kept, ...nodes], constants },
    ...(isBytes && { preprocessing: preprocessingOf(shape, scaling) }),
  };
}

/** The one node that uses a value which is no output of the graph. */
function onlyUser(graph: Graph, value: string): Node | undefined {
  if (graph.outputs.some(({ name }) => name === value)) return undefined;
  const users = graph.nodes.filter(({ inputs }) => inputs.includes(value));
  return users.length === 1 ? users[0] : undefined;
}

/** What a node with a constant, one per channel or for all, does to a value. */
function scalingOf(node: Node, value: string, graph: Graph, channelAxis: number): Scaling | undefined {
  const at = node.inputs[0] === value ? 0 : 1;
  const constant = graph.constants.get(node.inputs[1 - at] ?? '');
  const c = constant && perChannel(constant, channelAxis);
  if (!c) return undefined;
  const [ones, zeros] = [c.map(() => 1), c.map(() => 0)];
  switch (node.op) {
    case 'Add':
      return { scale: ones, shift: c };
    case 'Sub':
      return at === 0 ? { scale: ones, shift: c.map((v) => -v) } : { scale: c.map(() => -1), shift: c };
    case 'Mul':
      return { scale: c, shift: zeros };
    case 'Div':
      return at === 0 ? { scale: c.map((v) => 1 / v), shift: zeros } : undefined;
    default:
      return undefined;
  }
}

/** The numbers of a constant that differs along one axis of a picture at most. */
function perChannel({ shape, data, type }: Tensor, axis: number): number[] | undefined {
  const isAlong = shape.every((n, i) => n === 1 || i + 4 - shape.length === axis);
  return isAlong && type === 'float32' ? numbers({ type, shape, data }) : undefined;
}

function after(first: Scaling, second: Scaling): Scaling {
  const length = Math.max(first.scale.length, second.scale.length);
  const at = (list: readonly number[], i: number) => list[list.length === 1 ? 0 : i];
  const each = Array.from({ length }, (_, i) => i);
  return {
    scale: each.map((i) => at(first.scale, i) * at(second.scale, i)),
    shift: each.map((i) => at(first.shift, i) * at(second.scale, i) + at(second.shift, i)),
  };
}

function scaled(from: string, to: string, { scale, shift }: Scaling, constants: Map<string, Tensor>): Node[] {
  const names = { scale: `${to}/scale`, shift: `${to}/shift`, between: `${to}/scaled` };
  constants.set(names.scale, float32([scale.length, 1, 1], scale));
  constants.set(names.shift, float32([shift.length, 1, 1], shift));
  return [
    { op: 'Mul', name: names.between, inputs: [from, names.scale], outputs: [names.between], attributes: {} },
    { op: 'Add', name: `${to}/shifted`, inputs: [names.between, names.shift], outputs: [to], attributes: {} },
  ];
}

/** x·a + b as (x − mean)·scale, or where channels differ (x − mean)/std. */
function preprocessingOf(shape: Shape, { scale, shift }: Scaling): Preprocessing {
  const [, depth, height, width] = shape;
  const channels = depth === 1 ? 'gray' : 'rgb';
  const count = depth === 1 ? 1 : 3;
  const all = (list: readonly number[]) =>
    Array.from({ length: count }, (_, i) => list[list.length === 1 ? 0 : i]);
  const [a, b] = [all(scale), all(shift)];
  const isEven = a.every((value) => value === a[0]);
  return {
    ...(typeof height === 'number' &&
      typeof width === 'number' && { resize: { height, width, mode: 'stretch' as const } }),
    channels,
    ...(b.some((value) => value !== 0) && { mean: b.map((value, i) => -value / a[i]) }),
    ...(isEven && a[0] !== 1 && { scale: a[0] }),
    ...(!isEven && { std: a.map((value) => 1 / value) }),
  };
}
