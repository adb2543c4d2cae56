import type { PreprocessingFields } from '../graph/index.ts';

/** What files beside a network say of it: how photos become its input, and what its classes are called. */
export interface Described {
  readonly fields: PreprocessingFields;
  /** Names of the classes in the network's order. */
  readonly labels?: readonly string[] | undefined;
  /** The input that photos become, C×H×W, as far as it is said. */
  readonly input: readonly [channels: number, height: number | undefined, width: number | undefined];
}

/** A number without the rounding errors of a few operations on decimals: 123.675, not 123.67499999999999. */
export const tidy = (value: number): number => Number(value.toPrecision(12));

/**
 * Mean and deviation for pixels from 0 to 255, of numbers that apply after a pixel was multiplied by `factor` and
 * `offset` was subtracted: ((x·factor − offset) − mean) / std.
 */
export function normalisation(
  { mean, std }: { readonly mean: readonly number[]; readonly std: readonly number[] },
  factor = 1 / 255,
  offset = 0,
): Pick<PreprocessingFields, 'mean' | 'std' | 'scale'> {
  const isEven = std.every((value) => value === std[0]);
  const shift = mean.map((value) => tidy((value + offset) / factor));
  return {
    ...(shift.some((value) => value !== 0) && { mean: shift }),
    ...(isEven ? { scale: factor / std[0] } : { std: std.map((value) => tidy(value / factor)) }),
  };
}
