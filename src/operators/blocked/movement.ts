import { axisOf } from '../shaping.ts';
import type { Site } from '../site.ts';
import { type BlockedLayout, blockedDomain } from './layout.ts';

/* What moves whole channels, or rows and columns, moves them in blocks as well. */

/** Joined channels, if each part has whole blocks of them. */
export function concatInBlocks(layout: BlockedLayout, site: Site): boolean {
  const { inputs, outputs, attributes } = site.node;
  if (site.shape(0).length !== 4 || axisOf(site, site.int('axis'), 4) !== 1) return false;
  if (!inputs.every((input) => layout.fits(input)) || !inputs.some((input) => layout.lies(input)))
    return false;
  layout.make(outputs[0], {
    op: 'Concat',
    inputs: inputs.map((input) => layout.blocked(input)),
    attributes: { ...attributes },
  });
  return true;
}

/** Rows and columns around a value. */
export function padInBlocks(layout: BlockedLayout, site: Site): boolean {
  const { b, block } = layout;
  const [x, , value, axes] = site.node.inputs;
  const [output] = site.node.outputs;
  if (!layout.lies(x) || !layout.fits(x) || axes || !site.constant(1) || !layout.fits(output)) return false;
  const [n, c, top, left, after, behind, bottom, right] = site.constants(1);
  if (n !== 0 || c !== 0 || after !== 0 || behind !== 0) return false;
  const pads = b.ints(0, 0, top, left, 0, 0, 0, bottom, right, 0);
  const inputs = [apart(layout, x, block), pads, ...(value ? [value] : [])];
  together(layout, output, b.op('Pad', inputs, site.node.attributes));
  return true;
}

/** Rows and columns of a value, or whole blocks of channels. */
export function sliceInBlocks(layout: BlockedLayout, site: Site): boolean {
  const { b, block } = layout;
  const [x, starts, ends, axes, steps] = site.node.inputs;
  const [output] = site.node.outputs;
  const isKnown = [1, 2, 3].every((i) => site.constant(i)) && (!steps || site.constant(4));
  if (!layout.lies(x) || !layout.fits(x) || !layout.fits(output) || !isKnown) return false;
  const along = site.constants(3).map((axis) => axisOf(site, axis, 4));
  const more = steps ? [steps] : [];
  if (along.every((axis) => axis > 1)) {
    const inputs = [apart(layout, x, block), starts, ends, b.ints(...along), ...more];
    together(layout, output, b.op('Slice', inputs));
    return true;
  }
  const channels = site.dim(0, 1);
  const [start] = site.constants(1).map((n) => (n < 0 ? n + channels : n));
  if (along.length > 1 || along[0] !== 1 || start % block !== 0) return false;
  if (steps && site.constants(4).some((n) => n !== 1)) return false;
  layout.make(output, {
    op: 'Slice',
    inputs: [layout.blocked(x), starts, ends, axes, ...more],
    attributes: {},
  });
  return true;
}

/** Channels to the end and back: ONNX Runtime's reordering does it on the way. */
export function channelsLast(layout: BlockedLayout, site: Site): boolean {
  const { node } = site;
  const [x] = node.inputs;
  const perm = site.ints('perm', []).join();
  if (perm === '0,2,3,1' && layout.lies(x) && layout.fits(x)) {
    const attributes = { channels: site.dim(0, 1), channels_last: 1 };
    layout.keep({
      ...node,
      op: 'ReorderOutput',
      domain: blockedDomain,
      inputs: [layout.blocked(x)],
      attributes,
    });
    return true;
  }
  if (perm !== '0,3,1,2' || !layout.fits(node.outputs[0])) return false;
  const draft = { op: 'ReorderInput', domain: blockedDomain, inputs: [x], attributes: { channels_last: 1 } };
  layout.beside(node, draft);
  return true;
}

/** N×C×H×W in blocks as N×C/b×H×W×b, which it is. */
function apart(layout: BlockedLayout, value: string, block: number): string {
  const [, channels, height, width] = layout.known.shapes.get(value) as number[];
  return layout.b.op('Reshape', [
    layout.blocked(value),
    layout.b.ints(-1, channels / block, height, width, block),
  ]);
}

/** The way back. */
function together(layout: BlockedLayout, value: string, made: string): void {
  const [, ...rest] = layout.known.shapes.get(value) as number[];
  layout.make(value, { op: 'Reshape', inputs: [made, layout.b.ints(-1, ...rest)], attributes: {} });
}
