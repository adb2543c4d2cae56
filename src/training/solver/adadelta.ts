import { overflow, type UpdateRule } from './rule.ts';

/**
 * Zeiler 2012: h ← momentum·h + (1 − momentum)·g², u = g·√((s + delta) / (h + delta)),
 * s ← momentum·s + (1 − momentum)·u², w ← w − rate·u. The histories are h and s.
 */
export const adadelta = (momentum: number, delta: number): UpdateRule => ({
  histories: 2,
  update({ weights, gradient, histories: [gradients, updates] }, from, to, { rate, decay, scale }) {
    const kept = momentum;
    const added = 1 - momentum;
    const floor = delta;
    let finite = true;
    for (let i = from; i < to; i++) {
      const weight = weights[i];
      const g = scale * gradient[i] + decay * weight;
      const before = updates[i];
      const mean = Math.fround(kept * gradients[i] + added * (g * g));
      const u = g * Math.sqrt((before + floor) / (mean + floor));
      const next = weight - rate * u;
      gradients[i] = mean;
      updates[i] = kept * before + added * (u * u);
      weights[i] = next;
      if (!(Math.abs(next) < overflow)) finite = false;
    }
    return finite;
  },
});
