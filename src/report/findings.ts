import { count, plural } from '../common/format.ts';
import type {
  ComparedEntry,
  Group,
  Grouping,
  OutcomeInfo,
  Pair,
  TargetComparison,
} from '../evaluation/comparison/index.ts';
import { figureText, interval, pSentence, withUnit } from './numbers.ts';
import { PUBLISHED, publishedValue } from './published.ts';
import { placeName } from './tables/paper.ts';

/** A finding in plain words, with the numbers behind it. */
export interface Finding {
  readonly target: string;
  readonly kind: 'pair' | 'group' | 'published' | 'caution';
  readonly text: string;
  /** Whether a difference is told from chance, after adjustment; for pairs and groups. */
  readonly significant?: boolean;
}

/** What is claimed has at most this p-value after adjustment. */
const LEVEL = 0.05;

/** More pairs than this and only those with the best model are told. */
const MANY_PAIRS = 10;

/** More groups than this of one model are left to the table. */
const MANY_GROUPS = 5;

/**
 * What a comparison shows, in sentences that claim no more than it does: main measures only, p-values adjusted for all
 * tests made beside them, and what could not be told from chance said as such.
 */
export function findingsOf(
  comparison: TargetComparison,
  options: { readonly published?: boolean } = {},
): Finding[] {
  const { target, notes } = comparison;
  return [
    ...pairFindings(comparison),
    ...groupFindings(comparison),
    ...(options.published ? publishedFindings(comparison) : []),
    ...[...cautionsOf(comparison), ...notes].map((text) => ({ target, kind: 'caution' as const, text })),
  ];
}

function pairFindings(comparison: TargetComparison): Finding[] {
  const { entries, outcomes, pairs } = comparison;
  const [main] = outcomes as readonly [OutcomeInfo];
  const told = pairs.filter(({ outcome }) => outcome === main.name);
  const worse = main.better === 'higher' ? -1 : 1;
  const rankValue = (i: number) => worse * entries[i].values[main.name]!.value;
  const best = entries.map((_, i) => i).sort((a, b) => rankValue(a) - rankValue(b))[0];
  const shown =
    told.length > MANY_PAIRS ? told.filter(({ first, second }) => first === best || second === best) : told;
  return shown.map((pair) => pairFinding(comparison, pair, main));
}

function pairFinding({ target, entries }: TargetComparison, pair: Pair, main: OutcomeInfo): Finding {
  const { kind, better, title } = main;
  const { difference, test, n, persons } = pair;
  const turned = better === 'higher' ? difference.value < 0 : difference.value > 0;
  const [good, bad] = turned ? [pair.second, pair.first] : [pair.first, pair.second];
  const [a, b] = turned ? [pair.values[1], pair.values[0]] : pair.values;
  const sign = turned ? -1 : 1;
  const ends = [difference.low, difference.high].map((end) => end && sign * end);
  const by = interval(turned ? { low: ends[1], high: ends[0] } : { low: ends[0], high: ends[1] }, kind);
  const name = testName(pair);
  const evidence =
    `${withUnit(a, kind)} against ${withUnit(b, kind)}, a difference of ${figureText(sign * difference.value, kind)}` +
    `${points(kind)} (${by ? `95 % interval ${by}; ` : ''}${name}, ${pSentence(test.adjusted)}${corrected(test.family)})`;
  const where = `on the same ${count(n)} images${persons === undefined ? '' : ` of ${count(persons)} persons`}`;
  const [best, other] = [entries[good].name, entries[bad].name];
  const significant = test.adjusted < LEVEL;
  const text = significant
    ? `${target}: ${best} has a ${better} ${title} than ${other} ${where}: ${evidence}.${calibrationLost(entries[good], entries[bad])}`
    : `${target}: ${best} and ${other} cannot be told apart by ${title} ${where}: ${evidence}. That does not show that they are alike.`;
  return { target, kind: 'pair', text, significant };
}

/** Less than this of the expected calibration error is nobody's loss. */
const CALIBRATION = 0.01;

/** What the better model loses in calibration, each over all images that it answered. */
function calibrationLost(good: ComparedEntry, bad: ComparedEntry): string {
  const [own, other] = [good, bad].map(({ measures }) =>
    measures.kind === 'classes' ? measures.ece : undefined,
  );
  if (own === undefined || other === undefined || own - other < CALIBRATION) return '';
  return (
    ` Its probabilities are less calibrated: the expected calibration error is ${withUnit(own, 'share')} against ` +
    `${withUnit(other, 'share')} (not tested).`
  );
}

