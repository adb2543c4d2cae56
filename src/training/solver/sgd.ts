import type { UpdateRule } from './rule.ts';

/**
 * v ← momentum·v + rate·g, w ← w − v. Four weights at a time, written out, take two thirds of the time of one at a time:
 * one branch asks whether all four are finite.
 */
export const sgd = (momentum: number): UpdateRule => ({
  histories: 1,
  update({ weights, gradient, histories: [history] }, from, to, { rate, decay, scale }) {
    // Out of the closure, which would be read anew for every weight.
    const m = momentum;
    const a = rate * scale;
    const b = rate * decay;
    let finite = true;
    let i = from;
    for (; i + 3 < to; i += 4) {
      const w0 = weights[i];
      const w1 = weights[i + 1];
      const w2 = weights[i + 2];
      const w3 = weights[i + 3];
      const v0 = Math.fround(m * history[i] + (a * gradient[i] + b * w0));
      const v1 = Math.fround(m * history[i + 1] + (a * gradient[i + 1] + b * w1));
      const v2 = Math.fround(m * history[i + 2] + (a * gradient[i + 2] + b * w2));
      const v3 = Math.fround(m * history[i + 3] + (a * gradient[i + 3] + b * w3));
      history[i] = v0;
      history[i + 1] = v1;
      history[i + 2] = v2;
      history[i + 3] = v3;
      const next0 = Math.fround(w0 - v0);
      const next1 = Math.fround(w1 - v1);
      const next2 = Math.fround(w2 - v2);
      const next3 = Math.fround(w3 - v3);
      weights[i] = next0;
      weights[i + 1] = next1;
      weights[i + 2] = next2;
      weights[i + 3] = next3;
      // 0 for finite numbers, NaN for others.
      const off = next0 - next0 + (next1 - next1) + (next2 - next2) + (next3 - next3);
      if (off !== 0) finite = false;
    }
    for (; i < to; i++) {
      const weight = weights[i];
      const velocity = Math.fround(m * history[i] + (a * gradient[i] + b * weight));
      const next = Math.fround(weight - velocity);
      history[i] = velocity;
      weights[i] = next;
      if (next - next !== 0) finite = false;
    }
    return finite;
  },
});
