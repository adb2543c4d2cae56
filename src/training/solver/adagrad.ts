import { overflow, type UpdateRule } from './rule.ts';

/** Duchi et al. 2011: h ← h + g², w ← w − rate·g / (√h + delta). */
export const adagrad = (delta: number): UpdateRule => ({
  histories: 1,
  update({ weights, gradient, histories: [history] }, from, to, { rate, decay, scale }) {
    const floor = delta;
    let finite = true;
    for (let i = from; i < to; i++) {
      const weight = weights[i];
      const g = scale * gradient[i] + decay * weight;
      const sum = Math.fround(history[i] + g * g);
      const next = weight - (rate * g) / (Math.sqrt(sum) + floor);
      history[i] = sum;
      weights[i] = next;
      if (!(Math.abs(next) < overflow)) finite = false;
    }
    return finite;
  },
});
