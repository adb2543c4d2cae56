import { fail } from '../../common/error.ts';
import type { Answer, Result } from '../result.ts';

/** A result and where it was read from. */
export interface ResultSource extends Result {
  readonly source: string;
}

/** One model's answers, those of all folds together in the order of their numbers; every answer says its fold if there are any. */
export interface PooledResult {
  readonly name: string;
  readonly place: Readonly<Record<string, string>>;
  readonly sources: readonly ResultSource[];
  readonly answers: readonly Answer[];
}

/**
 * Puts results of one model's folds together: those with a fold in their place that are alike in head, network, the
 * rest of the place, settings and, but for the fold, name. All others stand alone. Errors: a fold twice, an image in
 * two folds.
 */
export function poolFolds(sources: readonly ResultSource[]): PooledResult[] {
  const parts = new Map<string, ResultSource[]>();
  sources.forEach((source, i) => {
    const key = source.info.place.fold === undefined ? String(i) : keyOf(source);
    const same = parts.get(key);
    if (same) same.push(source);
    else parts.set(key, [source]);
  });
  return distinctNames([...parts.values()].map(pool));
}

/** What results of one model's folds have in common. */
function keyOf({ info }: ResultSource): string {
  const { model, settings } = info;
  const sorted = (record: Readonly<Record<string, unknown>>) => Object.entries(record).sort();
  return JSON.stringify([
    textWithoutFold(info.name),
    textWithoutFold(model.network),
    model.head,
    sorted(withoutFold(info.place)),
    // What names the data changes with the fold.
    sorted(settings).filter(([, value]) => typeof value !== 'string' || !/fold/i.test(value)),
  ]);
}

function pool(sources: readonly ResultSource[]): PooledResult {
  const first = sources[0];
  const { info } = first;
  if (sources.length === 1 && info.place.fold === undefined) {
    return { name: info.name, place: info.place, sources, answers: first.answers };
  }
  const byFold = new Map<string, ResultSource>();
  const foldOf = new Map<string, string>();
  for (const source of sources) {
    const fold = source.info.place.fold;
    const before = byFold.get(fold);
    if (before) {
      fail(
        source.source,
        `fold ${fold} of ${textWithoutFold(info.name)} again, after ${before.source}`,
        'leave one of them out, or evaluate with different names',
      );
    }
    byFold.set(fold, source);
    for (const { image } of source.answers) {
      const other = foldOf.get(image) ?? fold;
      if (other !== fold)
        fail(source.source, `${image} is in fold ${other} as well as in fold ${fold}`, 'check the lists');
      foldOf.set(image, fold);
    }
  }
  const collator = new Intl.Collator('en', { numeric: true });
  const inOrder = [...byFold].sort(([a], [b]) => collator.compare(a, b));
  return {
    name: sources.length === 1 ? info.name : textWithoutFold(info.name),
    place: withoutFold(info.place),
    sources: inOrder.map(([, source]) => source),
    answers: inOrder.flatMap(([fold, source]) => source.answers.map((answer) => ({ ...answer, fold }))),
  };
}

function withoutFold(place: Readonly<Record<string, string>>): Record<string, string> {
  const { fold: _, ...rest } = place;
  return rest;
}

const textWithoutFold = (name: string): string =>
  name.replace(/[\s_./-]*(?:test[_ -])?fold(?:[_ -]?is)?[\s_-]*\d+/i, '').trim() || name;

/** Names that tell all apart: with the source where two are alike. */
function distinctNames(entries: readonly PooledResult[]): PooledResult[] {
  const count = new Map<string, number>();
  const nameOf = ({ name, sources }: PooledResult) => `${sources[0].info.model.head.name} ${name}`;
  for (const entry of entries) count.set(nameOf(entry), (count.get(nameOf(entry)) ?? 0) + 1);
  return entries.map((entry) =>
    count.get(nameOf(entry)) === 1 ? entry : { ...entry, name: `${entry.name} (${entry.sources[0].source})` },
  );
}
