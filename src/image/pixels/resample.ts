import type { ResizeFilter } from '../../graph/info.ts';
import { checkPixelCount, type Image, image } from '../image.ts';

/*
 * How Pillow (from 7 on) resizes 8-bit pictures, and with it torchvision, timm and transformers: every output pixel is the
 * weighed mean of all input pixels under a kernel that is as much wider as the picture becomes smaller (antialiasing);
 * columns first, rows after them, both in whole numbers with weights of 22 bits, rounded to 8 bits in between.
 */

interface Kernel {
  /** Beyond this distance its weight is 0, in input pixels where the picture becomes no smaller. */
  readonly reach: number;
  weight(x: number): number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const kernels: Readonly<Record<Exclude<ResizeFilter, 'nearest'>, Kernel>> = {
  box: { reach: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    reach: 1,
    weight: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x))),
  },
  bicubic: { reach: 2, weight: (x) => cubic(Math.abs(x), -0.5) },
  lanczos: { reach: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Keys' cubic convolution (1981), with parameter a. */
function cubic(x: number, a: number): number {
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

const bits = 22;
const half = 1 << (bits - 1);

/** The input samples of each output sample, and their weights in 1/2²². */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `most` for each output sample. */
  readonly weights: Int32Array;
  readonly most: number;
}

function taps(from: number, to: number, { reach, weight }: Kernel): Taps {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = reach * stretch;
  const most = Math.ceil(support) * 2 + 1;
  const [first, count] = [new Int32Array(to), new Int32Array(to)];
  const weights = new Int32Array(to * most);
  const values = new Float64Array(most);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(from, Math.trunc(center + support + 0.5));
    let total = 0;
    for (let k = low; k < high; k++) {
      values[k - low] = weight((k - center + 0.5) * (1 / stretch));
      total += values[k - low];
    }
    for (let k = 0; k < high - low; k++) {
      const value = (total === 0 ? values[k] : values[k] / total) * 2 ** bits;
      weights[i * most + k] = Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
    }
    first[i] = low;
    count[i] = high - low;
  }
  return { first, count, weights, most };
}

/** One pass along lines of `length` samples that stand `step` apart; 3 interleaved channels. */
function pass(source: Uint8Array | Uint8ClampedArray, out: Image['data'], given: Taps, along: Line): void {
  const { first, count, weights, most } = given;
  for (let line = 0; line < along.lines; line++) {
    for (let i = 0; i < first.length; i++) {
      const o = line * along.outLine + i * along.outStep;
      const start = line * along.line + first[i] * along.step;
      for (let c = 0; c < 3; c++) {
        let sum = half;
        for (let k = 0, at = start + c; k < count[i]; k++, at += along.step)
          sum += source[at] * weights[i * most + k];
        out[o + c] = Math.min(Math.max(sum >> bits, 0), 255);
      }
    }
  }
}

/** Where samples lie in the bytes of a picture. */
interface Line {
  readonly lines: number;
  readonly line: number;
  readonly step: number;
  readonly outLine: number;
  readonly outStep: number;
}

/** The nearest input pixel of each output pixel's centre. */
function nearest(source: Image, height: number, width: number): Image {
  const out = image(width, height);
  for (let y = 0, o = 0; y < height; y++) {
    const row = Math.min(source.height - 1, Math.floor((y + 0.5) * (source.height / height)));
    for (let x = 0; x < width; x++, o += 3) {
      const column = Math.min(source.width - 1, Math.floor((x + 0.5) * (source.width / width)));
      const at = (row * source.width + column) * 3;
      for (let c = 0; c < 3; c++) out.data[o + c] = source.data[at + c];
    }
  }
  return out;
}

/**
 * A picture in another size, its aspect ratio not kept, bit for bit as Pillow's `Image.resize` makes it with the filter
 * of this name. Errors: more pixels than limn takes.
 */
export function resample(source: Image, height: number, width: number, filter: ResizeFilter): Image {
  checkPixelCount(width, height, 'resize');
  if (source.width === width && source.height === height) return source;
  if (filter === 'nearest') return nearest(source, height, width);
  const kernel = kernels[filter];
  let picture = source;
  if (width !== source.width) {
    const wide = image(width, source.height);
    const along = { lines: source.height, line: source.width * 3, step: 3, outLine: width * 3, outStep: 3 };
    pass(source.data, wide.data, taps(source.width, width, kernel), along);
    picture = wide;
  }
  if (height === source.height) return picture;
  const out = image(width, height);
  const down = { lines: width, line: 3, step: width * 3, outLine: 3, outStep: width * 3 };
  pass(picture.data, out.data, taps(source.height, height, kernel), down);
  return out;
}
