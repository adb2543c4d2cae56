import { plural } from '../../common/format.ts';
import type { Grouping, OutcomeInfo, TargetComparison } from '../../evaluation/comparison/index.ts';
import type { ClassificationMeasures, Measures } from '../../evaluation/index.ts';
import { earlierWords } from '../published.ts';
import { type Bar, barChart } from './bars.ts';
import { confusionChart } from './confusion.ts';
import type { NamedChart } from './named.ts';
import { paperChart } from './paper.ts';
import { reliabilityChart } from './reliability.ts';

/** More bars than these make no chart that anyone reads, nor do confusions of more classes. */
const MOST_BARS = 60;
const MOST_CLASSES = 24;

/**
 * The charts of a target: each measure of all models, the same by groups, and, where `measures` has a model's, its
 * confusion and all models' reliability.
 */
export function targetCharts(
  target: TargetComparison,
  measures: readonly (Measures | undefined)[],
): NamedChart[] {
  const named = (kind: NamedChart['kind'], more: string, rest: Pick<NamedChart, 'caption' | 'spec'>) => ({
    name: [kind, target.target, more].filter(Boolean).map(plain).join('-'),
    kind,
    ...rest,
  });
  const ways = [...new Set(target.groupings.map(({ columns }) => JSON.stringify(columns)))];
  const known = target.entries.flatMap(({ name }, i) => {
    const each = measures[i];
    return each?.kind === 'classes' ? [{ name, measures: each }] : [];
  });
  return [
    ...target.outcomes.map((outcome) => named('models', outcome.name, modelChart(target, outcome))),
    ...paperCharts(target).map((chart) => named('paper', '', chart)),
    ...ways.flatMap((way) =>
      target.outcomes.flatMap((outcome) => {
        const groupings = target.groupings.filter(
          (each) => each.outcome === outcome.name && JSON.stringify(each.columns) === way,
        );
        const chart = groupChart(target, groupings, outcome);
        return chart ? [named('groups', `${groupings[0].columns.join('-')}-${outcome.name}`, chart)] : [];
      }),
    ),
    ...known.flatMap((each, i) => {
      const chart = classChart(target, each);
      return chart ? [named('confusion', `${i + 1}-${each.name}`, chart)] : [];
    }),
    ...confidenceCharts(known).map((chart) => named('reliability', '', chart)),
  ];
}

/** A name that every file system takes. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '_')
    .replace(/^_|_$/g, '');

/** Width of the bars where charts of several measures stand side by side in a page, and where one stands alone. */
const barWidth = ({ outcomes }: TargetComparison): number => (outcomes.length > 1 ? 360 : 760);

function modelChart(target: TargetComparison, outcome: OutcomeInfo) {
  const bars = target.entries.flatMap(({ name, values }): Bar[] => {
    const estimate = values[outcome.name];
    return estimate
      ? [{ group: '', series: name, value: estimate.value, low: estimate.low, high: estimate.high }]
      : [];
  });
  const { title, kind, better } = outcome;
  return {
    caption: `${capital(title)} on ${plural(target.images, 'image')}; the lines are 95 % intervals.${better === 'lower' ? ' Less is better.' : ''}`,
    spec: barChart(bars, { measure: title, unit: kind, width: barWidth(target) }),
  };
}

/** The paper's chart, where networks have places in its tables. */
function paperCharts(target: TargetComparison) {
  const spec = paperChart(target);
  if (!spec) return [];
  const { title } = target.outcomes[0];
  const oneOff = target.outcomes.some(({ name }) => name === 'oneOff') ? '; one-off accuracy in grey' : '';
  return [
    {
      caption: `${capital(title)} by architecture (across) and initialisation (down), for networks that were trained on aligned faces (i), rotated ones (r) or both (m)${oneOff}; the lines are ± the standard deviation over folds${earlierWords(target.target)}.`,
      spec,
    },
  ];
}

function groupChart(target: TargetComparison, groupings: readonly Grouping[], { title, kind }: OutcomeInfo) {
  const bars = groupings.flatMap(({ entry, groups, overall }) =>
    groups.map(
      ({ values, estimate }): Bar => ({
        group: values.map((value) => value || '(none)').join(' · '),
        series: target.entries[entry].name,
        value: estimate.value,
        low: estimate.low,
        high: estimate.high,
        reference: overall.value,
      }),
    ),
  );
  if (bars.length === 0 || bars.length > MOST_BARS) return undefined;
  // By gap, as tables have them, no trend over ages would be seen.
  bars.sort((a, b) => byNumbers.compare(a.group, b.group));
  return {
    caption: `${capital(title)} by ${groupings[0].columns.join(' × ')}, with 95 % intervals; the upright line is the value over all images.`,
    spec: barChart(bars, { measure: title, unit: kind, reference: 'overall', width: barWidth(target) }),
  };
}

/** `3-9` before `10-19`, `(8, 13)` before `(15, 20)`. */
const byNumbers = new Intl.Collator('en', { numeric: true });

interface Known {
  readonly name: string;
  readonly measures: ClassificationMeasures;
}

function classChart({ labels }: TargetComparison, { name, measures: { confusion } }: Known) {
  if (confusion.length > MOST_CLASSES) return undefined;
  const names = confusion.map((_, i) => labels?.[i] ?? `class ${i}`);
  return {
    caption: `Confusion matrix of ${name}: the share of each label's images (rows) that was taken for each class (columns), and their number.`,
    spec: confusionChart(confusion, names),
  };
}

function confidenceCharts(known: readonly Known[]) {
  const bins = known.flatMap(({ name, measures: { reliability } }) =>
    (reliability ?? []).flatMap(({ confidence, accuracy, images }) =>
      confidence === undefined || accuracy === undefined
        ? []
        : [{ series: name, confidence, accuracy, count: images }],
    ),
  );
  if (bins.length === 0) return [];
  return [
    {
      caption:
        'How often predictions of some confidence are right. On the dashed line a model is as often right as it says, below it too sure. Larger points are more images.',
      spec: reliabilityChart(bins),
    },
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
