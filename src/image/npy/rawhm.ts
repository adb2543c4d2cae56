import { fail } from '../../common/error.ts';
import { isDecimal } from '../../common/parse.ts';
import { float32, type Tensor } from '../../graph/tensor.ts';

/** The order of the channels in the tensor; the text format's is always red, green, blue. */
export type ChannelOrder = 'bgr' | 'rgb';

/**
 * The LRP Toolbox's text heatmap (`_rawhm.txt`): a line `3`, a line `H W`, then for red, green and blue H lines of
 * W numbers. Returns relevance 1×3×H×W in the given channel order (the network's: BGR for Caffe).
 * Errors name `name` and the line.
 */
export function readRawHeatmap(text: string, name: string, order: ChannelOrder = 'bgr'): Tensor<'float32'> {
  const lines = text.split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  const [channels] = integers(lines, 0, 1, name);
  if (channels !== 3) fail(`${name}:1`, `expected 3 channels, got ${channels}`, 'give a _rawhm.txt heatmap');
  const [height, width] = integers(lines, 1, 2, name) as [number, number];
  const expected = 2 + 3 * height;
  if (lines.length < expected) {
    fail(`${name}:${lines.length}`, `truncated: ${height} rows of 3 channels need ${expected} lines`);
  }
  if (lines.length > expected) fail(`${name}:${expected + 1}`, 'text after the last row');
  // The width is a claim of the file; memory is asked for only once a row has kept it.
  numbersOf(lines, 2, width, name);
  const data = new Float32Array(3 * height * width);
  for (let c = 0; c < 3; c++) {
    const plane = (order === 'bgr' ? 2 - c : c) * height * width;
    for (let y = 0; y < height; y++) {
      data.set(numbersOf(lines, 2 + c * height + y, width, name), plane + y * width);
    }
  }
  return float32([1, 3, height, width], data);
}

/**
 * Relevance 1×3×H×W (or 3×H×W) as the LRP Toolbox's text heatmap, numbers with six significant digits as a C++
 * stream prints them.
 */
export function writeRawHeatmap(relevance: Tensor<'float32'>, order: ChannelOrder = 'bgr'): string {
  const shape = relevance.shape.length === 4 ? relevance.shape.slice(1) : relevance.shape;
  const batch = relevance.shape.length === 4 ? relevance.shape[0] : 1;
  if (shape.length !== 3 || shape[0] !== 3 || batch !== 1) {
    fail('rawhm', `expected relevance 1×3×H×W, got [${relevance.shape}]`, 'write one file per photo');
  }
  const [, height, width] = shape as [number, number, number];
  const lines = ['3', `${height} ${width}`];
  for (let c = 0; c < 3; c++) {
    const plane = (order === 'bgr' ? 2 - c : c) * height * width;
    for (let y = 0; y < height; y++) {
      const row = relevance.data.subarray(plane + y * width, plane + (y + 1) * width);
      lines.push(Array.from(row, formatGeneral).join(' '));
    }
  }
  return `${lines.join('\n')}\n`;
}

function integers(lines: readonly string[], line: number, count: number, name: string): number[] {
  const values = numbersOf(lines, line, count, name);
  if (values.some((v) => !Number.isSafeInteger(v) || v < 1)) {
    fail(`${name}:${line + 1}`, `expected whole numbers of at least 1, got "${preview(lines[line])}"`);
  }
  return values;
}

function numbersOf(lines: readonly string[], line: number, count: number, name: string): number[] {
  const text = lines[line] ?? fail(`${name}:${line + 1}`, 'the file ends here', 'give a _rawhm.txt heatmap');
  const words = text.trim().split(/\s+/);
  if (words.length !== count || words[0] === '') {
    fail(`${name}:${line + 1}`, `expected ${count} numbers, got ${words[0] === '' ? 0 : words.length}`);
  }
  return words.map((word, i) => {
    const value = isDecimal(word) ? Number(word) : Number.NaN;
    return Number.isFinite(value)
      ? value
      : fail(`${name}:${line + 1}`, `number ${i + 1} is not finite or no number: "${preview(word)}"`);
  });
}

const preview = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** A number as C's `%g` prints it: six significant digits, trailing zeros dropped, ties to even. */
export function formatGeneral(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  const [mantissa, power] = sixDigits(Math.abs(x)).split('e') as [string, string];
  const exponent = Number(power);
  const digits = mantissa.replace('.', '');
  const sign = x < 0 ? '-' : '';
  if (exponent < -4 || exponent >= 6) {
    const magnitude = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${trimZeros(`${digits[0]}.${digits.slice(1)}`)}e${exponent < 0 ? '-' : '+'}${magnitude}`;
  }
  if (exponent < 0) return `${sign}${trimZeros(`0.${'0'.repeat(-exponent - 1)}${digits}`)}`;
  return `${sign}${trimZeros(`${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`)}`;
}

/** JavaScript rounds exact halves up where C rounds them to even; a half shows in its exact expansion. */
function sixDigits(x: number): string {
  const up = x.toExponential(5);
  const exact = x.toExponential(100);
  if (!/^\d\.\d{5}50*e/.test(exact)) return up;
  const down = exact.replace(/^(\d\.\d{5})\d*/, '$1');
  return Number(down[6]) % 2 === 0 ? down : up;
}

const trimZeros = (text: string): string => text.replace(/\.?0*$/, '');
