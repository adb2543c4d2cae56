import type { Operator } from '../operator.ts';
import type { Site } from '../site.ts';

/**
 * Cells around pictures that have a number of their own for each channel: x N×C×…, the numbers C, and `pads` as ONNX's Pad has
 * them for all axes but the first two. It is what padding with zeros behind a scale and shift is before them. Of limn's own domain.
 */
export const channelPad: Operator = {
  op: 'ChannelPad',
  shapes(site) {
    const [batch, channels, ...sizes] = site.shape(0);
    const { before, after } = padsOf(site);
    return [[batch, channels, ...sizes.map((_, i) => site.dim(0, i + 2) + before[i] + after[i])]];
  },
  role: () => ({ kind: 'movement', pads: true }),
  // ONNX's Pad knows one number for all.
  lower(b, site) {
    const { before, after } = padsOf(site);
    const fill = b.op('Reshape', [site.input(1), b.ints(-1, ...before.map(() => 1))]);
    const centred = b.op('Sub', [site.input(0), fill]);
    const padded = b.op('Pad', [centred, b.ints(0, 0, ...before, 0, 0, ...after), b.scalar(0)]);
    return b.op('Add', [padded, fill]);
  },
  vjp(b, site, [dy], input) {
    if (dy === undefined || input !== 0) return undefined;
    const { before } = padsOf(site);
    const ends = before.map((n, i) => n + site.dim(0, i + 2));
    return b.op('Slice', [dy, b.ints(...before), b.ints(...ends), b.ints(...before.map((_, i) => i + 2))]);
  },
};

function padsOf(site: Site): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const axes = site.shape(0).length - 2;
  const pads = site.ints('pads', new Array<number>(2 * axes).fill(0));
  if (pads.length !== 2 * axes) site.fail(`${pads.length} pads for ${axes} axes`);
  return { before: pads.slice(0, axes), after: pads.slice(axes) };
}
