import type { Tensor } from '../../graph/index.ts';
import type { NodeAttributes } from './attributes.ts';
import type { TfBuilder } from './builder.ts';
import type { TfDim, TfValue } from './values.ts';

/** A list of dimensions, or one of them, that is computed while the network is converted. */
export interface TfDims {
  readonly dims: readonly TfDim[];
}

/** What a node of TensorFlow's graph makes: a value of the network, a constant, or a shape. */
export type TfResult = TfValue | Tensor<'float32'> | TfDims;

/** One node that is converted. */
export interface OperationSite {
  readonly b: TfBuilder;
  readonly attributes: NodeAttributes;
  readonly inputs: readonly TfResult[];
  /** An input that the network computes; a constant becomes one. Errors: a shape. */
  value(i: number): TfValue;
  /** An input that is a constant. Errors: it is none. */
  constant(i: number): Tensor<'float32'>;
  /** A constant or a shape as numbers. */
  numbers(i: number): readonly TfDim[];
}

/** What a node of one operation becomes. */
export type Convert = (site: OperationSite) => TfResult;

export const isConstant = (made: TfResult | undefined): made is Tensor<'float32'> =>
  made !== undefined && 'data' in made;
export const isDims = (made: TfResult | undefined): made is TfDims => made !== undefined && 'dims' in made;

/** A constant or a shape as whole numbers, −1 for the batch. */
export const wholeNumbers = (site: OperationSite, i: number): number[] =>
  site.numbers(i).map((dim) => (dim === 'N' ? -1 : dim));

/** An input as it is, a constant or a value. */
export const operandOf = (site: OperationSite, i: number): TfValue | Tensor<'float32'> => {
  const made = site.inputs[i];
  return isConstant(made) ? made : site.value(i);
};
