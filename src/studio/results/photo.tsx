import { useState } from 'preact/hooks';
import { percent, short } from '../../common/format.ts';
import { Heat, Legend } from '../explain/heat.tsx';
import { ownLimit } from '../explain/limits.ts';
import { Segments } from '../parts/controls.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { ShownResult } from '../protocol.ts';
import { useAsked } from '../state/asked.ts';
import type { StudioFile } from '../state/files.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { type Column, requestOf } from '../state/request.ts';
import { resultsView } from '../state/results.ts';
import { room, show, view } from '../state/view.ts';

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
  return {
    called,
    truth: (i: number) => called(answers.truth[i]),
    predicted: (i: number) => called(answers.predicted[i]),
    sure: (i: number) =>
      isNumber
        ? `off by ${short(answers.confidence[i])}`
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
    <section class="answer-part" aria-label={`the answer for ${name}`}>
      <header>
        <h2>{name.replace(/^.*\//, '')}</h2>
        <button
          type="button"
          class="quiet"
          aria-label="close"
          onClick={() => {
            const { photo: _, ...rest } = resultsView.value;
            resultsView.value = rest;
          }}
        >
          ×
        </button>
      </header>
      <p>
        {isRight ? <strong>{truth(place)}</strong> : <strong>{predicted(place)}</strong>} {sure(place)}
        {!isRight && (isNumber ? `, is ${truth(place)}` : `, but it is ${truth(place)}`)}
      </p>
      <dl class="facts">
        {answers.groups.flatMap(({ name: column, values, of }) =>
          of[place] < 0 ? (
            []
          ) : (
            <div key={column}>
              <dt>{column}</dt>
              <dd>{values[of[place]]}</dd>
            </div>
          ),
        )}
      </dl>
      {file ? (
        <img class="picture" src={addressOfPhoto(file)} alt={name} />
      ) : (
        <p class="hint">The photo is not among the files of this page: drop it, or its folder.</p>
      )}
      {file && model !== undefined && (
        <Why shown={shown} place={place} path={file.path} model={model} isRight={isRight} />
      )}
      {model === undefined && (
        <p class="hint">The network {shown.info.model.file} is not among the files of this page.</p>
      )}
    </section>
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
  const { colors, opacity, percentile } = view.value.drawing;
  const limit = asked.state === 'ready' ? ownLimit(asked.answer.map, percentile) : 0;
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
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="finding out why" />}
      {asked.state === 'ready' && (
        <>
          <Heat
            map={asked.answer.map}
            view={asked.answer.view}
            limit={limit}
            colors={colors}
            opacity={opacity}
            label={`what speaks for ${asked.answer.reading.target.name}, and what against it`}
            reads
          />
          <Legend colors={colors} limit={limit} />
        </>
      )}
      <button
        type="button"
        onClick={() => {
          show({ photos: [path], columns: [column], photo: 0, column: 0 });
          room.value = 'explain';
        }}
      >
        Explain it in full
      </button>
    </>
  );
}
