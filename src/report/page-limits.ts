import { count } from '../common/format.ts';
import type { Comparison } from '../evaluation/comparison/index.ts';
import type { PageBlock } from './page-blocks.ts';

/** Words in a target's or column's name that say what kind of label it is. */
const kinds: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /\bages?\b|adience/i,
    [
      'Ages are apparent ages: people or programs judged a photo. They are not known ages, and they are wrong more often for some groups than for others.',
    ],
  ],
  [
    /gender|\bsex\b/i,
    [
      'Gender is a binary annotation of how a face was read by others. It is not anyone’s gender identity, and it has no place for people who are neither; a model can only repeat such readings.',
    ],
  ],
  [
    /race|ethnic|skin/i,
    [
      'Race or ethnicity is a category that others chose for a face. It is here to find where a model serves groups unequally, not to describe people.',
    ],
  ],
];

const people =
  'None of this licenses a judgement of a person: not who someone is, what someone may do, or how someone is treated. A model that is right for many may be wrong for you.';

/** What the labels are and are not, for the targets and groups of a comparison. */
export function labelBlock({ targets }: Comparison): PageBlock {
  const named = targets.flatMap(({ target, groupings }) => [
    target,
    ...groupings.flatMap(({ columns }) => columns),
  ]);
  const found = kinds.filter(([words]) => named.some((name) => words.test(name)));
  const items = found.flatMap(([, texts]) => texts);
  return {
    kind: 'list',
    items: [
      ...items,
      'A label is what someone wrote down. Where labels are wrong, a prediction that is right counts as an error, and the other way round.',
      ...(found.length > 0 ? [people] : []),
    ],
  };
}

/** What the numbers do not say. */
export const limits = (comparison: Comparison): string[] => [
  `Intervals and tests speak of other samples of the same kind of images, under the same labels. They do not cover labels that are wrong, or other cameras, countries and times.`,
  `Intervals that are bootstrapped come from ${count(comparison.resamples)} resamples with seed ${comparison.seed}: the same numbers each time. Where it is known who is on an image, persons are resampled, not images.`,
  'p-values are adjusted by Holm’s method within each table, not over all tables. A difference without a small p may still be there: look at its interval.',
  'Groups of few images are marked; their values move much from sample to sample. Gaps of groups that overlap are not independent.',
  'Heatmaps show which pixels a model’s score was attributed to by one method, with its rules. They say something of the model, not of the person, and they do not prove a cause.',
];
