/** The functions of one element, from their definitions. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const hardSigmoid = (alpha: number, beta: number) => (x: number) =>
  Math.max(0, Math.min(1, alpha * x + beta));
export const hardSwish = (x: number): number => (x * Math.min(6, Math.max(0, x + 3))) / 6;
export const leakyRelu = (alpha: number) => (x: number) => (x >= 0 ? x : alpha * x);
export const elu = (alpha: number) => (x: number) => (x >= 0 ? x : alpha * (Math.exp(x) - 1));
