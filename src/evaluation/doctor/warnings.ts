import { argmax } from '../../classifier/rank.ts';
import { isOrAre } from '../../common/format.ts';
import type { Head } from '../../graph/index.ts';

import { mcnemar } from '../statistics/mcnemar.ts';
import type { MistakeKind } from './setup.ts';
import { type LabelledPicture, lossesOf, type TrialScores } from './trial.ts';

/** A sign that something is wrong, where no variant says what. */
export interface Warning {
  readonly kind: MistakeKind;
  readonly what: string;
  readonly advice: string;
}

/** With fewer photos nothing is values about chance. */
const ENOUGH = 50;

/** What is suspicious about answers: values that are not finite, always the same answer, no better than guessing. */
export function warningsOf(
  scored: TrialScores,
  pictures: readonly LabelledPicture[],
  kind: Head['kind'],
  order?: readonly number[],
): Warning[] {
  const asked = pictures.flatMap(({ truth }, i) =>
    scored.scores[i] ? [{ truth, scores: scored.scores[i] }] : [],
  );
  const n = asked.length;
  if (scored.unsound > 0) {
    return [
      {
        kind: 'non-finite',
        what: `${Math.min(scored.unsound, n)} of ${n} answers ${isOrAre(scored.unsound)} not finite`,
        advice: 'check the weights; export the model again',
      },
    ];
  }
  const truths = new Set(asked.map(({ truth }) => truth));
  if (n < 20 || truths.size < 2) return [];
  if (kind === 'number') {
    const range = (values: Iterable<number>) => {
      let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
      return { least, most, spread: most - least };
    };
    const values = asked.map(({ scores }) => scores[0]);
    const { least, most, spread } = range(truths);
    return range(values).spread < 1e-3 * spread
      ? [
          same(
            `${Number(values[0].toPrecision(4))} for all ${n} photos, whose truth is from ${least} to ${most}`,
          ),
        ]
      : [];
  }
  const outputs = new Set(asked.map(({ scores }) => argmax(scores)));
  if (outputs.size === 1) {
    return [same(`class ${[...outputs][0]} for all ${n} photos, which are of ${truths.size} classes`)];
  }
  return n >= ENOUGH ? chance(lossesOf(scored, pictures, kind, order), asked) : [];
}

const same = (what: string): Warning => ({
  kind: 'constant',
  what: `the model answers the same to every photo: ${what}`,
  advice: 'check that the weights are those of this network, and trained',
});

/** Compares with who always says the most frequent class. */
function chance(
  losses: readonly (number | undefined)[],
  asked: readonly { readonly truth: number }[],
): Warning[] {
  const counts = new Map<number, number>();
  for (const { truth } of asked) counts.set(truth, (counts.get(truth) ?? 0) + 1);
  const [frequent] = [...counts].sort(([, a], [, b]) => b - a)[0];
  const right = losses.filter((loss) => loss !== undefined).map((loss) => loss === 0);
  const model = right.filter((is, i) => is && asked[i].truth !== frequent).length;
  const guess = right.filter((is, i) => !is && asked[i].truth === frequent).length;
  if (model > guess && mcnemar(model, guess) < 0.05) return [];
  const all = right.filter(Boolean).length;
  return [
    {
      kind: 'chance',
      what: `${all} of ${asked.length} answers ${isOrAre(all)} right, no better than always to say class ${frequent}`,
      advice: 'check that the labels are those of this model, and the weights those of this network',
    },
  ];
}
