import type { Operator } from '../operator.ts';
import { identity } from './identity.ts';

/** The input itself, but no gradient passes: what Caffe's `propagate_down: false` asks for. Of limn's own domain. */
export const stop: Operator = {
  ...identity,
  op: 'Stop',
  lower: (b, site) => b.op('Identity', [site.input(0)]),
  vjp: () => undefined,
};
