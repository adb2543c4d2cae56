import { fail } from '../../common/error.ts';

/** One value per pixel: a channel of a mean image, a heatmap. Rows from the top. */
export interface ScalarMap {
  readonly width: number;
  readonly height: number;
  /** height · width values. */
  readonly data: Float32Array;
}

/** Bilinear resize of real values: half-pixel centres, borders repeated, no antialiasing. */
export function resizeMap(source: ScalarMap, height: number, width: number): ScalarMap {
  checkSize(height, width);
  const xs = positions(source.width, width);
  const ys = positions(source.height, height);
  const data = new Float32Array(height * width);
  for (let y = 0, o = 0; y < height; y++) {
    const top = ys.low[y] * source.width;
    const bottom = ys.high[y] * source.width;
    const fy = ys.fraction[y];
    for (let x = 0; x < width; x++) {
      const l = xs.low[x];
      const h = xs.high[x];
      const fx = xs.fraction[x];
      const upper = source.data[top + l] * (1 - fx) + source.data[top + h] * fx;
      const lower = source.data[bottom + l] * (1 - fx) + source.data[bottom + h] * fx;
      data[o++] = upper * (1 - fy) + lower * fy;
    }
  }
  return { width, height, data };
}

/** Nearest-neighbour resize: every output pixel takes the value of the source pixel its centre lies in. */
export function repeatMap(source: ScalarMap, height: number, width: number): ScalarMap {
  checkSize(height, width);
  const data = new Float32Array(height * width);
  for (let y = 0, o = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * source.height) / height) * source.width;
    for (let x = 0; x < width; x++) {
      data[o++] = source.data[row + Math.floor(((x + 0.5) * source.width) / width)];
    }
  }
  return { width, height, data };
}

function checkSize(height: number, width: number): void {
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    fail('resize', `${height}×${width} is no map size`, 'use whole numbers of at least 1');
  }
}

function positions(from: number, to: number) {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const fraction = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const position = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    low[i] = Math.floor(position);
    high[i] = Math.min(low[i] + 1, from - 1);
    fraction[i] = position - low[i];
  }
  return { low, high, fraction };
}
