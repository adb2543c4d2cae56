import type { RuleSettings } from '../../../src/training/solver/index.ts';

/** One parameter's update as Caffe does it, blob by blob and in its order, in double precision. */
export interface Literal {
  readonly weights: number[];
  readonly histories: number[][];
}

export interface LiteralStep {
  readonly rate: number;
  readonly decay: number;
  readonly regularisation: 'L1' | 'L2';
  /** The whole network's norm is clipped to this before anything else; below 0: not. */
  readonly clip: number;
  /** Of all gradients of the network, before clipping. */
  readonly norm: number;
  readonly iterSize: number;
  readonly iteration: number;
}

const zip = (a: number[], b: number[], f: (x: number, y: number) => number) => a.map((x, i) => f(x, b[i]));

export function literalUpdate(
  rule: RuleSettings,
  state: Literal,
  gradient: number[],
  step: LiteralStep,
): Literal {
  const { weights, histories } = state;
  const { momentum, momentum2, delta, rmsDecay } = rule;
  let diff = gradient;
  // ClipGradients
  if (step.clip >= 0 && step.norm > step.clip) diff = diff.map((g) => g * (step.clip / step.norm));
  // Normalize
  diff = diff.map((g) => g / step.iterSize);
  // Regularize
  diff = zip(diff, weights, (g, w) => g + step.decay * (step.regularisation === 'L2' ? w : Math.sign(w)));
  // ComputeUpdateValue
  const square = diff.map((g) => g * g);
  const mixed = (old: number[], added: number[], keep: number) =>
    zip(old, added, (h, x) => keep * h + (1 - keep) * x);
  let kept: number[][];
  let update: number[];
  switch (rule.type) {
    case 'SGD':
      kept = [zip(histories[0], diff, (h, g) => momentum * h + step.rate * g)];
      update = kept[0];
      break;
    case 'Nesterov':
      kept = [zip(histories[0], diff, (h, g) => momentum * h + step.rate * g)];
      update = zip(kept[0], histories[0], (h, old) => (1 + momentum) * h - momentum * old);
      break;
    case 'AdaGrad':
      kept = [zip(histories[0], square, (h, x) => h + x)];
      update = zip(diff, kept[0], (g, h) => (step.rate * g) / (Math.sqrt(h) + delta));
      break;
    case 'RMSProp':
      kept = [mixed(histories[0], square, rmsDecay)];
      update = zip(diff, kept[0], (g, h) => (step.rate * g) / (Math.sqrt(h) + delta));
      break;
    case 'AdaDelta': {
      const h = mixed(histories[0], square, momentum);
      const u = diff.map((g, i) => g * Math.sqrt((histories[1][i] + delta) / (h[i] + delta)));
      kept = [
        h,
        mixed(
          histories[1],
          u.map((x) => x * x),
          momentum,
        ),
      ];
      update = u.map((x) => step.rate * x);
      break;
    }
    case 'Adam': {
      const t = step.iteration + 1;
      kept = [mixed(histories[0], diff, momentum), mixed(histories[1], square, momentum2)];
      const correction = Math.sqrt(1 - momentum2 ** t) / (1 - momentum ** t);
      update = zip(kept[0], kept[1], (m, v) => (step.rate * correction * m) / (Math.sqrt(v) + delta));
    }
  }
  return { weights: zip(weights, update, (w, u) => w - u), histories: kept };
}
