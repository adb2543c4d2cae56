import { fail } from '../common/error.ts';
import { type DataType, type Graph, type Node, type Shape, size, type Tensor } from '../graph/index.ts';
import { refusals } from './refused.ts';
import { type Inference, Site } from './site.ts';
import { findOperator, operatorOf } from './table.ts';
import { failUnsupported } from './unsupported.ts';
import type { Elements } from './value.ts';

/** An {@link Inference} that grows, node by node. */
export interface Growing extends Inference {
  readonly shapes: Map<string, Shape>;
  readonly types: Map<string, DataType>;
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly elements: Map<string, Elements>;
}

/** What is known of a graph before its first node. */
export function given({ inputs, constants }: Pick<Graph, 'inputs' | 'constants'>): Growing {
  const known = { shapes: new Map(), types: new Map(), constants, elements: new Map() };
  for (const { name, type, shape } of inputs) {
    known.shapes.set(name, shape);
    known.types.set(name, type);
  }
  for (const [name, constant] of constants) {
    known.shapes.set(name, constant.shape);
    known.types.set(name, constant.type);
  }
  return known;
}

/**
 * The shapes and types of all values of a graph. Errors: operators that limn does not know, all of them; else
 * nodes whose shapes do not fit or whose attributes are not supported, all whose inputs are known.
 *
 * @example
 * ```ts
 * import { loadModel } from 'limn/node';
 * import { infer } from 'limn/operators';
 *
 * const { model } = await loadModel('models/face-api-age-gender.onnx');
 * const { shapes } = infer(model.graph);
 * for (const { name, outputs } of model.graph.nodes.slice(0, 3)) console.log(name, shapes.get(outputs[0]));
 * ```
 */
export function infer(graph: Graph): Inference {
  const [first, ...rest] = graph.nodes.filter((node) => !findOperator(node));
  if (first) failUnsupported([first, ...rest]);
  const known = given(graph);
  const refused = refusals('cannot be read');
  // What follows from values that are not known says nothing of its own.
  const unknown = new Set<string>();
  for (const node of graph.nodes) {
    const follows = node.inputs.some((input) => unknown.has(input));
    if (!follows && refused.attempt(node, () => inferNode(node, known))) continue;
    for (const output of node.outputs) unknown.add(output);
  }
  refused.check();
  return known;
}

/** Arrays of shapes and indices are smaller: others are not computed while shapes are inferred. */
const mostElements = 4096;

/** Adds what one more node makes to what is known of the values before it. */
export function inferNode(node: Node, known: Growing): void {
  const operator = operatorOf(node);
  const site = new Site(node, known);
  for (const input of node.inputs) {
    if (input !== '' && !known.shapes.has(input))
      fail(site.where, `input '${input}' is not made by any earlier node`);
  }
  if (!node.inputs.some(Boolean) && !operator.noInput) site.fail('it has no input');
  const outputs = operator.shapes(site);
  for (const shape of outputs) {
    if (shape.some((dim) => typeof dim === 'number' && !(dim >= 0 && Number.isSafeInteger(dim))))
      site.fail(`its output would have the shape [${shape}]`);
  }
  const outputTypes = operator.types?.(site);
  const elements = isSmall(outputs) ? smallElements(site) : undefined;
  node.outputs.forEach((output, i) => {
    if (output === '') return;
    known.shapes.set(output, outputs[i] ?? site.fail(`output ${i} ('${output}') is not supported`));
    known.types.set(output, outputTypes?.[i] ?? site.type(0));
    if (elements?.[i]) known.elements.set(output, elements[i]);
  });
}

const isSmall = (shapes: readonly Shape[]): boolean =>
  shapes.every(
    (shape) => shape.every((dim) => typeof dim === 'number') && size(shape.map(Number)) <= mostElements,
  );

/** The outputs where all inputs are known and small, or where the operator needs their shapes only. */
function smallElements(site: Site): readonly Elements[] | undefined {
  const { evaluate, ofShapes } = operatorOf(site.node);
  if (!evaluate) return undefined;
  if (ofShapes) return evaluate(site, []);
  const { inputs } = site.node;
  const areKnown = inputs.every((input, i) => {
    if (input === '') return true;
    const constant = site.constant(i);
    return constant ? size(constant.shape) <= mostElements : site.known.elements?.has(input);
  });
  return areKnown
    ? evaluate(
        site,
        inputs.map((input, i) => (input === '' ? undefined : site.elements(i))),
      )
    : undefined;
}
