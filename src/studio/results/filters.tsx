import { short } from '../../common/format.ts';
import { Entry, Segments, Select } from '../parts/controls.tsx';
import type { ShownResult } from '../protocol/index.ts';
import { type AnswerFilter, everyAnswer, filterAnswers, resultsView, showResults } from '../state/results.ts';
import { groupable } from './groups.tsx';
import { answerTexts } from './photo.tsx';

/** Classes of more than so many are found by their numbers' cells. */
const mostChoices = 400;

/** Which photos are shown. */
export function Filters({ shown }: { readonly shown: ShownResult }) {
  const { filter } = resultsView.value;
  const { info, answers } = shown;
  const { head } = info.model;
  const { called, isSorted } = answerTexts(shown);
  const classes = head.kind === 'classes' ? (head.labels?.length ?? 0) : 0;
  const choices = [
    { value: '', label: 'any' },
    ...Array.from({ length: Math.min(classes, mostChoices) }, (_, i) => ({
      value: String(i),
      label: called(i),
    })),
  ];
  const setClass = (name: 'truth' | 'predicted', value: string) => {
    const { [name]: _, ...rest } = filter;
    showResults({ filter: value === '' ? rest : { ...rest, [name]: Number(value) } });
  };
  return (
    <form class="filters" aria-label="filters" onSubmit={(event) => event.preventDefault()}>
      {classes > 0 && (
        <>
          <Segments
            label="Answer"
            value={filter.outcome}
            choices={(['all', 'right', 'wrong'] as const).map((value) => ({ value, label: value }))}
            onChange={(outcome) => filterAnswers({ outcome })}
          />
          <Select
            label="Label"
            value={String(filter.truth ?? '')}
            choices={choices}
            onChange={(value) => setClass('truth', value)}
          />
          <Select
            label="Prediction"
            value={String(filter.predicted ?? '')}
            choices={choices}
            onChange={(value) => setClass('predicted', value)}
          />
        </>
      )}
      {groupable(answers.groups).map(({ name, values }) => (
        <Select
          key={name}
          label={name}
          value={filter.groups[name] ?? ''}
          choices={[{ value: '', label: 'any' }, ...values.map((value) => ({ value, label: value }))]}
          onChange={(value) => {
            const { [name]: _, ...others } = filter.groups;
            filterAnswers({ groups: value === '' ? others : { ...others, [name]: value } });
          }}
        />
      ))}
      {!isSorted && (
        <>
          <BoundEntry shown={shown} name="from" />
          <BoundEntry shown={shown} name="to" />
        </>
      )}
      {isFiltering(filter) && (
        <button type="button" onClick={() => showResults({ filter: everyAnswer })}>
          Show all
        </button>
      )}
    </form>
  );
}

/** A bound of how sure answers are, in per cent where these are probabilities; of numbers, of how far off they are. */
function BoundEntry({
  shown: { info },
  name,
}: {
  readonly shown: ShownResult;
  readonly name: 'from' | 'to';
}) {
  const { filter } = resultsView.value;
  const isNumber = info.model.head.kind === 'number';
  const isShare = !isNumber && info.probabilities !== false;
  const what = isNumber ? 'Off by' : isShare ? 'Sure, in %,' : 'Score';
  const value = filter[name];
  const set = (text: string) => {
    const { [name]: _, ...rest } = filter;
    const number = Number(text.replace(/[\s%]/g, ''));
    const given =
      text.trim() === '' || !Number.isFinite(number) ? {} : { [name]: isShare ? number / 100 : number };
    showResults({ filter: { ...rest, ...given } });
  };
  return (
    <Entry
      label={`${what} ${name === 'from' ? 'more than' : 'at most'}`}
      value={value === undefined ? '' : short(isShare ? 100 * value : value)}
      placeholder="any"
      onEnter={set}
    />
  );
}

const isFiltering = (filter: AnswerFilter): boolean => JSON.stringify(filter) !== JSON.stringify(everyAnswer);
