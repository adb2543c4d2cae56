import { fail } from '../../common/error.ts';
import type { OcclusionMethod } from '../perturbation.ts';
import type { PlaneSize } from './bilinear.ts';

/** Unless given, one of `across` parts of the input's shorter side. Errors: a window that does not fit an input of this size. */
export function windowSize(
  given: number | PlaneSize | undefined,
  height: number,
  width: number,
  across: number,
): PlaneSize {
  const window = pair(given ?? Math.max(1, Math.round(Math.min(height, width) / across)));
  return fits(window[0], height) && fits(window[1], width)
    ? window
    : fail('window', `${window.join('×')} does not fit an input of ${height}×${width}`);
}

/** The window and the stride with their defaults for an input of this size. Errors: either does not fit. */
export function occlusionParameters(method: OcclusionMethod, height: number, width: number) {
  const window = windowSize(method.window, height, width, 7);
  const stride = pair(
    method.stride ?? [Math.max(1, Math.floor(window[0] / 2)), Math.max(1, Math.floor(window[1] / 2))],
  );
  // Longer strides would leave gaps that no window covers.
  if (!fits(stride[0], window[0]) || !fits(stride[1], window[1]))
    fail(
      'stride',
      `${stride.join('×')} does not fit a window of ${window.join('×')}`,
      'use 1 up to the window',
    );
  return { window, stride };
}

const pair = (value: number | PlaneSize): PlaneSize => (typeof value === 'number' ? [value, value] : value);
const fits = (n: number, limit: number): boolean => Number.isInteger(n) && n >= 1 && n <= limit;

/** Where windows begin: every `stride` cells, and one that touches the end. */
export function windowStarts(length: number, window: number, stride: number): number[] {
  const last = length - window;
  const starts = Array.from({ length: Math.floor(last / stride) + 1 }, (_, i) => i * stride);
  return starts.at(-1) === last ? starts : [...starts, last];
}

/** Visits the cells of a window, by their index in a plane whose rows have this length. */
export function eachCell(
  { top, left }: { top: number; left: number },
  [height, width]: PlaneSize,
  rowLength: number,
  visit: (cell: number) => void,
): void {
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) visit(y * rowLength + x);
  }
}

/** How many windows cover each cell of a plane. */
export function coverage(
  starts: readonly { top: number; left: number }[],
  window: PlaneSize,
  rowLength: number,
  plane: number,
): Float64Array {
  const covers = new Float64Array(plane);
  for (const start of starts) {
    eachCell(start, window, rowLength, (cell) => {
      covers[cell]++;
    });
  }
  return covers;
}
