import type { GraphBuilder } from '../../graph/index.ts';
import type { KernelWindow } from '../shapes.ts';

/** Less than anything that a network computes. */
export const lowest = -3.4e38;

/**
 * Of windows that move by one, cell k of each along an axis: the values shifted, `lowest` where the window leaves them. Values
 * have `rank` dimensions.
 */
export function cellAlong(
  b: GraphBuilder,
  window: KernelWindow,
  k: number,
  axis: number,
  rank: number,
  values: string,
): string {
  const { input, output } = window;
  const offset = offsetOf(window, k);
  return padAlong(b, values, axis, rank, -offset, output + offset - input, lowest);
}

/** What is given to cell k of each window, at the places of these cells. */
export function placedAlong(
  b: GraphBuilder,
  window: KernelWindow,
  k: number,
  axis: number,
  rank: number,
  shares: string,
): string {
  const { input, output } = window;
  const offset = offsetOf(window, k);
  return padAlong(b, shares, axis, rank, offset, input - output - offset, 0);
}

/** Cell k of output o is input o + offset. */
const offsetOf = ({ dilation, before }: KernelWindow, k: number): number => k * dilation - before;

/** Pads one axis; negative numbers cut. */
export function padAlong(
  b: GraphBuilder,
  value: string,
  axis: number,
  rank: number,
  start: number,
  end: number,
  fill: number,
): string {
  if (start === 0 && end === 0) return value;
  const along = (n: number) => Array.from({ length: rank }, (_, i) => (i === axis ? n : 0));
  return b.op('Pad', [value, b.ints(...along(start), ...along(end)), b.scalar(fill)]);
}
