import type { GraphBuilder } from '../../graph/index.ts';
import { operatorOf } from '../../operators/index.ts';
import { type Handling, handlingName } from '../composites/composite.ts';
import { applyRule } from '../rules/linear.ts';
import { applyToSum } from '../rules/sum.ts';
import type { Passage } from '../walk.ts';
import { lrnTaylor } from './normalisation.ts';
import { signalTakesAll, uniform } from './product.ts';
import { averageAsOriginal, maxProportional, proportional } from './proportional.ts';
import { rescale } from './rescale.ts';
import { softWinner } from './soft-winner.ts';
import { softmaxTaylor } from './softmax.ts';
import { fixedScale } from './standardisation.ts';
import { winnerTakesAll } from './winner.ts';

/**
 * The relevance that a handling gives to an input, in its shape; undefined where it gives none.
 * Errors: a handling that means nothing for an operation of this role.
 */
export function handle(
  b: GraphBuilder,
  { site, role, relevance, input, walk, account }: Passage,
  handling: Exclude<Handling, 'gradient'>,
): string | undefined {
  const only = (fits: boolean) =>
    fits ||
    site.fail(
      `'${handlingName(handling)}' means nothing for it: it is of the role '${role.kind}'`,
      'choose another',
    );
  if (typeof handling === 'object') {
    if (role.kind === 'linear') return applyRule(b, site, role.map, handling, relevance, walk, account);
    if (role.kind === 'sum') return applyToSum(b, site, role, handling, relevance, input, walk, account);
    return site.fail(
      `rule '${handling.name}' is for linear operations and sums, this is of the role '${role.kind}'`,
    );
  }
  const operator = operatorOf(site.node);
  switch (handling) {
    case 'pass':
      if (site.shape(input).join() === site.output().join()) return relevance;
      return site.fail(
        `relevance of shape [${site.output()}] cannot pass unchanged to [${site.shape(input)}]`,
        'choose a rule, or gradient',
      );
    case 'guided': {
      only(role.kind === 'activation');
      const back = operator.vjp(b, site, [relevance], input);
      return back && b.op('Relu', [back]);
    }
    case 'deconvnet':
      only(role.kind === 'activation');
      return b.op('Relu', [relevance]);
    case 'winner':
      only(role.kind === 'max');
      return winnerTakesAll(b, site, relevance, input);
    case 'soft-winner':
      only(role.kind === 'max');
      return softWinner(b, site, relevance, input);
    case 'proportional':
      if (operator.average) return maxProportional(b, site, operator.average(b, site), relevance, account);
      only(role.kind === 'sum' || role.kind === 'linear' || role.kind === 'max');
      return proportional(b, site, relevance, input, account);
    case 'average-original':
      return role.kind === 'linear' && role.map.kind === 'average'
        ? averageAsOriginal(b, site, role.map, relevance)
        : site.fail('is no average pooling', "'average-original' is for nothing else");
    case 'lrn-taylor':
    case 'lrn-original':
      only(role.kind === 'normalisation');
      return lrnTaylor(b, site, relevance, handling === 'lrn-original', account);
    case 'rescale':
      return rescale(b, { site, role, relevance, input, walk, account });
    case 'signal':
    case 'uniform': {
      only(role.kind === 'product');
      const share = handling === 'signal' ? signalTakesAll : uniform;
      return share(b, { site, role, relevance, input, walk, account });
    }
    case 'softmax-taylor':
      only(role.kind === 'softmax' && operator.link === 'softmax');
      return softmaxTaylor(b, site, relevance, account);
    case 'fixed-scale':
      return operator.fixedScale && input === 0
        ? fixedScale(b, site, operator.fixedScale(b, site), relevance, account)
        : only(role.kind === 'standardisation') && undefined;
  }
}
