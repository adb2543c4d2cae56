import type { Attribute, Graph, Node, ValueInfo } from '../graph/graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import { TensorProto_DataType as Code } from './generated/onnx_pb.ts';

/** A graph that computes in float64, computing in float32 as everything in limn does. */
export function toFloat32(graph: Graph): Graph {
  const info = (value: ValueInfo): ValueInfo =>
    value.type === 'float64' ? { ...value, type: 'float32' } : value;
  return {
    ...graph,
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
    constants: new Map([...graph.constants].map(([name, constant]) => [name, narrow(constant)])),
    nodes: castsTo(graph.nodes, [Code.DOUBLE]).map((node) => ({
      ...node,
      attributes: Object.fromEntries(
        Object.entries(node.attributes).map(([name, value]) => [
          name,
          isTensor(value) ? narrow(value) : value,
        ]),
      ),
    })),
  };
}

/** Nodes whose casts to the given element types make float32. */
export function castsTo(nodes: readonly Node[], types: readonly number[]): Node[] {
  return nodes.map((node) =>
    node.op === 'Cast' && types.includes(node.attributes.to as number)
      ? { ...node, attributes: { ...node.attributes, to: Code.FLOAT } }
      : node,
  );
}

const narrow = (t: Tensor): Tensor =>
  t.type === 'float64'
    ? { type: 'float32', shape: t.shape, data: Float32Array.from(t.data as Float64Array) }
    : t;

const isTensor = (value: Attribute): value is Tensor => typeof value === 'object' && 'data' in value;
