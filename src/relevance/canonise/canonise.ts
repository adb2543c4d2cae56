import type { Model, Node } from '../../graph/index.ts';
import { type Affine, operatorOf } from '../../operators/index.ts';
import { type Folding, foldAfter, foldBefore, foldFactors } from './fold.ts';
import { Wiring } from './wiring.ts';

/**
 * The same network with BatchNormalization, and additions and multiplications of constants per channel, merged into
 * the linear operation before them whose result nobody else uses, or (where that is exact) into the one behind them;
 * pooling and concatenation may stand between where they change places with a scale and shift. Relevance rules then
 * see the one linear layer that the network really computes. The linear node keeps its name; its result has the name of
 * the merged node's where that is next to it. Scores change by rounding only. Operations of limn's own may be among
 * the result's: `lower` it to run it.
 */
export function canonise(model: Model): Model {
  const { nodes } = model.graph;
  const wiring = new Wiring(model.graph);
  for (const merge of [mergeUp, mergeFarUp, mergeDown, mergeFactors]) {
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

/** conv → pool → bn becomes conv → pool, and so for all the branches of a concatenation. */
function mergeFarUp(wiring: Wiring, node: Node): void {
  const affine = affineOf(wiring, node);
  const value = affine && node.inputs[affine.input];
  const merge = affine && absorbed(wiring, value!, affine);
  if (!merge) return;
  merge();
  const last = wiring.producer(value!)!;
  wiring.remove(node);
  wiring.replace(last, { ...last, outputs: [node.outputs[0]] });
}

/**
 * What merges a scale and shift of a value into the linear operations that it comes from, through whatever changes places
 * with it; undefined where one of them cannot take it, or somebody else needs what is between.
 */
function absorbed(wiring: Wiring, value: string, affine: Affine): (() => void) | undefined {
  const node = wiring.producer(value);
  if (!node || !wiring.onlyConsumer(value) || node.outputs.length > 1) return undefined;
  const site = wiring.site(node);
  const folding = foldAfter(site, affine);
  if (folding) return () => exchange(wiring, node, folding, [], node.inputs[0], value);
  const affines = isTransparent(node) ? [affine] : operatorOf(node).through?.(site, affine);
  const merges = affines?.map((own, i) => absorbed(wiring, node.inputs[i], own));
  if (!merges?.every((merge) => merge !== undefined)) return undefined;
  return () => {
    for (const merge of merges) merge();
  };
}

/** bn → conv, perhaps with pooling between, becomes conv. */
function mergeDown(wiring: Wiring, node: Node): void {
  const affine = affineOf(wiring, node);
  if (!affine) return;
  const input = node.inputs[affine.input];
  const between: Node[] = [];
  let value = node.outputs[0];
  let linear = wiring.onlyConsumer(value);
  for (; linear && changesPlaces(wiring, linear, affine); linear = wiring.onlyConsumer(value)) {
    between.push(linear);
    value = linear.outputs[0];
  }
  const folding = linear?.inputs[0] === value && foldBefore(wiring.site(linear), affine);
  if (!folding) return;
  const kept = between.filter((each) => !isTransparent(each));
  const gone = between.filter(isTransparent);
  kept.forEach((each, i) => {
    wiring.replace(each, { ...each, inputs: [kept[i - 1]?.outputs[0] ?? input, ...each.inputs.slice(1)] });
  });
  exchange(wiring, linear!, folding, [node, ...gone], kept.at(-1)?.outputs[0] ?? input, linear!.outputs[0]);
}

/** Whether a scale and shift of an operation's one input come to the same as that one of its output. */
function changesPlaces(wiring: Wiring, node: Node, affine: Affine): boolean {
  if (isTransparent(node)) return true;
  const passed = node.inputs.length === 1 && operatorOf(node).through?.(wiring.site(node), affine);
  return passed !== undefined && passed !== false && passed[0] === affine;
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
