/** The eight age classes of the Adience benchmark in the order of their labels 0–7, as the folds write them. */
export const AGE_LABELS = [
  '(0, 2)',
  '(4, 6)',
  '(8, 12)',
  '(15, 20)',
  '(25, 32)',
  '(38, 43)',
  '(48, 53)',
  '(60, 100)',
] as const;

/** First and last year of each age class. */
export const AGE_CLASSES: readonly (readonly [from: number, to: number])[] = [
  [0, 2],
  [4, 6],
  [8, 12],
  [15, 20],
  [25, 32],
  [38, 43],
  [48, 53],
  [60, 100],
];

/** What stands in the folds for (25, 32) by mistake. */
export const MISLABEL = '(25, 23)';

/** The binary gender annotation of Adience in the order of its labels: male 0, female 1. */
export const GENDER_LABELS = ['male', 'female'] as const;

/** What a list predicts. */
export type AdienceTarget = 'age' | 'gender';

/** What Adience's labels tell of a face. */
export const TARGETS: readonly AdienceTarget[] = ['age', 'gender'];

/**
 * How faces were brought into place before they were cut out: `aligned` by landmarks in the plane, `unaligned` by
 * rotation only (and padded to a square), `mixed` both files of every row.
 */
export type AdienceAlignment = 'aligned' | 'unaligned' | 'mixed';

/** `repaired` reads {@link MISLABEL} as (25, 32); `as-published` drops it as the original scripts do. */
export type LabelVariant = 'repaired' | 'as-published';

/** The class of an age as the folds write it; undefined where it is none of the eight. */
export function ageLabel(text: string, variant: LabelVariant): number | undefined {
  const written = variant === 'repaired' && text === MISLABEL ? '(25, 32)' : text;
  const index = (AGE_LABELS as readonly string[]).indexOf(written);
  return index < 0 ? undefined : index;
}

/** The class of a gender as the folds write it; undefined for `u` and nothing. */
export function genderLabel(text: string): number | undefined {
  return text === 'm' ? 0 : text === 'f' ? 1 : undefined;
}
