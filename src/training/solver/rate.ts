import type { SolverSettings } from './settings.ts';

type RateSettings = Pick<SolverSettings, 'policy' | 'baseRate' | 'maxIter'>;

/**
 * The learning rate at an iteration (from 0), a float32, by the formulas of Caffe's `SGDSolver::GetLearningRate`:
 * powers of floats are computed in double precision and the result rounded once.
 */
export function rateAt({ policy, baseRate, maxIter }: RateSettings, iteration: number): number {
  switch (policy.name) {
    case 'fixed':
      return baseRate;
    case 'step':
    case 'multistep':
      return Math.fround(baseRate * policy.gamma ** stepAt(policy, iteration));
    case 'exp':
      return Math.fround(baseRate * policy.gamma ** iteration);
    case 'inv': {
      const base = Math.fround(1 + Math.fround(policy.gamma * iteration));
      return Math.fround(baseRate * base ** -policy.power);
    }
    case 'poly': {
      const left = Math.fround(1 - Math.fround(iteration / maxIter));
      return Math.fround(baseRate * left ** policy.power);
    }
    case 'sigmoid':
      return Math.fround(baseRate / (1 + Math.exp(-policy.gamma * (iteration - policy.stepsize))));
  }
}

/**
 * How many steps the rate has taken at an iteration: what a `.solverstate` calls current_step. Caffe takes at most one
 * of multistep's steps per iteration, in the order in which they are listed.
 */
export function stepAt(policy: SolverSettings['policy'], iteration: number): number {
  if (policy.name === 'step') return Math.floor(iteration / policy.stepsize);
  if (policy.name !== 'multistep') return 0;
  let taken = 0;
  let previous = -1;
  for (const value of policy.stepvalues) {
    previous = Math.max(value, previous + 1);
    if (previous > iteration) break;
    taken++;
  }
  return taken;
}
