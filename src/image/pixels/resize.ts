import { fail } from '../../common/error.ts';
import { checkPixelCount, type Image, image } from '../image.ts';

// Why these exact numbers: networks trained with Caffe saw images resized by OpenCV, whose INTER_LINEAR on
// 8-bit images computes with integers. A float resize differs from it by one grey level in many pixels.
const BITS = 11;
const ONE = 1 << BITS;

interface Taps {
  /** Index of the left (upper) source sample per output sample, clamped to the image. */
  readonly low: Int32Array;
  /** Index of the right (lower) one. */
  readonly high: Int32Array;
  /** Weight of `low`, in 1/2048. */
  readonly a: Int32Array;
  /** Weight of `high`, in 1/2048. */
  readonly b: Int32Array;
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * Where each output sample lies between two input samples: half-pixel centres, the fraction rounded to
 * float32 as OpenCV keeps it. Beyond the border, columns put their whole weight on the border sample (`snap`),
 * rows keep two weights on the same row: OpenCV's two passes differ so, and the truncation between them shows it.
 */
function taps(from: number, to: number, snap: boolean): Taps {
  const scale = 1 / (to / from);
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const a = new Int32Array(to);
  const b = new Int32Array(to);
  for (let i = 0; i < to; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    let index = Math.floor(position);
    let fraction = Math.fround(position - index);
    if (snap && (index < 0 || index >= from - 1)) {
      index = index < 0 ? 0 : from - 1;
      fraction = 0;
    }
    low[i] = Math.min(Math.max(index, 0), from - 1);
    high[i] = Math.min(Math.max(index + 1, 0), from - 1);
    a[i] = roundHalfEven(Math.fround(1 - fraction) * ONE);
    b[i] = roundHalfEven(fraction * ONE);
  }
  return { low, high, a, b };
}

/** One source row stretched to the output's width; values are 2048 times the pixels. */
function stretchRow(data: Image['data'], start: number, columns: Taps, out: Int32Array): void {
  const { low, high, a, b } = columns;
  for (let x = 0, o = 0; x < low.length; x++, o += 3) {
    const l = start + low[x] * 3;
    const h = start + high[x] * 3;
    const wa = a[x];
    const wb = b[x];
    out[o] = data[l] * wa + data[h] * wb;
    out[o + 1] = data[l + 1] * wa + data[h + 1] * wb;
    out[o + 2] = data[l + 2] * wa + data[h + 2] * wb;
  }
}

/** Exactly half the size: OpenCV then averages 2×2 blocks, rounding halves up. */
function halve(source: Image): Image {
  const out = image(source.width / 2, source.height / 2);
  const stride = source.width * 3;
  const { data } = source;
  for (let y = 0, o = 0; y < out.height; y++) {
    for (let x = 0, i = y * 2 * stride; x < out.width; x++, i += 6) {
      for (let c = i; c < i + 3; c++) {
        out.data[o++] = (data[c] + data[c + 3] + data[c + stride] + data[c + stride + 3] + 2) >> 2;
      }
    }
  }
  return out;
}

/**
 * Bilinear resize without antialiasing, aspect ratio not kept: bit for bit what OpenCV's `resize` with
 * INTER_LINEAR gives on 8-bit images (half-pixel centres, 11-bit weights, two truncations), and so what Caffe's
 * data layers and `convert_imageset` feed a network.
 */
export function resizeImage(source: Image, height: number, width: number): Image {
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    fail('resize', `${height}×${width} is no image size`, 'use whole numbers of at least 1');
  }
  checkPixelCount(width, height, 'resize');
  if (source.width === width && source.height === height) return source;
  if (source.width === 2 * width && source.height === 2 * height) return halve(source);

  const columns = taps(source.width, width, true);
  const rows = taps(source.height, height, false);
  const out = image(width, height);
  const stride = width * 3;
  let upper = new Int32Array(stride);
  let lower = new Int32Array(stride);
  let upperRow = -1;
  let lowerRow = -1;
  for (let y = 0; y < height; y++) {
    const low = rows.low[y];
    const high = rows.high[y];
    if (low === lowerRow) {
      [upper, lower] = [lower, upper];
      [upperRow, lowerRow] = [lowerRow, upperRow];
    }
    if (low !== upperRow) {
      stretchRow(source.data, low * source.width * 3, columns, upper);
      upperRow = low;
    }
    if (high !== lowerRow) {
      stretchRow(source.data, high * source.width * 3, columns, lower);
      lowerRow = high;
    }
    const a = rows.a[y];
    const b = rows.b[y];
    for (let i = 0, o = y * stride; i < stride; i++, o++) {
      out.data[o] = (((a * (upper[i] >> 4)) >> 16) + ((b * (lower[i] >> 4)) >> 16) + 2) >> 2;
    }
  }
  return out;
}

/**
 * The size at which an image just covers `height`×`width` with its aspect ratio kept; the longer side is
 * rounded down, as torchvision's `Resize` does.
 */
export function coveringSize(
  source: { height: number; width: number },
  height: number,
  width: number,
): { height: number; width: number } {
  return height * source.width <= width * source.height
    ? { height: Math.max(height, Math.floor((width * source.height) / source.width)), width }
    : { height, width: Math.max(width, Math.floor((height * source.width) / source.height)) };
}
