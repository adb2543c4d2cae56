import { fail } from '../../common/error.ts';
import { count } from '../../common/format.ts';
import { quoted } from '../../common/quoted.ts';
import { toldByKind } from '../../common/refusals.ts';
import { float32, type Tensor } from '../../graph/index.ts';

/** A layer of a network of the LRP Toolbox, with its weights in the toolbox's own order. */
export interface ToolboxLayer {
  /** `Convolution`. */
  readonly type: string;
  /** The whole numbers that the toolbox's text has beside the type. */
  readonly sizes: readonly number[];
  /** Where in the file it is, for errors. */
  readonly where: string;
  readonly weight?: Tensor<'float32'> | undefined;
  readonly bias?: Tensor<'float32'> | undefined;
}

/** A type of layer: its whole numbers, and how many of them are the shape of its weights, outputs last. */
interface LayerForm {
  readonly sizes: readonly string[];
  readonly weights?: number;
}

const window = ['HEIGHT', 'WIDTH', 'ROW-STEP', 'COLUMN-STEP'];
const bare: LayerForm = { sizes: [] };

/** The toolbox's modules. */
export const toolboxForms: Readonly<Record<string, LayerForm>> = {
  Linear: { sizes: ['INPUTS', 'OUTPUTS'], weights: 2 },
  Convolution: { sizes: ['HEIGHT', 'WIDTH', 'CHANNELS', 'FILTERS', 'ROW-STEP', 'COLUMN-STEP'], weights: 4 },
  SumPool: { sizes: window },
  MaxPool: { sizes: window },
  Rect: bare,
  Tanh: bare,
  SoftMax: bare,
  Flatten: bare,
};

/** A layer's type, and where in the file it stands: `line 3`. */
interface PlacedType {
  readonly type: string;
  readonly place: string;
}

/** Errors: types that are not the toolbox's, all of them. */
export function checkToolboxTypes(layers: readonly PlacedType[], file: string): void {
  const refused = layers.filter(({ type }) => !Object.hasOwn(toolboxForms, type));
  const [first] = refused;
  if (!first) return;
  const known = `known: ${Object.keys(toolboxForms).join(', ')}`;
  if (refused.length === 1) fail(`${file}: ${first.place}`, `there is no layer ${quoted(first.type)}`, known);
  const { told } = toldByKind(refused, {
    kind: ({ type }) => quoted(type),
    place: ({ place }) => place,
    noun: 'layer',
  });
  fail(file, `${count(refused.length)} layers have types that there are not: ${told}`, known);
}

/** A layer of a type that there is, of its numbers: weights, the last axis fastest, then biases. Errors: numbers that are too few or too many for its sizes. */
export function toolboxLayer(
  type: string,
  sizes: readonly number[],
  numbers: ArrayLike<number>,
  where: string,
): ToolboxLayer {
  const { weights: axes = 0 } = toolboxForms[type];
  const shape = sizes.slice(0, axes);
  const outputs = shape.at(-1) ?? 0;
  const weights = axes ? shape.reduce((product, n) => product * n, 1) : 0;
  if (numbers.length !== weights + outputs) {
    const wanted = axes ? `it has ${weights} weights and ${outputs} biases` : 'it has none';
    fail(where, `behind ${type} stand ${numbers.length} numbers`, wanted);
  }
  if (!axes) return { type, sizes, where };
  const all = Float32Array.from(numbers);
  const [weight, bias] = [float32(shape, all.slice(0, weights)), float32([outputs], all.slice(weights))];
  return { type, sizes, where, weight, bias };
}

export const isSize = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) >= 1;
