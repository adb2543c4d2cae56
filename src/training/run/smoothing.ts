/**
 * The loss that is shown: the mean of the last `window` iterations' (`average_loss`), as Caffe keeps it (UpdateSmoothedLoss
 * in solver.cpp), in float32. Numbers are exact, so that a run that goes on shows what it would have shown.
 */
export interface Smoothing {
  readonly window: number;
  /** The iteration at which the window was empty. */
  readonly start: number;
  /** The last losses, each at (iteration − start) mod window. */
  readonly losses: readonly number[];
  readonly mean: number;
}

/** An empty window for a run that starts at an iteration. */
export const startSmoothing = (window: number, start = 0): Smoothing => ({
  window,
  start,
  losses: [],
  mean: 0,
});

const { fround } = Math;

/**
 * The window with one more iteration's loss: a running mean until it is full; then the newest takes the place of the
 * oldest.
 */
export function smooth(before: Smoothing, iteration: number, loss: number): Smoothing {
  const { window, start, mean } = before;
  const value = fround(loss);
  if (before.losses.length < window) {
    const size = before.losses.length + 1;
    return {
      ...before,
      losses: [...before.losses, value],
      mean: fround(fround(fround(mean * (size - 1)) + value) / size),
    };
  }
  const at = (iteration - start) % window;
  return {
    ...before,
    losses: before.losses.with(at, value),
    mean: fround(mean + fround(fround(value - before.losses[at]) / window)),
  };
}
