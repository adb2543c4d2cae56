import { percentAxis } from './theme.ts';

/** Whether what is measured is a share, to be written in per cent. */
export const isShare = (metric: string, most: number): boolean =>
  /accuracy|top|recall|precision|probability/i.test(metric) && most <= 1;

/** Whether what is measured is a rate of learning. */
export const isRate = (metric: string): boolean => /\brate$/.test(metric);

/** The axis of what is measured: shares in per cent, rates and, where `wanted`, what is above 0 by powers of ten. */
export function yAxis(metric: string, values: readonly number[], wanted: boolean) {
  const { least, most } = extremesOf(values);
  // As wide as any label, so that the panels' titles stand in one line.
  const axis = { tickCount: 4, minExtent: 46 };
  if (!isRate(metric)) {
    if (wanted && least > 0 && !isShare(metric, most)) {
      return {
        type: 'quantitative' as const,
        title: metric,
        scale: { type: 'log' as const, domain: [least, most] },
        axis: { ...axis, format: '~g', values: logTicks(least, most) },
      };
    }
    return {
      type: 'quantitative' as const,
      title: metric,
      scale: { zero: false, nice: true },
      axis: isShare(metric, most) ? { ...percentAxis, ...axis } : axis,
    };
  }
  // A rate falls by factors; what is small then would not be seen.
  const log = least > 0 && most > 5 * least;
  const [low, high] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const step = Math.ceil((high - low) / 4);
  return {
    type: 'quantitative' as const,
    title: metric,
    scale: log ? { type: 'log' as const, domain: [10 ** low, 10 ** high] } : { zero: true, nice: true },
    axis: {
      ...axis,
      format: '~g',
      ...(log
        ? {
            values: Array.from({ length: high - low + 1 }, (_, i) => low + i)
              .filter((e) => (high - e) % step === 0)
              .map((e) => Number(`1e${e}`)),
          }
        : { tickCount: 2 }),
    },
  };
}

/** Marks of a logarithmic axis: 1, 2 and 5 of each power of ten, or the powers alone where these are many. */
function logTicks(least: number, most: number): number[] {
  const [low, high] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const steps = high - low > 3 ? [1] : [1, 2, 5];
  return Array.from({ length: high - low + 1 }, (_, i) => low + i)
    .flatMap((power) => steps.map((step) => Number(`${step}e${power}`)))
    .filter((value) => value >= least && value <= most);
}

/** The least and the most of values. */
export const extremesOf = (values: readonly number[]): { least: number; most: number } => ({
  least: values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  most: values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
});
