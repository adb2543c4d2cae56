import type { Operator } from '../operator.ts';
import { one } from '../value.ts';

/** The input itself. */
export const identity: Operator = {
  op: 'Identity',
  shapes: (site) => [site.shape(0)],
  role: () => ({ kind: 'movement' }),
  keeps: 'all',
  evaluate: (_, [x]) => one(x),
  nonNegative: (site, known) => known(site.input(0)),
  vjp: (_, __, [dy]) => dy,
};

/** Dropout as it is at test time: the input itself. */
export const dropout: Operator = {
  ...identity,
  op: 'Dropout',
  shapes(site) {
    if (site.has(2) && site.constants(2)[0] !== 0)
      site.fail('training mode is not supported', 'export the network for inference');
    return [site.shape(0), site.shape(0)];
  },
  types: (site) => [site.type(0), 'bool'],
  vjp: (_, __, [dy], input) => (input === 0 ? dy : undefined),
};
