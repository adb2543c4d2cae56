import { useState } from 'preact/hooks';
import { percent, short } from '../../common/format.ts';
import { ExplainInFull, PhotoPart, WhyMap } from '../explain/photo.tsx';
import { Segments } from '../parts/controls.tsx';
import type { ShownResult } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import type { StudioFile } from '../state/files.ts';
import { type Column, requestOf } from '../state/request.ts';
import { resultsView } from '../state/results.ts';

/** How a photo of a result is explained: by the model that answered, as it is explained without a word. */
export const columnOfResult = ({ info }: ShownResult, model: string, target = 'predicted'): Column => ({
  model,
  target,
  head: typeof info.settings.head === 'string' ? info.settings.head : info.model.head.name,
  method: 'lrp',
  parameters: {},
});

/** What an answer is called. */
export function answerTexts({ info, answers }: ShownResult) {
  const { labels } = info.model.head;
  const isNumber = info.model.head.kind === 'number';
  const called = (value: number) => (isNumber ? short(value) : (labels?.[value] ?? `class ${value}`));
  const probabilities = info.probabilities !== false && !isNumber;
  // A number that was sorted into classes is in its class, however near the next one is.
  const isSorted = info.settings.as !== undefined && !probabilities;
  return {
    isSorted,
    called,
    truth: (i: number) => called(answers.truth[i]),
    predicted: (i: number) => called(answers.predicted[i]),
    sure: (i: number) =>
      isNumber
        ? `off by ${short(answers.confidence[i])}`
        : isSorted
          ? ''
          : probabilities
            ? percent(answers.confidence[i])
            : short(answers.confidence[i]),
  };
}

/** One photo of a result: what was said, what it is, and why. */
export function AnswerPart({
  shown,
  place,
  file,
  model,
}: {
  readonly shown: ShownResult;
  readonly place: number;
  readonly file: StudioFile | undefined;
  readonly model: string | undefined;
}) {
  const { answers } = shown;
  const { truth, predicted, sure } = answerTexts(shown);
  const isRight = answers.truth[place] === answers.predicted[place];
  const isNumber = shown.info.model.head.kind === 'number';
  const name = answers.images[place];
  return (
    <PhotoPart
      {...{ name, place, file }}
      label={`the answer for ${name}`}
      said={
        <p>
          <strong>{predicted(place)}</strong> {sure(place)}
          {!isRight && (isNumber ? `, is ${truth(place)}` : `, but it is ${truth(place)}`)}
        </p>
      }
      columns={answers.groups}
      onClose={() => {
        const { photo: _, ...rest } = resultsView.value;
        resultsView.value = rest;
      }}
    >
      {file && model !== undefined && (
        <Why shown={shown} place={place} path={file.path} model={model} isRight={isRight} />
      )}
      {model === undefined && (
        <p class="hint">The network {shown.info.model.file} is not among the files of this page.</p>
      )}
    </PhotoPart>
  );
}

function Why({
  shown,
  place,
  path,
  model,
  isRight,
}: {
  readonly shown: ShownResult;
  readonly place: number;
  readonly path: string;
  readonly model: string;
  readonly isRight: boolean;
}) {
  const [of, setOf] = useState<'predicted' | 'truth'>('predicted');
  const isNumber = shown.info.model.head.kind === 'number' || shown.info.settings.as !== undefined;
  const target = of === 'truth' && !isNumber && !isRight ? String(shown.answers.truth[place]) : 'predicted';
  const column = columnOfResult(shown, model, target);
  const asked = useAsked('explain', requestOf(column, path, 'sum'), 'explaining the answer');
  const { truth, predicted } = answerTexts(shown);
  return (
    <>
      {!isNumber && !isRight && (
        <Segments
          label="What speaks for"
          value={of}
          choices={[
            { value: 'predicted', label: predicted(place) },
            { value: 'truth', label: truth(place) },
          ]}
          onChange={(value) => setOf(value)}
        />
      )}
      <WhyMap asked={asked} />
      <ExplainInFull path={path} column={column} />
    </>
  );
}
