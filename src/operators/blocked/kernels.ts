import type { Graph } from '../../graph/index.ts';
import type { Site } from '../site.ts';
import { convolutionInBlocks } from './convolution.ts';
import { type BlockedLayout, blockedDomain } from './layout.ts';
import { channelsLast, concatInBlocks, padInBlocks, sliceInBlocks } from './movement.ts';

/** How an operation works on values in blocks. */
export interface BlockedKernel {
  /** Writes it so; false where it cannot be, or would gain nothing. */
  write(layout: BlockedLayout, site: Site): boolean;
  /** Whether ONNX Runtime would not do this by itself. */
  readonly missing: boolean;
}

/** Element by element, for values of one shape and single numbers: no kernel needs to know in which order they lie. */
function elementsInBlocks(layout: BlockedLayout, site: Site): boolean {
  const { node } = site;
  const [output] = node.outputs;
  const shape = site.output().join();
  const isNumber = (input: string) =>
    input === '' || (layout.fixed(input) && layout.known.shapes.get(input)!.every((dim) => dim === 1));
  const others = node.inputs.filter((input) => !isNumber(input));
  const fits = others.every(
    (input) => layout.known.shapes.get(input)!.join() === shape && (layout.lies(input) || layout.fits(input)),
  );
  if (!fits || !others.some((input) => layout.lies(input))) return false;
  const inputs = node.inputs.map((input) => (isNumber(input) ? input : layout.blocked(input)));
  const draft = { op: node.op, inputs, attributes: { ...node.attributes } };
  // Only numbers can be put into order again: of what is true, both are made, and what nobody needs is dropped.
  if (layout.fits(output)) layout.make(output, draft);
  else layout.beside(node, draft);
  return true;
}

/** An addition of what a convolution makes for it alone is the convolution's own. */
function additionInBlocks(layout: BlockedLayout, site: Site): boolean {
  const [output] = site.node.outputs;
  const shape = site.output().join();
  for (const [at, input] of site.node.inputs.entries()) {
    const conv = layout.uses(input) === 1 ? layout.convolution(input) : undefined;
    const other = site.node.inputs[1 - at];
    const fits = layout.fits(other) && layout.known.shapes.get(other)!.join() === shape;
    if (!conv || conv.inputs.length > 3 || conv.attributes.activation || !fits) continue;
    if (conv.inputs.length === 2) conv.inputs.push('');
    conv.inputs.push(layout.blocked(other));
    layout.alias(output, conv.outputs[0]);
    return true;
  }
  return elementsInBlocks(layout, site);
}

/** So is a rectifier. */
function rectifierInBlocks(layout: BlockedLayout, site: Site): boolean {
  const x = site.input(0);
  const conv = layout.uses(x) === 1 ? layout.convolution(x) : undefined;
  if (!conv || conv.attributes.activation) return elementsInBlocks(layout, site);
  conv.attributes.activation = site.node.op;
  layout.alias(site.node.outputs[0], conv.outputs[0]);
  return true;
}

/** ONNX Runtime has pooling in blocks. */
function poolingInBlocks(layout: BlockedLayout, { node }: Site): boolean {
  const [x] = node.inputs;
  if (!layout.fits(x)) return false;
  layout.make(node.outputs[0], {
    op: node.op,
    domain: blockedDomain,
    inputs: [layout.blocked(x)],
    attributes: { ...node.attributes },
  });
  return true;
}

const elements = [
  ...['Abs', 'And', 'Cast', 'Clip', 'Div', 'Equal', 'Erf', 'Exp', 'Greater', 'GreaterOrEqual', 'LeakyRelu'],
  ...[
    'Less',
    'LessOrEqual',
    'Log',
    'Max',
    'Min',
    'Neg',
    'Not',
    'Or',
    'Pow',
    'Reciprocal',
    'Sqrt',
    'Sub',
    'Where',
  ],
];

export const kernels: ReadonlyMap<string, BlockedKernel> = new Map<string, BlockedKernel>([
  ...elements.map((op) => [op, { write: elementsInBlocks, missing: true }] as const),
  ...['Mul', 'Sum', 'Sigmoid', 'Tanh'].map(
    (op) => [op, { write: elementsInBlocks, missing: false }] as const,
  ),
  ...['MaxPool', 'AveragePool'].map((op) => [op, { write: poolingInBlocks, missing: false }] as const),
  ['Add', { write: additionInBlocks, missing: false }],
  ['Concat', { write: concatInBlocks, missing: false }],
  ['Conv', { write: convolutionInBlocks, missing: false }],
  ['Pad', { write: padInBlocks, missing: true }],
  ['Relu', { write: rectifierInBlocks, missing: false }],
  ['Slice', { write: sliceInBlocks, missing: true }],
  ['Transpose', { write: channelsLast, missing: false }],
]);

/** Whether a graph has operations for which ONNX Runtime would leave its blocks, and has any. */
export const mayGain = ({ nodes }: Graph): boolean =>
  nodes.some(({ op }) => op === 'Conv') && nodes.some(({ op }) => kernels.get(op)?.missing);
