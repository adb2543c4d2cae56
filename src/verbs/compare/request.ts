import * as v from 'valibot';
import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { list, names, whole } from '../request.ts';

/** What {@link compare} is asked. */
export const compareRequest = v.strictObject({
  /** Result folders that `evaluate` wrote; one that is given twice counts once. */
  results: names,
  /** The folder to write tables and `comparison.json` into; nothing is written unless given. */
  output: v.optional(v.string()),
  /** The name of the result that all others are held against, instead of all pairs. */
  baseline: v.optional(v.string()),
  /**
   * Groups of images: a table for each column and, of several, for all crossed. Several columns with commas between, or as
   * a list, are crossed by themselves.
   */
  groupBy: v.optional(list(v.union([v.string(), v.array(v.string())])), []),
  /** Whether the paper's published numbers are shown with the difference to them. */
  published: v.optional(v.boolean(), false),
  /** Whether the paper's table has standard deviations over folds. */
  spread: v.optional(v.boolean(), false),
  /** Whether models are tested on the images that both answered, where their data differ. */
  allowDifferentData: v.optional(v.boolean(), false),
  /** Of the bootstrap. */
  resamples: v.optional(whole(100), 2000),
  /** Of the bootstrap. */
  seed: v.optional(whole(), 1),
});

/** What {@link compare} is asked; a field with a question mark may be left out. */
export type CompareRequest = v.InferInput<typeof compareRequest>;

/** `gender`, `race` → gender, race, and gender × race; `gender,race` just their crossing. Errors: a column without a name. */
export function groupingsOf(groupBy: readonly (string | readonly string[])[]): string[][] {
  const groupings = groupBy.map((given) => {
    const columns = (typeof given === 'string' ? given.split(',') : given).map((column) => column.trim());
    if (columns.length === 0 || columns.includes('') || new Set(columns).size < columns.length) {
      failRequest(
        words`${field('groupBy', String(given))}`,
        'expected columns with commas between',
        'write gender or gender,race',
      );
    }
    return columns;
  });
  const crossed = [...new Set(groupings.flat())];
  if (groupings.length > 1 && groupings.every(({ length }) => length === 1)) groupings.push(crossed);
  return [...new Map(groupings.map((columns) => [columns.join(','), columns])).values()];
}
