import type { Comparison, Grouping, TargetComparison } from '../evaluation/comparison/index.ts';
import { type Finding, findingsOf } from './findings.ts';
import { groupTable } from './tables/groups.ts';
import { pairTable } from './tables/pairs.ts';
import { type PaperOptions, paperTable } from './tables/paper.ts';
import { summaryTable } from './tables/summary.ts';
import type { Table } from './tables/table.ts';

/** A table of a report, and the name of its files. */
export interface NamedTable {
  readonly name: string;
  readonly kind: 'paper' | 'summary' | 'pairs' | 'groups';
  readonly target: string;
  readonly table: Table;
}

/** The content of `comparison.json`: all numbers, what they show, and the tables made of them. */
export interface ComparisonReport extends Comparison {
  readonly format: typeof COMPARISON_FORMAT;
  readonly findings: readonly Finding[];
  readonly tables: readonly NamedTable[];
  readonly versions: Readonly<Record<string, string>>;
}

/** The file of a comparison that a page is made from. */
export const COMPARISON_FILE = 'comparison.json';

/** Its field `format`. */
export const COMPARISON_FORMAT = 'limn comparison 1';

/** Puts a comparison into words and tables. */
export function reportOn(
  comparison: Comparison,
  versions: Readonly<Record<string, string>>,
  options: PaperOptions = {},
): ComparisonReport {
  return {
    format: COMPARISON_FORMAT,
    versions,
    ...comparison,
    findings: comparison.targets.flatMap((target) => findingsOf(target, options)),
    tables: distinct(comparison.targets.flatMap((target) => tablesOf(target, options))),
  };
}

function tablesOf(comparison: TargetComparison, options: PaperOptions): NamedTable[] {
  const { target, pairs } = comparison;
  const named = (kind: NamedTable['kind'], table: Table, ...more: readonly string[]): NamedTable => ({
    name: [kind, target, ...more].map(plain).join('-'),
    kind,
    target,
    table,
  });
  const groupings = new Map<string, [Grouping, ...Grouping[]]>();
  for (const grouping of comparison.groupings) {
    const key = JSON.stringify([grouping.columns, grouping.outcome]);
    const same = groupings.get(key);
    if (same) same.push(grouping);
    else groupings.set(key, [grouping]);
  }
  // A table of places says something only where models have places, or the published ones are wanted.
  const hasPlaces =
    options.published || comparison.entries.some(({ place }) => Object.keys(place).length > 0);
  return [
    ...(hasPlaces ? [named('paper', paperTable(comparison, options))] : []),
    named('summary', summaryTable(comparison)),
    ...(pairs.length > 0 ? [named('pairs', pairTable(comparison))] : []),
    ...[...groupings.values()].map((each) =>
      named('groups', groupTable(comparison, each), ...each[0].columns, each[0].outcome),
    ),
  ];
}

/** Names that differ, with numbers where letters that files do not take made them alike. */
function distinct(tables: readonly NamedTable[]): NamedTable[] {
  const used = new Set<string>();
  return tables.map((each) => {
    let name = each.name;
    for (let i = 2; used.has(name); i++) name = `${each.name}-${i}`;
    used.add(name);
    return { ...each, name };
  });
}

/** A name that every file system takes. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
