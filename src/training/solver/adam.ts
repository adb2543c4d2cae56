import { overflow, type UpdateRule } from './rule.ts';

/**
 * Kingma and Ba 2015, as Caffe: m ← momentum·m + (1 − momentum)·g, v ← momentum2·v + (1 − momentum2)·g²,
 * w ← w − rate·√(1 − momentum2ᵗ)/(1 − momentumᵗ) · m / (√v + delta), t = iteration + 1. The histories are m and v.
 */
export const adam = (momentum: number, momentum2: number, delta: number): UpdateRule => ({
  histories: 2,
  update({ weights, gradient, histories: [means, squares] }, from, to, step) {
    const { rate, decay, scale, iteration } = step;
    const t = iteration + 1;
    const corrected = (rate * Math.sqrt(1 - momentum2 ** t)) / (1 - momentum ** t);
    const kept = momentum;
    const kept2 = momentum2;
    const added = 1 - momentum;
    const added2 = 1 - momentum2;
    const floor = delta;
    let finite = true;
    for (let i = from; i < to; i++) {
      const weight = weights[i];
      const g = scale * gradient[i] + decay * weight;
      const mean = Math.fround(kept * means[i] + added * g);
      const square = Math.fround(kept2 * squares[i] + added2 * (g * g));
      const next = weight - (corrected * mean) / (Math.sqrt(square) + floor);
      means[i] = mean;
      squares[i] = square;
      weights[i] = next;
      if (!(Math.abs(next) < overflow)) finite = false;
    }
    return finite;
  },
});