const testName = ({ test, persons }: Pair): string =>
  test.name === 'mcnemar'
    ? "McNemar's exact test"
    : `sign-flip test over ${persons === undefined ? 'images' : 'persons'}`;

const points = (kind: OutcomeInfo['kind']): string => (kind === 'share' ? ' percentage points' : '');

const corrected = (family: number): string =>
  family === 1 ? '' : ` after Holm's correction for ${count(family)} tests`;

/** For each way to group: what is clear of each model, then in one sentence the models of which nothing is. */
function groupFindings(comparison: TargetComparison): Finding[] {
  const { target, entries, groupings } = comparison;
  const [main] = comparison.outcomes as readonly [OutcomeInfo];
  const ways = new Map<string, Grouping[]>();
  for (const grouping of groupings) {
    if (grouping.outcome !== main.name) continue;
    const by = grouping.columns.join(' × ');
    ways.set(by, [...(ways.get(by) ?? []), grouping]);
  }
  return [...ways].flatMap(([by, each]) => {
    const family = each.flatMap(({ groups }) => groups).find(({ test }) => test)?.test?.family;
    if (family === undefined) return [];
    const clear = each.map((grouping) => clearGroups(comparison, grouping, main));
    const rest = each.filter((_, i) => clear[i].length === 0).map(({ entry }) => entries[entry].name);
    const all = rest.length === entries.length && rest.length > 1;
    const who = all ? 'any model does' : `${rest.join(', ')} ${rest.length > 1 ? 'do' : 'does'}`;
    const text =
      `${target}: by ${by}, no group can be told from chance for which ${who} better or worse than over all other images ` +
      `(${count(family)} tests, Holm's correction). That does not show that all groups are treated alike.`;
    const none: Finding[] = rest.length > 0 ? [{ target, kind: 'group', text, significant: false }] : [];
    return [...clear.flat(), ...none];
  });
}

/**
 * The groups for which a model does worse or better than over all other images, beyond chance. Of crossed columns only those
 * that differ from each of the groups that they cross: others restate these, and are counted.
 */
function clearGroups(comparison: TargetComparison, grouping: Grouping, main: OutcomeInfo): Finding[] {
  const { target, entries } = comparison;
  const { columns, groups, entry } = grouping;
  const model = entries[entry].name;
  const by = columns.join(' × ');
  const clear = groups.filter(({ gap, test }) => test && test.adjusted < LEVEL && gap.value !== 0);
  const isOwn = ({ own }: Group) => columns.length < 2 || (own !== undefined && own.adjusted < LEVEL);
  const isWorse = ({ gap }: Group) => (main.better === 'higher' ? gap.value < 0 : gap.value > 0);
  const own = clear.filter(isOwn);
  const restated = clear.length - own.length;
  // Of two groups, each is all other images of the other: one sentence tells of both.
  const better = groups.length === 2 ? [] : own.filter((group) => !isWorse(group)).reverse();
  const all = [own.filter(isWorse), better];
  const told = all.flatMap((each) =>
    each.slice(0, MANY_GROUPS).map((group) => groupFinding(comparison, grouping, group, main)),
  );
  const more = (text: string): Finding => ({
    target,
    kind: 'group',
    text: `${target}: ${text}`,
    significant: true,
  });
  const left = all.flat().length - told.length;
  return [
    ...told,
    ...(left > 0
      ? [more(`${left} more groups by ${by} for which ${model} does better or worse are in the table.`)]
      : []),
    ...(restated > 0
      ? [
          more(
            `${plural(restated, 'group')} by ${by} ${restated === 1 ? 'differs' : 'differ'} from all other images for ${model}, but cannot be told from the rest of ` +
              `a group that ${restated === 1 ? 'it is' : 'they are'} the crossing of: ${restated === 1 ? 'it restates' : 'they restate'} what that one shows.`,
          ),
        ]
      : []),
  ];
}

