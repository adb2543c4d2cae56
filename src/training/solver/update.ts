import { adadelta } from './adadelta.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { nesterov } from './nesterov.ts';
import { rateAt } from './rate.ts';
import { rmsprop } from './rmsprop.ts';
import type { UpdateRule, UpdateState, UpdateStep } from './rule.ts';
import type { RuleSettings, SolverSettings } from './settings.ts';
import { sgd } from './sgd.ts';

export type { UpdateRule, UpdateState, UpdateStep } from './rule.ts';

/** The update rule of a solver. Its inputs are plain numbers, so that every thread can make its own. */
export function updateRule(settings: RuleSettings): UpdateRule {
  const rule = plainRule(settings);
  return {
    histories: rule.histories,
    update(state, from, to, step) {
      if (step.regularisation === 'L2' || step.decay === 0) return rule.update(state, from, to, step);
      addSigns(state, from, to, step);
      return rule.update(state, from, to, { ...step, scale: 1, decay: 0 });
    },
  };
}

function plainRule({ type, momentum, momentum2, delta, rmsDecay }: RuleSettings): UpdateRule {
  switch (type) {
    case 'SGD':
      return sgd(momentum);
    case 'Nesterov':
      return nesterov(momentum);
    case 'AdaGrad':
      return adagrad(delta);
    case 'RMSProp':
      return rmsprop(rmsDecay, delta);
    case 'AdaDelta':
      return adadelta(momentum, delta);
    case 'Adam':
      return adam(momentum, momentum2, delta);
  }
}

/** L1 in a pass of its own, so that the rules' loops stay short for L2, which nearly everyone uses. */
function addSigns({ weights, gradient }: UpdateState, from: number, to: number, step: UpdateStep): void {
  const { scale, decay } = step;
  for (let i = from; i < to; i++) gradient[i] = scale * gradient[i] + decay * Math.sign(weights[i]);
}

/**
 * The numbers of one parameter's update: gradients are multiplied by `clip` ({@link clipFactor}) and divided by
 * iter_size before the decay is added, in Caffe's order.
 */
export function updateStep(
  settings: SolverSettings,
  { rateFactor, decayFactor }: { readonly rateFactor: number; readonly decayFactor: number },
  iteration: number,
  clip = 1,
): UpdateStep {
  return {
    rate: Math.fround(rateAt(settings, iteration) * rateFactor),
    decay: Math.fround(settings.weightDecay * decayFactor),
    regularisation: settings.regularisation,
    scale: clip / settings.iterSize,
    iteration,
  };
}
