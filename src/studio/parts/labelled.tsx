import { useEffect } from 'preact/hooks';
import type { InspectResult } from '../../verbs/index.ts';
import { photoFiles, studioFilesSignal } from '../state/files.ts';
import { newestLabelled } from '../state/intake.ts';
import { labelledPlaces } from '../state/labelled.ts';
import { Entry, Select } from './controls.tsx';

/** Which labelled photos a network is asked about, and for what; what is not chosen is as the verbs find it. */
export interface LabelledChoice {
  readonly data?: string;
  readonly head?: string;
  readonly target?: string;
}

/** Where labelled photos may be among the files of the page, the likeliest first. */
export const placesNow = (): readonly string[] =>
  labelledPlaces(
    photoFiles.value.map(({ path }) => path),
    [...studioFilesSignal.value.keys()],
  );

/** The choice as fields of a request; undefined where there are no labelled photos. */
export function labelledOf(
  { data: chosen, head, target }: LabelledChoice,
  places: readonly string[],
): { readonly data: string; readonly head?: string; readonly target?: string } | undefined {
  const data = chosen !== undefined && places.includes(chosen) ? chosen : places[0];
  return data === undefined ? undefined : { data, ...(head && { head }), ...(target && { target }) };
}

/** Takes up labelled photos that a person gives while a form is there: they are what is meant. */
export function useNewestLabelled(take: (data: string) => void): void {
  const data = newestLabelled.value;
  useEffect(() => {
    if (data === undefined) return;
    newestLabelled.value = undefined;
    take(data);
  }, [data]);
}

/** Fields in which labelled photos are chosen. */
export function LabelledFields({
  places,
  heads,
  choice,
  onChoose,
}: {
  readonly places: readonly string[];
  readonly heads: InspectResult['heads'];
  readonly choice: LabelledChoice;
  onChoose(choice: LabelledChoice): void;
}) {
  return (
    <>
      {places.length > 0 && (
        <Select
          label="Labelled photos"
          value={labelledOf(choice, places)?.data ?? ''}
          choices={places.map((value) => ({ value, label: value === '.' ? 'all folders' : value }))}
          onChange={(data) => onChoose({ ...choice, data })}
        />
      )}
      {heads.length > 1 && (
        <Select
          label="Output"
          value={choice.head ?? ''}
          choices={[
            { value: '', label: 'the one named like the label' },
            ...heads.map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(head) => onChoose({ ...choice, head })}
        />
      )}
      <Entry
        label="Column of labels, of a table with several"
        value={choice.target ?? ''}
        placeholder="the only one"
        onEnter={(target) => onChoose({ ...choice, target })}
      />
    </>
  );
}
