import { float32, type Model, type Node, ownDomain } from '../../graph/index.ts';
import { type ChannelAffine, operatorOf } from '../../operators/index.ts';
import { type Folding, foldAfter, foldBefore, foldFactors, thresholdsOf } from './fold.ts';
import { Wiring } from './wiring.ts';

/**
 * The same network with BatchNormalization, and additions and multiplications of constants per channel, merged into
 * the linear operation before them whose result nobody else uses, or into the one behind them, also where that pads, and
 * with `thresholds` over a rectifier; pooling and concatenation may stand between where they change places with a scale and
 * shift. Relevance rules then see the one linear layer that the network really computes. The linear node keeps its name;
 * its result has the name of the merged node's where that is next to it. Scores change by rounding only. Operations of
 * limn's own may be among the result's: `lower` it to run it.
 */
export function canonise(model: Model, thresholds = false): Model {
  const { nodes } = model.graph;
  const wiring = new Wiring(model.graph);
  const behind = thresholds ? [mergeDown, mergeRectified] : [mergeDown];
  for (const merge of [mergeUp, mergeFarUp, ...behind, mergeFactors]) {
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
function absorbed(wiring: Wiring, value: string, affine: ChannelAffine): (() => void) | undefined {
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

/** What stands between a value and the linear operation behind it, which a scale and shift of the value are merged into. */
interface Below {
  readonly linear: Node;
  readonly folding: Folding;
  /** Operations that change places with the scale and shift, and such as do nothing. */
  readonly kept: readonly Node[];
  readonly gone: readonly Node[];
}

function below(wiring: Wiring, from: string, affine: ChannelAffine): Below | undefined {
  const between: Node[] = [];
  let value = from;
  let linear = wiring.onlyConsumer(value);
  for (; linear && changesPlaces(wiring, linear, affine); linear = wiring.onlyConsumer(value)) {
    between.push(linear);
    value = linear.outputs[0];
  }
  const folding = linear?.inputs[0] === value ? foldBefore(wiring.site(linear), affine) : undefined;
  if (!folding) return undefined;
  const kept = between.filter((each) => !isTransparent(each));
  // What is padded must be padded behind what stands between.
  if (folding.padding && kept.length > 0) return undefined;
  return { linear: linear!, folding, kept, gone: between.filter(isTransparent) };
}

/** Merges a scale and shift into the operation below, whose chain begins with `input` then. */
function sink(wiring: Wiring, { linear, folding, kept, gone }: Below, input: string): void {
  kept.forEach((each, i) => {
    wiring.replace(each, { ...each, inputs: [kept[i - 1]?.outputs[0] ?? input, ...each.inputs.slice(1)] });
  });
  exchange(wiring, linear, folding, gone, kept.at(-1)?.outputs[0] ?? input, linear.outputs[0]);
}

/** bn → conv, perhaps with pooling between, becomes conv; where that pads with zeros, a node that pads takes bn's place. */
function mergeDown(wiring: Wiring, node: Node): void {
  const affine = affineOf(wiring, node);
  const found = affine && below(wiring, node.outputs[0], affine);
  // What prepares the pixels in front of the first layer is not part of it: relevance passes.
  if (!found || (found.folding.padding && wiring.isRaw(node))) return;
  const input = node.inputs[affine.input];
  if (found.folding.padding) sink(wiring, found, padded(wiring, node, input, found));
  else {
    wiring.remove(node);
    sink(wiring, found, input);
  }
}

/**
 * bn → relu → conv, as in DenseNet and residual networks of the second kind: a rectifier with a threshold for each channel, behind
 * which the scale and shift are merged into the convolution (Pahde et al. 2022, "Optimizing explanations by network canonization and
 * hyperparameter search", section 3.3). max(s·x + t, 0) = s·r(x) + t, where r(x) is x as far as that is positive, else −t/s.
 */
function mergeRectified(wiring: Wiring, node: Node): void {
  const affine = affineOf(wiring, node);
  if (!affine || affine.scale.includes(0)) return;
  const rectifier = wiring.onlyConsumer(node.outputs[0]);
  const found = rectifier && operatorOf(rectifier).rectifies && below(wiring, rectifier.outputs[0], affine);
  if (!found) return;
  const rank = wiring.site(node).output().length;
  const axes = affine.axis === undefined ? 0 : rank - affine.axis - 1;
  const perChannel = (data: ArrayLike<number>) =>
    float32(
      [...(data.length > 1 ? [data.length] : []), ...new Array<number>(data.length > 1 ? axes : 0).fill(1)],
      data,
    );
  const constants = [thresholdsOf(affine), affine.scale.map(Math.sign)].map((data, i) =>
    wiring.store(`${node.name}.${i === 0 ? 'threshold' : 'sign'}`, perChannel(data)),
  );
  const value = node.outputs[0];
  wiring.replace(node, {
    name: node.name,
    op: 'Rectify',
    domain: ownDomain,
    inputs: [node.inputs[affine.input], ...constants],
    outputs: [value],
    attributes: {},
  });
  if (found.folding.padding) sink(wiring, found, padded(wiring, rectifier, value, found));
  else {
    wiring.remove(rectifier);
    sink(wiring, found, value);
  }
}

/** Puts a node that pads into a node's place; its value. */
function padded(wiring: Wiring, node: Node, input: string, { folding, linear }: Below): string {
  const { pads, fill } = folding.padding!;
  const [batch, channels, ...sizes] = wiring.site(linear).shape(0);
  const half = pads.length / 2;
  const shape = [batch, channels, ...sizes.map((n, i) => Number(n) + pads[i] + pads[i + half])];
  const output = wiring.value(`${node.outputs[0]}.padded`, shape);
  wiring.replace(node, {
    name: node.name,
    op: 'ChannelPad',
    domain: ownDomain,
    inputs: [input, wiring.store(`${node.name}.fill`, fill)],
    outputs: [output],
    attributes: { pads },
  });
  return output;
}

/** Whether a scale and shift of an operation's one input come to the same as that one of its output. */
function changesPlaces(wiring: Wiring, node: Node, affine: ChannelAffine): boolean {
  if (isTransparent(node)) return true;
  const site = wiring.site(node);
  const isOfOne = node.inputs.slice(1).every((_, i) => site.constant(i + 1) !== undefined);
  const passed = isOfOne && operatorOf(node).through?.(site, affine);
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
