import { enlarged } from './bilinear.ts';

/** A mask's cells (0 or 1, cells×cells) and where it is cut, in pixels. */
export interface MaskCells {
  readonly grid: readonly number[];
  readonly top: number;
  readonly left: number;
}

/** A mask of RISE (Petsiuk et al. 2018, section 3.2): enlarged by one cell more than the input has, then cut. */
export function riseMask({ grid, top, left }: MaskCells, cells: number, height: number, width: number) {
  const [h, w] = [Math.ceil(height / cells), Math.ceil(width / cells)];
  const whole = enlarged(grid, [cells, cells], [(cells + 1) * h, (cells + 1) * w]);
  return Float64Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width) + top, (i % width) + left];
    return whole[y * (cells + 1) * w + x];
  });
}

/** Eq. 6 with scores less their mean: the masks' mean, weighed by what the network says of the masked input, over the expected mask. */
export function rise(
  masks: readonly Float64Array[],
  keep: number,
  x: ArrayLike<number>,
  hidden: ArrayLike<number>,
  f: (x: Float64Array) => number,
): Float64Array {
  const scores = masks.map((mask) =>
    f(
      Float64Array.from(x, (value, i) => {
        const m = mask[i % mask.length];
        return m * value + (1 - m) * hidden[i];
      }),
    ),
  );
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return Float64Array.from(masks[0], (_, i) =>
    masks.reduce((sum, mask, k) => sum + ((scores[k] - mean) * mask[i]) / (masks.length * keep), 0),
  );
}
