/** Where a number lies with 95 % confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % quantile of the normal distribution: what all 95 % intervals here are made with. */
export const Z95 = 1.959963984540054;
