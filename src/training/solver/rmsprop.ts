import { overflow, type UpdateRule } from './rule.ts';

/** Tieleman and Hinton 2012: h ← decay·h + (1 − decay)·g², w ← w − rate·g / (√h + delta). */
export const rmsprop = (rmsDecay: number, delta: number): UpdateRule => ({
  histories: 1,
  update({ weights, gradient, histories: [history] }, from, to, { rate, decay, scale }) {
    const kept = rmsDecay;
    const added = 1 - rmsDecay;
    const floor = delta;
    let finite = true;
    for (let i = from; i < to; i++) {
      const weight = weights[i];
      const g = scale * gradient[i] + decay * weight;
      const mean = Math.fround(kept * history[i] + added * (g * g));
      const next = weight - (rate * g) / (Math.sqrt(mean) + floor);
      history[i] = mean;
      weights[i] = next;
      if (!(Math.abs(next) < overflow)) finite = false;
    }
    return finite;
  },
});
