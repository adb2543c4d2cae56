import * as v from 'valibot';
import { fail } from '../common/error.ts';
import { checkTextSize } from '../common/limits.ts';
import { parseVersioned } from '../common/versioned.ts';
import { COMPARISON_FORMAT, type ComparisonReport } from './comparison.ts';

/* The shape of `comparison.json`, as far as anything is drawn of it. What else stands there is left as it is. */

const texts = v.record(v.string(), v.string());

const estimate = v.looseObject({
  value: v.number(),
  low: v.optional(v.number()),
  high: v.optional(v.number()),
  method: v.optional(v.string()),
  n: v.number(),
  persons: v.optional(v.number()),
});

const test = v.looseObject({ p: v.number(), adjusted: v.number(), family: v.number() });

const outcome = v.looseObject({
  name: v.picklist(['accuracy', 'oneOff', 'mae']),
  title: v.string(),
  kind: v.picklist(['share', 'number']),
  better: v.picklist(['higher', 'lower']),
});

const head = v.looseObject({
  name: v.string(),
  output: v.string(),
  kind: v.picklist(['classes', 'number']),
  labels: v.optional(v.array(v.string())),
});

const info = v.looseObject({
  name: v.string(),
  model: v.looseObject({
    network: v.string(),
    file: v.string(),
    path: v.optional(v.string()),
    sha256: v.string(),
    head,
  }),
  data: v.looseObject({ source: v.string(), sha256: v.string(), images: v.number() }),
  settings: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
  ordered: v.boolean(),
  place: texts,
  versions: texts,
  notes: v.optional(v.array(v.string())),
  skipped: v.optional(v.array(v.looseObject({ image: v.string(), error: v.string() }))),
});

const measures = v.variant('kind', [
  v.looseObject({
    kind: v.literal('classes'),
    images: v.number(),
    accuracy: v.number(),
    top: v.record(v.string(), v.number()),
    balancedAccuracy: v.number(),
    macroF1: v.number(),
    perClass: v.array(v.looseObject({})),
    confusion: v.array(v.array(v.number())),
  }),
  v.looseObject({
    kind: v.literal('number'),
    images: v.number(),
    mae: v.number(),
    bias: v.number(),
    rmse: v.number(),
  }),
]);

const entry = v.looseObject({
  name: v.string(),
  results: v.array(v.looseObject({ source: v.string(), info })),
  place: texts,
  values: v.record(v.string(), estimate),
  measures,
  folds: v.optional(
    v.looseObject({
      each: v.array(
        v.looseObject({ fold: v.string(), n: v.number(), values: v.record(v.string(), v.number()) }),
      ),
      spread: v.record(v.string(), v.looseObject({ mean: v.number(), sd: v.number() })),
    }),
  ),
});

const pair = v.looseObject({
  first: v.number(),
  second: v.number(),
  outcome: v.string(),
  n: v.number(),
  values: v.tuple([v.number(), v.number()]),
  difference: estimate,
  test,
});

const grouping = v.looseObject({
  columns: v.array(v.string()),
  entry: v.number(),
  outcome: v.string(),
  overall: estimate,
  groups: v.array(
    v.looseObject({
      values: v.array(v.string()),
      estimate,
      gap: estimate,
      test: v.optional(test),
      own: v.optional(test),
      small: v.boolean(),
    }),
  ),
});

const target = v.pipe(
  v.looseObject({
    target: v.string(),
    kind: v.picklist(['classes', 'number']),
    labels: v.optional(v.array(v.string())),
    outcomes: v.pipe(v.array(outcome), v.minLength(1, 'expected at least one')),
    images: v.number(),
    persons: v.optional(v.number()),
    entries: v.pipe(v.array(entry), v.minLength(1, 'expected at least one')),
    baseline: v.optional(v.number()),
    pairs: v.array(pair),
    groupings: v.array(grouping),
    notes: v.array(v.string()),
  }),
  // Everything speaks of entries by their indices, and of measures that each has a value of.
  v.check(({ entries, outcomes, baseline, pairs, groupings }) => {
    const named = new Set<string>(outcomes.map(({ name }) => name));
    const isEntry = (i: number) => Number.isInteger(i) && i >= 0 && i < entries.length;
    return (
      (baseline === undefined || isEntry(baseline)) &&
      entries.every(({ values }) => outcomes.every(({ name }) => Object.hasOwn(values, name))) &&
      pairs.every((each) => isEntry(each.first) && isEntry(each.second) && named.has(each.outcome)) &&
      groupings.every((each) => isEntry(each.entry) && named.has(each.outcome))
    );
  }, 'it speaks of models or measures that it does not have'),
);

const cell = v.union([
  v.string(),
  v.looseObject({
    text: v.string(),
    sort: v.optional(v.number()),
    best: v.optional(v.boolean()),
    note: v.optional(v.string()),
  }),
]);

const table = v.looseObject({
  caption: v.string(),
  columns: v.array(v.looseObject({ title: v.string(), align: v.optional(v.picklist(['left', 'right'])) })),
  rows: v.array(v.array(cell)),
  notes: v.optional(v.array(v.string())),
});

const comparison = v.looseObject({
  versions: texts,
  resamples: v.number(),
  seed: v.number(),
  targets: v.array(target),
  findings: v.array(
    v.looseObject({
      target: v.string(),
      kind: v.picklist(['pair', 'group', 'published', 'caution']),
      text: v.string(),
      significant: v.optional(v.boolean()),
    }),
  ),
  tables: v.array(
    v.looseObject({
      name: v.string(),
      kind: v.picklist(['paper', 'summary', 'pairs', 'groups']),
      target: v.string(),
      table,
    }),
  ),
});

/** Reads `comparison.json`. Errors name `file`, and the field: no comparison of limn, one of another version, parts missing. */
export function parseComparison(text: string, file: string): ComparisonReport {
  checkTextSize(text, file);
  const found = parseVersioned(text, file, {
    format: COMPARISON_FORMAT,
    what: 'a comparison of limn',
    fix: 'compare again',
  });
  const { success, issues } = v.safeParse(comparison, found, { abortEarly: true });
  if (success) return found as ComparisonReport;
  const [issue] = issues;
  const { message, expected, received } = issue;
  fail(
    [file, v.getDotPath(issue)].filter((part) => part !== null).join(': '),
    `damaged: ${issue.kind === 'schema' ? `expected ${expected}, got ${received}` : message}`,
    'compare again',
  );
}
