import { fail } from '../common/error.ts';
import type { AttributeProto, FunctionProto, GraphProto, NodeProto } from './generated/onnx_pb.ts';

/** Calls within calls are followed so far; a function that calls itself would never end. */
const deepest = 64;
/** A few functions that call each other twice each would make more nodes than any network has. */
const mostNodes = 1e6;

/**
 * Nodes with the calls of a model's own functions replaced by what these do, under names that begin with the call's.
 * Errors: functions that call themselves.
 */
export function inlineFunctions(
  nodes: readonly NodeProto[],
  functions: readonly FunctionProto[],
  file: string,
): readonly NodeProto[] {
  if (functions.length === 0) return nodes;
  const keyOf = (domain: string, name: string, overload: string) => `${domain}.${name}.${overload}`;
  const known = new Map(functions.map((f) => [keyOf(f.domain, f.name, f.overload), f]));
  let calls = 0;
  let made = 0;
  return nodes.flatMap((node) => expand(node, 0));

  function expand(node: NodeProto, depth: number): readonly NodeProto[] {
    const body = known.get(keyOf(node.domain, node.opType, node.overload));
    if (!body) return [node];
    made += body.node.length;
    if (depth > deepest || made > mostNodes) return fail(file, `function '${body.name}' calls itself`);
    const prefix = `${node.name || body.name}_${calls++}/`;
    const names = new Map([['', '']]);
    body.input.forEach((input, i) => {
      names.set(input, node.input[i] ?? '');
    });
    body.output.forEach((output, i) => {
      names.set(output, node.output[i] || `${prefix}${output}`);
    });
    const rename = (value: string) => names.get(value) ?? `${prefix}${value}`;
    return body.node.flatMap((inner) =>
      expand(
        having(renamed(inner, rename), {
          name: `${prefix}${inner.name || inner.opType}`,
          attribute: inner.attribute.flatMap((attribute) => given(attribute, node, body)),
        }),
        depth + 1,
      ),
    );
  }
}

/** A node with its values renamed, and those that its subgraphs use. */
export function renamed(node: NodeProto, rename: (value: string) => string): NodeProto {
  return having(node, {
    input: node.input.map(rename),
    output: node.output.map(rename),
    attribute: node.attribute.map((attribute) =>
      attribute.g ? having(attribute, { g: renamedGraph(attribute.g, rename) }) : attribute,
    ),
  });
}

export function renamedGraph(graph: GraphProto, rename: (value: string) => string): GraphProto {
  const value = <T extends { name: string }>(info: T): T =>
    having(info, { name: rename(info.name) } as Partial<T>);
  return having(graph, {
    node: graph.node.map((node) => renamed(node, rename)),
    initializer: graph.initializer.map(value),
    input: graph.input.map(value),
    output: graph.output.map(value),
  });
}

/** An attribute that stands for one of the call's, or its default; left out where the call has none. */
function given(attribute: AttributeProto, call: NodeProto, body: FunctionProto): AttributeProto[] {
  if (attribute.refAttrName === '') return [attribute];
  const found = [...call.attribute, ...body.attributeProto].find(
    ({ name }) => name === attribute.refAttrName,
  );
  return found ? [having(found, { name: attribute.name })] : [];
}

/** A message with other fields; what it does not say itself, the prototype of its kind does. */
export function having<T extends object>(message: T, fields: Partial<T>): T {
  return Object.assign(Object.create(Object.getPrototypeOf(message)), message, fields);
}
