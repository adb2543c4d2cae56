import type { GroupColumn } from '../protocol/index.ts';

/** A column of values as groups, in the order that people expect; undefined where no photo has a value. */
export function columnOfValues(
  name: string,
  values: readonly (string | undefined)[],
): GroupColumn | undefined {
  const different = [...new Set(values)].filter((value) => value !== undefined);
  if (different.length === 0) return undefined;
  different.sort(new Intl.Collator('en', { numeric: true }).compare);
  const places = new Map(different.map((value, i) => [value, i]));
  return {
    name,
    values: different,
    of: Int32Array.from(values, (value) => (value === undefined ? -1 : places.get(value)!)),
  };
}