/** A group against all other images, which is what its p-value tests. */
function groupFinding(
  { target, entries }: TargetComparison,
  { columns, overall, entry }: Grouping,
  { values, estimate, gap, test, own, small }: Group,
  { kind, title }: OutcomeInfo,
): Finding {
  const group = columns.map((column, i) => `${column} ${values[i]}`).join(', ');
  // All images are the group and the others: their difference is so many times the gap to all.
  const others = overall.n - estimate.n;
  const scale = overall.n / others;
  const rest = estimate.value - scale * gap.value;
  const low = interval(estimate, kind);
  const ends = [gap.low, gap.high].map((end) => end && scale * end);
  const between = interval({ low: ends[0], high: ends[1] }, kind);
  const crossed = own
    ? ` It differs from the rest of each group that it is the crossing of, too (the largest ${pSentence(own.adjusted)}${corrected(own.family)}).`
    : '';
  const text =
    `${target}: the ${title} of ${entries[entry].name} is ${gap.value < 0 ? 'lower' : 'higher'} for ${group} than over all other images: ` +
    `${withUnit(estimate.value, kind)} (${low ? `95 % interval ${low}; ` : ''}n = ${count(estimate.n)}) against ` +
    `${withUnit(rest, kind)} (n = ${count(others)}), a difference of ${figureText(Math.abs(scale * gap.value), kind)}${points(kind)}` +
    ` (${between ? `95 % interval ${between}; ` : ''}${pSentence(test!.adjusted)}${corrected(test!.family)}).` +
    `${crossed}${small ? ' The group is small.' : ''}`;
  return { target, kind: 'group', text, significant: true };
}

function publishedFindings({ target, entries, outcomes }: TargetComparison): Finding[] {
  const [main] = outcomes as readonly [OutcomeInfo];
  if (main.kind !== 'share') return [];
  const found = entries.flatMap(({ name, place, values, folds }): Finding[] => {
    const published = publishedValue(target, place);
    if (!published) return [];
    const { low, high, value } = values[main.name]!;
    const reference = published.accuracy / 100;
    const inside = low !== undefined && high !== undefined && low <= reference && reference <= high;
    const mean = folds?.spread[main.name]?.mean ?? value;
    const where = placeName(place.preprocessing ?? '', place.initialisation ?? '');
    const text =
      `${target}: ${name} reaches ${withUnit(mean, 'share')}, published for ${place.architecture} ${where} are ` +
      `${published.accuracy.toFixed(1)} %; the 95 % interval over all images, ${interval({ low, high }, 'share')}, ` +
      `${inside ? 'includes' : 'does not include'} the published value.`;
    return [{ target, kind: 'published', text }];
  });
  return found.length > 0 ? found : [{ target, kind: 'caution', text: nothingPublished(target, entries) }];
}

/** Why nothing that was compared stands in the paper's tables. */
function nothingPublished(target: string, entries: readonly ComparedEntry[]): string {
  const nothing = `${target}: nothing that was compared stands in the paper's tables`;
  const targets = Object.keys(PUBLISHED).join(' and ');
  if (!Object.hasOwn(PUBLISHED, target))
    return `${nothing}, which are of ${targets}: evaluate with the target that was meant.`;
  const placed = entries.find(({ place }) => place.architecture !== undefined);
  if (!placed)
    return `${nothing}: evaluate with a place of architecture, preprocessing (i, r, m) and initialisation (nothing, n, w).`;
  const { architecture, preprocessing = '', initialisation = '' } = placed.place;
  return `${nothing}, which have no ${architecture} at ${placeName(preprocessing, initialisation)}.`;
}

function cautionsOf({ target, entries, persons, groupings, outcomes, images }: TargetComparison): string[] {
  const [main] = outcomes as readonly [OutcomeInfo];
  const cautions: string[] = [];
  if (persons === undefined) {
    cautions.push(
      `${target}: images are taken as independent. If one person is on several of the ${count(images)} images, without the ` +
        'data saying so, all intervals are too narrow and all p-values too small.',
    );
  }
  const seen = new Set<string>();
  for (const { columns, groups, outcome, entry } of groupings) {
    const by = columns.join(' × ');
    const small = groups.filter((group) => group.small).length;
    if (outcome !== main.name || small === 0 || seen.has(by)) continue;
    seen.add(by);
    const who = entries.length > 1 ? ` of ${entries[entry].name}` : '';
    cautions.push(
      `${target}: ${small} of ${groups.length} groups${who} by ${by} ${small === 1 ? 'has' : 'have'} fewer than 30 images or 10 persons: ${small === 1 ? 'its' : 'their'} numbers say little.`,
    );
  }
  return cautions;
}
