import { overflow, type UpdateRule } from './rule.ts';

/** Nesterov's accelerated gradient: v ← momentum·v + rate·g, w ← w − (1 + momentum)·v + momentum·v of before. */
export const nesterov = (momentum: number): UpdateRule => ({
  histories: 1,
  update({ weights, gradient, histories: [history] }, from, to, { rate, decay, scale }) {
    const m = momentum;
    const ahead = 1 + momentum;
    let finite = true;
    for (let i = from; i < to; i++) {
      const weight = weights[i];
      const before = history[i];
      const velocity = Math.fround(m * before + rate * (scale * gradient[i] + decay * weight));
      const next = weight - (ahead * velocity - m * before);
      history[i] = velocity;
      weights[i] = next;
      if (!(Math.abs(next) < overflow)) finite = false;
    }
    return finite;
  },
});
