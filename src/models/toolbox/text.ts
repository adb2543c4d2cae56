import { fail } from '../../common/error.ts';
import { float32, type Tensor } from '../../graph/index.ts';

/** A layer of a network of the LRP Toolbox, with its weights in the toolbox's own order. */
export interface ToolboxLayer {
  /** `Convolution`. */
  readonly type: string;
  /** The whole numbers beside the type. */
  readonly sizes: readonly number[];
  /** The line that it begins on, counted from 1. */
  readonly line: number;
  readonly weight?: Tensor<'float32'> | undefined;
  readonly bias?: Tensor<'float32'> | undefined;
}

/** What the text says of a type of layer: its whole numbers, and which of them are the shape of its weights, outputs last. */
interface LayerForm {
  readonly sizes: string;
  readonly weights?: number;
}

const window = 'HEIGHT WIDTH ROW-STEP COLUMN-STEP';
const bare: LayerForm = { sizes: '' };

const forms: Readonly<Record<string, LayerForm>> = {
  Linear: { sizes: 'INPUTS OUTPUTS', weights: 2 },
  Convolution: { sizes: 'HEIGHT WIDTH CHANNELS FILTERS ROW-STEP COLUMN-STEP', weights: 4 },
  SumPool: { sizes: window },
  MaxPool: { sizes: window },
  Rect: bare,
  Tanh: bare,
  SoftMax: bare,
  Flatten: bare,
};

/**
 * The layers of a network as the LRP Toolbox writes them as text. A layer is a line with its type and whole numbers; `Linear`
 * (inputs, outputs) and `Convolution` (height, width, channels, filters, steps) have weights and biases on the lines behind it,
 * the last axis fastest, in one line each or, as older versions wrote, in as many as there are rows. Errors name the line: a type
 * that is not known, numbers that are missing, too many, or not finite.
 */
export function parseToolboxNetwork(text: string, file: string): ToolboxLayer[] {
  const lines = text.split(/\r?\n/);
  const layers: ToolboxLayer[] = [];
  for (let i = 0; i < lines.length; ) {
    const words = wordsOf(lines[i]);
    i++;
    if (words.length === 0) continue;
    const at = i;
    const numbers: number[] = [];
    for (; i < lines.length && !isLayer(lines[i]); i++)
      for (const word of wordsOf(lines[i])) numbers.push(numberIn(word, `${file}: line ${i + 1}`));
    layers.push(layerOf(words, numbers, at, file));
  }
  if (layers.length === 0) fail(file, 'there are no layers in it');
  return layers;
}

const wordsOf = (line: string): string[] => line.split(/\s+/).filter(Boolean);

/** NumPy 2 calls a number by its type: `np.float64(0.5)`. */
const isLayer = (line: string): boolean => /^\s*(?!np\.|nan\b|inf\b)[a-z]/i.test(line);

function numberIn(word: string, where: string): number {
  const bare = word.replace(/^np\.float\d+\((.*)\)$/, '$1');
  const value = /^[-+.\d]/.test(bare) ? Math.fround(Number(bare)) : Number.NaN;
  return Number.isFinite(value) ? value : fail(where, `'${word}' is no finite number`);
}

function layerOf(
  [type, ...given]: readonly string[],
  numbers: readonly number[],
  line: number,
  file: string,
): ToolboxLayer {
  const where = `${file}: line ${line}`;
  const form = Object.hasOwn(forms, type)
    ? forms[type]
    : fail(where, `there is no layer '${type}'`, `known: ${Object.keys(forms).join(', ')}`);
  const sizes = given.map(Number);
  const wanted = wordsOf(form.sizes).length;
  if (sizes.length !== wanted || sizes.some((n) => !Number.isSafeInteger(n) || n < 1))
    fail(where, `'${[type, ...given].join(' ')}'`, `it is written ${`${type} ${form.sizes}`.trim()}`);
  const shape = sizes.slice(0, form.weights ?? 0);
  const outputs = shape.at(-1) ?? 0;
  const weights = form.weights ? shape.reduce((product, n) => product * n, 1) : 0;
  if (numbers.length !== weights + outputs) {
    const what = `${weights} weights and ${outputs} biases`;
    fail(
      where,
      `behind ${type} stand ${numbers.length} numbers`,
      form.weights ? `it has ${what}` : 'it has none',
    );
  }
  if (!form.weights) return { type, sizes, line };
  const weight = float32(shape, numbers.slice(0, weights));
  return { type, sizes, line, weight, bias: float32([outputs], numbers.slice(weights)) };
}
