import { fail } from '../../common/error.ts';
import { type Dim, dimNames, productOf, subtractDims } from '../../graph/dim.ts';
import type { Node, Shape } from '../../graph/graph.ts';
import { int64, type Tensor } from '../../graph/tensor.ts';
import { nodePlace } from '../names.ts';
import { countsInOrder } from '../positions.ts';
import type { Rewriting } from './rewriting.ts';

/** A Gather of all elements in order only gives them another shape. */
export function reshaped(node: Node, network: Rewriting): Node {
  const array = node.op === 'Gather' && network.positions.get(node.inputs[1] ?? '');
  const from = network.known.shapes.get(node.inputs[0] ?? '');
  if (!array || from?.length !== 1 || from[0] !== productOf(array.shape) || !countsInOrder(array))
    return node;
  const shape = reshapeTarget([], array.shape);
  return shape ? withTarget({ ...node, op: 'Reshape' }, shape, network) : node;
}

/** A node whose second input is a shape that follows from the input's, with that shape as a constant or by its parts. */
export function withStaticShape(node: Node, network: Rewriting): Node {
  const { known, constants } = network;
  if (node.op === 'ConstantOfShape') {
    const fill = network.add(node.name, constantFill(node));
    return expanded(node, fill, shapeValue(node, known.shapes.get(node.outputs[0])!, network));
  }
  const given = node.inputs[1];
  if (!given || constants.has(given) || isOfParts(given, network)) return node;
  const [from, to] = [known.shapes.get(node.inputs[0]), known.shapes.get(node.outputs[0])!];
  if (node.op === 'Reshape' && from) {
    const shape = reshapeTarget(from, to);
    return shape ? withTarget(node, shape, network) : node;
  }
  const elements = known.elements.get(given);
  const isRepeat = node.op === 'Tile' && from?.every((n, i) => n === 1 || elements?.data[i] === 1);
  if (node.op !== 'Expand' && !isRepeat) return node;
  const shape = shapeValue(node, isRepeat ? to : Array.from(elements?.data ?? []), network);
  return expanded(node, node.inputs[0], shape);
}

const expanded = (node: Node, value: string, shape: string): Node => ({
  ...node,
  op: 'Expand',
  inputs: [value, shape],
  attributes: {},
});

/** A Reshape with its target as a constant. */
function withTarget(node: Node, target: readonly number[], network: Rewriting): Node {
  const shape = network.add(node.name, int64([target.length], target));
  return { ...node, inputs: [node.inputs[0], shape], attributes: {} };
}

/** Whether a value is a shape as {@link shapeValue} makes it. */
function isOfParts(value: string, network: Rewriting): boolean {
  const producer = network.producers.get(value);
  if (!producer) return network.constants.has(value);
  const { op, inputs, attributes } = producer;
  if (op === 'Shape') return Number(attributes.end) - Number(attributes.start) === 1;
  return (op === 'Concat' || op === 'Mul') && inputs.every((input) => isOfParts(input, network));
}

/** A value that holds a shape: what is fixed as a constant, what is not taken from the shape of an input. */
function shapeValue(node: Node, shape: Shape, network: Rewriting): string {
  const parts = shape.map((dim) => (typeof dim === 'number' ? dim : openDimension(node, dim, network)));
  const pieces: string[] = [];
  let fixed: number[] = [];
  const flush = () => {
    if (fixed.length > 0) pieces.push(network.add(node.name, int64([fixed.length], fixed)));
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
  return pieces.length === 1 ? pieces[0] : network.make(node, 'Concat', pieces, { axis: 0 });
}

/** A symbolic dimension as a list of one number, computed when the network runs. */
function openDimension(node: Node, dim: string, network: Rewriting): string {
  const [name] = dimNames(dim);
  const source = network.inputs.find(({ shape }) => shape.includes(name));
  const factor = source && multipleOf(dim, name);
  if (!source || factor === undefined)
    return fail(
      nodePlace(network.file, node),
      `its shape depends on '${dim}'`,
      'export the model with a fixed input size',
    );
  const axis = source.shape.indexOf(name);
  const length = network.make(node, 'Shape', [source.name], { start: axis, end: axis + 1 });
  if (factor === 1) return length;
  return network.make(node, 'Mul', [length, network.add(node.name, int64([1], [factor]))]);
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
