/** The functions of one element, from their definitions. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const hardSigmoid = (alpha: number, beta: number) => (x: number) =>
  Math.max(0, Math.min(1, alpha * x + beta));
export const hardSwish = (x: number): number => (x * Math.min(6, Math.max(0, x + 3))) / 6;
export const leakyRelu = (alpha: number) => (x: number) => (x >= 0 ? x : alpha * x);
export const elu = (alpha: number) => (x: number) => (x >= 0 ? x : alpha * (Math.exp(x) - 1));

/** ∫ f from 0 to x, by Simpson's rule. */
function integral(f: (t: number) => number, x: number, steps = 400): number {
  const h = x / steps;
  let sum = f(0) + f(x);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * f(i * h);
  return (sum * h) / 3;
}

export const erf = (x: number): number => (2 / Math.sqrt(Math.PI)) * integral((t) => Math.exp(-t * t), x);
export const gelu = (x: number): number => x * (0.5 + 0.5 * erf(x / Math.sqrt(2)));
export const geluTanh = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
export const swish = (alpha: number) => (x: number) => x * sigmoid(alpha * x);
export const softplus = (x: number): number => Math.log(1 + Math.exp(x));
export const mish = (x: number): number => x * Math.tanh(softplus(x));
export const softsign = (x: number): number => x / (1 + Math.abs(x));
export const selu = (alpha: number, gamma: number) => (x: number) =>
  x > 0 ? gamma * x : gamma * (alpha * Math.exp(x) - alpha);
export const celu = (alpha: number) => (x: number) =>
  Math.max(0, x) + Math.min(0, alpha * (Math.exp(x / alpha) - 1));
export const thresholdedRelu = (alpha: number) => (x: number) => (x > alpha ? x : 0);
