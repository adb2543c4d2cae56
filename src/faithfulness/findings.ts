import { count, plural } from '../common/format.ts';
import type { FaithfulnessMeasure } from './measures.ts';
import type { MethodComparison, MethodEstimate } from './ranking.ts';
import type { AnalysedMethod } from './record.ts';

/** What findings are drawn from. */
export interface FaithfulnessEvidence {
  readonly methods: readonly AnalysedMethod[];
  readonly measures: readonly FaithfulnessMeasure[];
  readonly estimates: readonly MethodEstimate[];
  readonly comparisons: readonly MethodComparison[];
}

/** A difference counts as shown when its adjusted p-value is below this. */
const LEVEL = 0.05;

/** Measures that say whether a map tells what the network uses; a sentence for each. */
const ranking = new Set([
  'abpc',
  'deletion',
  'insertion',
  'road',
  'sensitivity-n',
  'mass-accuracy',
  'rank-accuracy',
]);

/** What the numbers show, in sentences, the most telling first. */
export function findings(evidence: FaithfulnessEvidence): string[] {
  const ranked = evidence.measures.filter(({ name }) => ranking.has(name));
  return [
    ...ranked.flatMap((measure) => [...bestBy(measure, evidence), ...noBetter(measure, evidence)]),
    ...incomplete(evidence),
    ...likenesses(evidence),
  ];
}

/** Who is best by a measure, and who cannot be told from the best. */
function bestBy(
  measure: FaithfulnessMeasure,
  { methods, estimates, comparisons }: FaithfulnessEvidence,
): string[] {
  const own = new Set(methods.flatMap(({ name, kind }) => (kind === 'method' ? [name] : [])));
  const sign = measure.better === 'lower' ? -1 : 1;
  const [best, ...others] = estimates
    .filter((each) => each.measure === measure.name && own.has(each.method) && Number.isFinite(each.mean))
    .sort((a, b) => sign * (b.mean - a.mean));
  if (!best) return [];
  const value = `${best.method} ${roundedFigure(best.mean)}${interval(best)}`;
  const over = `over ${count(best.n)} photo${best.n === 1 ? '' : 's'}`;
  if (others.length === 0) return [`By ${measure.title}: ${value} ${over}.`];
  const each = others.map(({ method }) => ({
    method,
    test: between(comparisons, measure, best.method, method),
  }));
  const beaten = each.filter(({ test }) => test && test.adjusted < LEVEL);
  const equal = each.filter(({ test }) => !test || test.adjusted >= LEVEL);
  const parts = [
    ...(beaten.length > 0 ? [`better than ${joined(beaten.map(told))}`] : []),
    ...(equal.length > 0 ? [`not told from ${joined(equal.map(told))}`] : []),
  ];
  const family = each.find(({ test }) => test)?.test?.family ?? 0;
  return [
    `By ${measure.title}, ${value} has the best mean ${over}: ${parts.join('; ')}; ${adjustedFor(family)}.`,
  ];
}

/** What each p-value is of, and for how many tests it was corrected. */
const adjustedFor = (family: number): string =>
  `by sign-flip tests of photos' differences, adjusted for ${plural(family, 'comparison')} by this measure`;

/** Methods that are no better than a map that knows nothing of the network. */
function noBetter(measure: FaithfulnessMeasure, { methods, comparisons }: FaithfulnessEvidence): string[] {
  if (!measure.ofBaselines) return [];
  const sign = measure.better === 'lower' ? -1 : 1;
  const known = methods.filter(({ kind }) => kind === 'baseline');
  return methods.flatMap(({ name, kind }) => {
    if (kind === 'baseline') return [];
    const weak = known.flatMap((baseline) => {
      const test = between(comparisons, measure, name, baseline.name);
      if (!test) return [];
      const gain = (test.first === name ? 1 : -1) * sign * test.difference;
      return gain > 0 && test.adjusted < LEVEL
        ? []
        : [{ method: baseline.name, test, worse: gain <= 0 && test.adjusted < LEVEL }];
    });
    if (weak.length === 0) return [];
    const worse = weak.filter((each) => each.worse);
    const rest = weak.filter((each) => !each.worse);
    const parts = [
      ...(worse.length > 0 ? [`worse than ${joined(worse.map(told))}`] : []),
      ...(rest.length > 0 ? [`not shown to be better than ${joined(rest.map(told))}`] : []),
    ];
    return [
      `By ${measure.title}, ${name} is ${parts.join(' and ')}, which ${weak.length === 1 ? 'knows' : 'know'} nothing of the network; ${adjustedFor(weak[0].test.family)}.`,
    ];
  });
}

/** Methods whose relevance does not add up to the score. */
function incomplete({ estimates }: FaithfulnessEvidence): string[] {
  return estimates
    .filter(({ measure, mean, method: _ }) => measure === 'completeness' && mean > 0.5)
    .map(
      ({ method, mean }) =>
        `The relevance of ${method} misses the explained score by ${roundedFigure(100 * mean)} % of it on average: its colours show where, not how much.`,
    );
}

/** How like two maps are where they should be unlike, and what follows from it. */
interface LikenessSaying {
  readonly measure: string;
  readonly when: string;
  /** What follows where maps are alike, somewhat alike, and changed. */
  readonly follows: readonly [alike: string, some: string, little: string];
}

