import type { Model, Node } from '../../graph/index.ts';
import { operatorOf } from '../../operators/index.ts';
import { type Folding, foldAfter, foldBefore, foldFactors } from './fold.ts';
import { Wiring } from './wiring.ts';

/**
 * The same network with BatchNormalization, and additions and multiplications of constants per channel, merged into
 * the linear operation before them whose result nobody else uses, or (where that is exact) into the one behind them:
 * relevance rules then see the one linear layer that the network really computes. The linear node keeps its name;
 * its result has the name of the merged node's. Scores change by rounding only. Operations of limn's own may be among
 * the result's: `lower` it to run it.
 */
export function canonise(model: Model): Model {
  const { nodes } = model.graph;
  const wiring = new Wiring(model.graph);
  for (const merge of [mergeUp, mergeDown, mergeFactors]) {
    for (const node of nodes) {
      const now = wiring.now(node);
      if (now) merge(wiring, now);
    }
  }
  return wiring.changed ? { ...model, graph: wiring.graph() } : model;
}

/** Whether an operation does nothing at test time. */
const isTransparent = (node: Node): boolean => operatorOf(node).keeps === 'all';

const affineOf = (wiring: Wiring, node: Node) => operatorOf(node).affine?.(wiring.site(node));

/** conv → bn becomes conv. */
function mergeUp(wiring: Wiring, node: Node): void {
  const affine = affineOf(wiring, node);
  if (!affine) return;
  const gone = [node];
  let value = node.inputs[affine.input];
  let linear = wiring.producer(value);
  for (; linear && isTransparent(linear) && wiring.onlyConsumer(value); linear = wiring.producer(value)) {
    gone.push(linear);
    value = linear.inputs[0];
  }
  const folding = linear && wiring.onlyConsumer(value) && foldAfter(wiring.site(linear), affine);
  if (folding) exchange(wiring, linear!, folding, gone, linear!.inputs[0], node.outputs[0]);
}

/** bn → conv becomes conv. */
function mergeDown(wiring: Wiring, node: Node): void {
  const affine = affineOf(wiring, node);
  if (!affine) return;
  const gone = [node];
  let value = node.outputs[0];
  let linear = wiring.onlyConsumer(value);
  for (; linear && isTransparent(linear); linear = wiring.onlyConsumer(value)) {
    gone.push(linear);
    value = linear.outputs[0];
  }
  const folding = linear?.inputs[0] === value && foldBefore(wiring.site(linear), affine);
  if (folding) exchange(wiring, linear!, folding, gone, node.inputs[affine.input], linear!.outputs[0]);
}

/** Gemm's own factors become part of its weights and bias: they are what rules take apart. */
function mergeFactors(wiring: Wiring, node: Node): void {
  const folding = foldFactors(wiring.site(node));
  if (folding) exchange(wiring, node, folding, [], node.inputs[0], node.outputs[0]);
}

function exchange(
  wiring: Wiring,
  linear: Node,
  { op, domain, attributes, weight, bias }: Folding,
  gone: readonly Node[],
  input: string,
  output: string,
): void {
  for (const node of gone) wiring.remove(node);
  const inputs = [input, wiring.store(`${linear.name}.weight`, weight)];
  if (bias) inputs.push(wiring.store(`${linear.name}.bias`, bias));
  wiring.replace(linear, {
    name: linear.name,
    op,
    ...(domain && { domain }),
    attributes,
    inputs,
    outputs: [output],
  });
}
