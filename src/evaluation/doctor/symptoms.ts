import { argmax } from '../../classifier/rank.ts';
import type { Head } from '../../graph/index.ts';

import { mcnemar } from '../statistics/mcnemar.ts';
import type { Kind } from './setup.ts';
import { lossesOf, type Reply, type Specimen } from './trial.ts';

/** A sign that something is wrong, where no variant says what. */
export interface Symptom {
  readonly kind: Kind;
  readonly what: string;
  readonly advice: string;
}

/** With fewer photos nothing is said about chance. */
const ENOUGH = 50;

/** What is suspicious about answers: values that are not finite, always the same answer, no better than guessing. */
export function symptoms(
  reply: Reply,
  specimens: readonly Specimen[],
  kind: Head['kind'],
  order?: readonly number[],
): Symptom[] {
  const asked = specimens.flatMap(({ truth }, i) =>
    reply.scores[i] ? [{ truth, scores: reply.scores[i] }] : [],
  );
  const n = asked.length;
  if (reply.unsound > 0) {
    return [
      {
        kind: 'non-finite',
        what: `${Math.min(reply.unsound, n)} of ${n} answers are not finite`,
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
    const said = asked.map(({ scores }) => scores[0]);
    const { least, most, spread } = range(truths);
    return range(said).spread < 1e-3 * spread
      ? [
          same(
            `${Number(said[0].toPrecision(4))} for all ${n} photos, whose truth is from ${least} to ${most}`,
          ),
        ]
      : [];
  }
  const outputs = new Set(asked.map(({ scores }) => argmax(scores)));
  if (outputs.size === 1) {
    return [same(`class ${[...outputs][0]} for all ${n} photos, which are of ${truths.size} classes`)];
  }
  return n >= ENOUGH ? chance(lossesOf(reply, specimens, kind, order), asked) : [];
}

const same = (what: string): Symptom => ({
  kind: 'constant',
  what: `the model answers the same to every photo: ${what}`,
  advice: 'check that the weights are those of this network, and trained',
});

/** Compares with who always says the most frequent class. */
function chance(
  losses: readonly (number | undefined)[],
  asked: readonly { readonly truth: number }[],
): Symptom[] {
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
      what: `${all} of ${asked.length} answers are right, no better than always to say class ${frequent}`,
      advice: 'check that the labels are those of this model, and the weights those of this network',
    },
  ];
}