/** Of weights that are drawn anew: an architecture alone puts edges and the middle of a photo into maps. */
const ofWeights: LikenessSaying['follows'] = [
  'they show the photo and the architecture more than what the network has learned',
  'part of what they show may be there whatever the network has learned',
  'they depend on what the network has learned',
];

const likenessSayings: readonly LikenessSaying[] = [
  { measure: 'randomisation', when: 'With all weights drawn anew', follows: ofWeights },
  {
    measure: 'smooth-randomisation',
    when: 'With all weights drawn anew and noise in maps averaged away',
    follows: ofWeights,
  },
  {
    measure: 'random-logit',
    when: 'For another class, drawn at random',
    follows: [
      'they hardly tell one class from another',
      'part of what they show may be there whichever class is asked about',
      'they depend on the class',
    ],
  },
];

/** Whether maps change as they should: one sentence for all methods whose maps do so to the same degree. */
function likenesses({ estimates }: FaithfulnessEvidence): string[] {
  return likenessSayings.flatMap(({ measure, when, follows }) => {
    const found = estimates.filter((each) => each.measure === measure && Number.isFinite(each.mean));
    // The whole interval must say so.
    const degree = ({ mean, low = mean, high = mean }: MethodEstimate) =>
      low >= 0.5 ? 0 : high >= 0.2 ? 1 : 2;
    return ['stay alike', 'stay somewhat alike', 'change'].flatMap((what, i) => {
      const alike = found.filter((each) => degree(each) === i);
      if (alike.length === 0) return [];
      const who = joined(alike.map((each) => `${each.method} (${roundedFigure(each.mean)}${range(each)})`));
      const over = `over ${count(alike[0].n)} photo${alike[0].n === 1 ? '' : 's'}`;
      const ranged = alike.some(({ low }) => low !== undefined) ? ' with 95 % intervals' : '';
      return [`${when}, maps of ${who}, by rank correlation ${over}${ranged}, ${what}: ${follows[i]}.`];
    });
  });
}

const between = (all: readonly MethodComparison[], { name }: FaithfulnessMeasure, a: string, b: string) =>
  all.find(
    ({ measure, first, second }) =>
      measure === name && ((first === a && second === b) || (first === b && second === a)),
  );

const told = ({ method, test }: { method: string; test: MethodComparison | undefined }): string =>
  test
    ? `${method} (by ${roundedFigure(Math.abs(test.difference))}, p ${probability(test.adjusted)})`
    : method;

const interval = ({ low, high }: MethodEstimate): string =>
  low === undefined || high === undefined
    ? ''
    : ` (95 % interval ${roundedFigure(low)} to ${roundedFigure(high)})`;

/** The same among parentheses. */
const range = ({ low, high }: MethodEstimate): string =>
  low === undefined || high === undefined ? '' : `, ${roundedFigure(low)} to ${roundedFigure(high)}`;

/** Two or three digits that mean something, with a true minus sign. */
export function roundedFigure(value: number): string {
  const size = Math.abs(value);
  const text =
    size >= 10
      ? value.toFixed(size >= 100 ? 0 : 1)
      : size >= 0.1 || size === 0
        ? value.toFixed(2)
        : value.toPrecision(2);
  return text.replace(/^-/, '−');
}

const probability = (p: number): string => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(p < 0.1 ? 3 : 2)}`);

const joined = (parts: readonly string[]): string =>
  parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? '');

/** What no number here shows. */
export function limitsOf({
  measures,
  photos,
  sparing,
}: {
  readonly measures: readonly FaithfulnessMeasure[];
  readonly photos: number;
  /** Which methods drew fewer samples for metrics that call for many maps: `smoothgrad 25 of 100`. */
  readonly sparing?: string | number | undefined;
}): string[] {
  const asked = new Set(measures.map(({ metric }) => metric));
  const perturbs = ['pixel-flipping', 'deletion', 'insertion', 'road', 'subsets'] as const;
  return [
    ...(perturbs.some((metric) => asked.has(metric))
      ? [
          'Photos with regions taken away are none that the network was trained on: a value may fall because the picture is strange, not because the evidence is gone (Hooker et al. 2019). Imputation lessens this and does not end it.',
          'A method ranks by region size, replacement and class asked for; another choice may rank otherwise.',
        ]
      : []),
    ...(sparing === undefined
      ? []
      : [
          `For robustness and randomisation, maps are of fewer samples than the methods' own (${sparing}): there is more chance in them, which makes them less alike.`,
        ]),
    'A faithful map shows what the network uses. Whether the network uses what it should, it does not say.',
    ...ofFew(photos),
  ];
}

/** What so few photos cannot show. All signs of n differences are alike by chance with p = 2¹⁻ⁿ. */
function ofFew(photos: number): string[] {
  const least = 2 ** (1 - photos);
  if (photos === 1) return ['One photo shows how it works, not which method is better.'];
  if (least >= LEVEL)
    return [
      `${count(photos)} photos show no difference, however large: chance alone puts the same of two methods ahead on all of them with p = ${roundedFigure(least)}.`,
    ];
  return photos < 30
    ? [
        `${count(photos)} photos tell large differences from small ones, not the better of two that are close.`,
      ]
    : [];
}
