import { count } from '../../common/format.ts';
import type { InspectResult } from '../../verbs/index.ts';
import { ChooseFiles, Select } from '../parts/controls.tsx';
import {
  type LabelledChoice,
  LabelledFields,
  labelledOf,
  placesNow,
  useNewestLabelled,
} from '../parts/labelled.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import type { DoctorAsk, PreparationChange, ShownDiagnosis } from '../protocol/index.ts';
import { type Asked, useAsked } from '../state/asked.ts';
import { doctorCommandText } from '../state/commands.ts';
import { chosenFiles, takeFiles } from '../state/intake.ts';
import { doctorProgramText } from '../state/programs.ts';
import { Diagnosis, type TakeFix } from './findings.tsx';

/** How labelled photos are asked about: which, how many, and whether they are at all. */
export interface CheckChoice extends LabelledChoice {
  readonly sample: number;
  readonly on: boolean;
}

/** Enough for gross mistakes in seconds; the command line takes 200. */
export const firstCheck: CheckChoice = { sample: 80, on: false };
const samples = [40, 80, 200, 1000];

/** What is asked of the doctor, once somebody says so: again with every change of the form. */
export function doctorAskOf(
  model: string,
  fields: PreparationChange,
  { sample, on: _, ...choice }: CheckChoice,
): DoctorAsk | undefined {
  const labelled = labelledOf(choice, placesNow());
  return labelled && { model, ...labelled, sample, fields };
}

export const useDoctor = (ask: DoctorAsk | undefined): Asked<ShownDiagnosis> =>
  useAsked('doctor', ask, 'checking on labelled photos');

/** Checks on labelled photos how a network is used, in this page. */
export function LabelledCheck({
  choice,
  heads,
  ask,
  asked,
  onChoose,
  onFix,
}: {
  readonly choice: CheckChoice;
  readonly heads: InspectResult['heads'];
  /** What would be asked; nothing where there are no labelled photos, or a field cannot be read. */
  readonly ask: DoctorAsk | undefined;
  readonly asked: Asked<ShownDiagnosis>;
  onChoose(choice: CheckChoice): void;
  readonly onFix: TakeFix;
}) {
  const places = placesNow();
  useNewestLabelled((data) => onChoose({ ...choice, data }));
  return (
    <section aria-labelledby="check-title">
      <h2 id="check-title">Is it right? Check it on labelled photos</h2>
      <p class="hint">
        The doctor tries what people confuse (order of channels, mean, scale, resizing, labels …) and says
        what answers more photos rightly. It needs a folder with one folder of photos per class, or photos
        with a table of their labels: drop them, or choose the folder. They stay in this page.
      </p>
      <form class="preparation" onSubmit={(event) => event.preventDefault()}>
        <LabelledFields
          places={places}
          heads={heads}
          choice={choice}
          onChoose={(next) => onChoose({ ...choice, ...next })}
        />
        <Select
          label="Photos to try, as many of each class"
          value={String(choice.sample)}
          choices={samples.map((n) => ({ value: String(n), label: count(n) }))}
          onChange={(sample) => onChoose({ ...choice, sample: Number(sample) })}
        />
      </form>
      <div class="buttons">
        <button
          type="button"
          class={places.length > 0 ? 'primary' : ''}
          aria-pressed={choice.on}
          disabled={places.length === 0}
          onClick={() => onChoose({ ...choice, on: !choice.on })}
        >
          {choice.on ? 'Stop checking' : 'Check, and again with every change'}
        </button>
        <ChooseFiles folder onFiles={(files) => takeFiles(chosenFiles(files))}>
          Choose a folder of labelled photos
        </ChooseFiles>
      </div>
      {asked.state === 'asking' && <Waiting text="trying other ways to use it on the photos" />}
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'ready' && <Diagnosis found={asked.answer} onFix={onFix} />}
      {ask && choice.on && (
        <Reproduce command={doctorCommandText(ask)} program={doctorProgramText(ask)} does="that checks it" />
      )}
    </section>
  );
}
