import type { Node } from '../../graph/graph.ts';
import { float32, int64 } from '../../graph/tensor.ts';
import { floatOf, intOf, intsOf, type Upgrade, type UpgradeSite, withoutAttributes } from './step.ts';

/** Clip's bounds. Before 11 they were attributes; their defaults, the largest floats, bound nothing. */
function clip(node: Node, site: UpgradeSite): Node {
  const bound = (name: string): string => {
    const value = floatOf(node, name, site);
    return value === undefined ? '' : site.add(float32([], [value]));
  };
  return trimmed({
    ...node,
    inputs: [node.inputs[0], bound('min'), bound('max')],
    attributes: withoutAttributes(node.attributes, 'min', 'max'),
  });
}

function pad(node: Node, site: UpgradeSite): Node {
  const pads = intsOf(node, 'pads', site) ?? site.fail("attribute 'pads' is missing");
  const value = floatOf(node, 'value', site) ?? 0;
  return {
    ...node,
    inputs: [node.inputs[0], site.add(int64([pads.length], pads)), site.add(float32([], [value]))],
    attributes: withoutAttributes(node.attributes, 'pads', 'value'),
  };
}

/** The pads of some axes (since 18) as pads of all axes, where the rank is known. */
function padAxes(node: Node, site: UpgradeSite): Node {
  if (node.attributes.mode === 'wrap') site.fail("mode 'wrap' is not supported");
  const [axes, pads, rank] = [
    site.constant(node.inputs[3]),
    site.constant(node.inputs[1]),
    site.dims(node.inputs[0])?.length,
  ];
  if (!axes || !pads || rank === undefined) return node;
  const all = new Array<number>(2 * rank).fill(0);
  const count = axes.data.length;
  if (pads.data.length !== 2 * count) site.fail(`${pads.data.length} pads do not fit ${count} axes`);
  for (let i = 0; i < count; i++) {
    const axis = Number(axes.data[i]) + (Number(axes.data[i]) < 0 ? rank : 0);
    if (!(axis >= 0 && axis < rank))
      site.fail(`axis ${axes.data[i]} does not exist in an input of rank ${rank}`);
    all[axis] = Number(pads.data[i]);
    all[axis + rank] = Number(pads.data[i + count]);
  }
  return trimmed({
    ...node,
    inputs: [node.inputs[0], site.add(int64([2 * rank], all)), node.inputs[2] ?? ''],
  });
}

function slice(node: Node, site: UpgradeSite): Node {
  const starts = intsOf(node, 'starts', site) ?? site.fail("attribute 'starts' is missing");
  const ends = intsOf(node, 'ends', site) ?? site.fail("attribute 'ends' is missing");
  const axes = intsOf(node, 'axes', site) ?? starts.map((_, axis) => axis);
  return {
    ...node,
    inputs: [node.inputs[0], ...[starts, ends, axes].map((list) => site.add(int64([list.length], list)))],
    attributes: withoutAttributes(node.attributes, 'starts', 'ends', 'axes'),
  };
}

function splitToInput(node: Node, site: UpgradeSite): Node {
  const split = intsOf(node, 'split', site);
  if (!split) return node;
  const inputs = [node.inputs[0], site.add(int64([split.length], split))];
  return { ...node, inputs, attributes: withoutAttributes(node.attributes, 'split') };
}

/** Equal parts: how many has to be said since 18. */
function countParts(node: Node): Node {
  if (node.inputs[1] || node.attributes.num_outputs !== undefined) return node;
  return { ...node, attributes: { ...node.attributes, num_outputs: node.outputs.length } };
}

function topK(node: Node, site: UpgradeSite): Node {
  const k = intOf(node, 'k', 0, site);
  return {
    ...node,
    inputs: [node.inputs[0], site.add(int64([1], [k]))],
    attributes: withoutAttributes(node.attributes, 'k'),
  };
}

/** Attributes that became inputs. */
export const inputs: readonly Upgrade[] = [
  { ops: ['Clip'], before: 11, convert: clip },
  { ops: ['Pad'], before: 11, convert: pad },
  { ops: ['Pad'], since: 18, convert: padAxes },
  { ops: ['Slice'], before: 10, convert: slice },
  { ops: ['Split'], before: 13, convert: splitToInput },
  { ops: ['Split'], before: 18, convert: countParts },
  { ops: ['TopK'], before: 10, convert: topK },
];

/** Inputs left out at the end are not named at all. */
function trimmed(node: Node): Node {
  let count = node.inputs.length;
  while (count > 1 && node.inputs[count - 1] === '') count--;
  return { ...node, inputs: node.inputs.slice(0, count) };
}
