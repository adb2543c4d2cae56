import { percent, plural, short } from '../../common/format.ts';
import type { Estimate, Group, Grouping } from '../../evaluation/index.ts';
import type { ComparisonReport } from '../../report/comparison.ts';
import { Select } from '../parts/controls.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import type { GroupColumn, ShownResult } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { filterAnswers, resultsView, showResults } from '../state/results.ts';
import { groupsElsewhere } from './elsewhere.ts';
import { GroupMeans } from './groupmeans.tsx';
import type { FilesHere } from './here.ts';
import { MeasureSection } from './measures.tsx';

/** Columns of more values are no groups. */
const mostValues = 60;

/** The columns that photos can be grouped by. */
export const groupable = (columns: readonly GroupColumn[]): GroupColumn[] =>
  columns.filter(({ name, values }) => name !== 'person' && values.length > 1 && values.length <= mostValues);

/** How good a model is by groups, with intervals and tests: a group's photos are shown when it is chosen. */
export function GroupsPart({
  folder,
  shown,
  here,
}: {
  readonly folder: string;
  readonly shown: ShownResult;
  readonly here: FilesHere;
}) {
  const choices = groupable(shown.answers.groups);
  const { groupBy } = resultsView.value;
  const column = choices.find(({ name }) => name === groupBy)?.name;
  const asked = useAsked(
    'compare',
    column === undefined ? undefined : { results: [folder], groupBy: [column] },
    'measuring groups',
  );
  if (choices.length === 0) return null;
  return (
    <MeasureSection title="Groups">
      <Select
        label="By"
        value={column ?? ''}
        choices={[
          { value: '', label: 'choose a column' },
          ...choices.map(({ name }) => ({ value: name, label: name })),
        ]}
        onChange={(value) => {
          const { groupBy: _, ...rest } = resultsView.value;
          resultsView.value = rest;
          if (value) showResults({ groupBy: value });
        }}
      />
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="measuring groups" />}
      {asked.state === 'ready' &&
        asked.answer.targets.flatMap(({ groupings, outcomes }) =>
          groupings.map((grouping) => {
            const outcome = outcomes.find(({ name }) => name === grouping.outcome)!;
            return <GroupBars key={grouping.outcome} grouping={grouping} outcome={outcome} />;
          }),
        )}
      {asked.state === 'ready' && column !== undefined && (
        <>
          <GroupMeans key={column} {...{ shown, here, column }} values={valuesOf(asked.answer)} />
          <Reproduce {...groupsElsewhere(folder, column)} does="that measures groups" />
        </>
      )}
    </MeasureSection>
  );
}

/** The groups of a report, in the order of their bars. */
const valuesOf = ({ targets }: ComparisonReport): readonly string[] => [
  ...new Set(
    targets.flatMap(({ groupings }) =>
      groupings.flatMap(({ groups }) => groups.map(({ values }) => values[0])),
    ),
  ),
];

function GroupBars({
  grouping: { columns, groups, overall },
  outcome: { title, kind },
}: {
  readonly grouping: Grouping;
  readonly outcome: { readonly title: string; readonly kind: 'share' | 'number' };
}) {
  const isShare = kind === 'share';
  const most = isShare
    ? 1
    : Math.max(...groups.map(({ estimate }) => estimate.high ?? estimate.value), overall.value, 1e-9);
  const text = (value: number) => (isShare ? percent(value) : short(value));
  const { filter } = resultsView.value;
  const [column] = columns;
  return (
    <div class="group-bars">
      <h3>
        {title} <small>{text(overall.value)} over all</small>
      </h3>
      {groups.map((group) => {
        const [value] = group.values;
        const isSet = filter.groups[column] === value;
        return (
          <button
            key={value}
            type="button"
            class="group-bar"
            aria-pressed={isSet}
            title={groupText(group, text)}
            onClick={() => {
              const { [column]: _, ...others } = filter.groups;
              filterAnswers({ groups: isSet ? others : { ...others, [column]: value } });
            }}
          >
            <span>{value}</span>
            <span>
              {text(group.estimate.value)}
              {group.test && group.test.adjusted < 0.05 && (
                <strong title="differs from all others"> *</strong>
              )}
            </span>
            <span class="group-line" style={barStyle(group.estimate, overall.value, most)}>
              <span class="group-value" />
              <span class="group-interval" />
              <span class="group-overall" />
            </span>
            <small>{groupText(group, text)}</small>
          </button>
        );
      })}
      <p class="hint">* differs from all other photos: p &lt; 0.05 after Holm's adjustment for all groups.</p>
    </div>
  );
}

const barStyle = ({ value, low = value, high = value }: Estimate, overall: number, most: number) => ({
  '--value': value / most,
  '--low': low / most,
  '--high': Math.min(1, high / most),
  '--overall': overall / most,
});

function groupText({ estimate, test, small }: Group, text: (value: number) => string): string {
  const { low, high, n } = estimate;
  const interval = low === undefined || high === undefined ? '' : `, 95 % ${text(low)} to ${text(high)}`;
  const p = test ? `, p ${test.adjusted < 0.001 ? '< 0.001' : `= ${test.adjusted.toFixed(3)}`}` : '';
  return `${plural(n, 'photo')}${interval}${p}${small ? ', too few to say much' : ''}`;
}
