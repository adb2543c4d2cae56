import { counter } from '../../common/progress.ts';
import { checkOptions, type DeepLiftMethod } from '../method.ts';
import type { Prepared, Setting } from '../prepared.ts';
import { baselineName } from './baseline.ts';
import { completeness } from './completeness.ts';
import { referenceOf } from './graph.ts';
import { openPass } from './pass.ts';

/** DeepLIFT: one pass, and the scores of the baseline, which its relevance adds up to the difference from. */
export function prepareDeepLift(setting: Setting, method: DeepLiftMethod): Prepared {
  checkOptions('deeplift', setting);
  const { baseline = 'zero' } = method;
  const reference = referenceOf(method, setting.model);
  const { run: pass, handling, release } = openPass(setting, method, setting);
  return {
    parameters: { baseline: baselineName(baseline) },
    handling,
    release,
    async run(input, open, watch) {
      const count = counter(watch, input.shape[0] + 1);
      const clean = await pass(input, open, count);
      const away = await pass(reference, clean.targets.slice(0, 1), count);
      return { ...clean, completeness: completeness(clean.relevance, clean, away.scores.data) };
    },
  };
}
