import { useMemo } from 'preact/hooks';
import { count, plural } from '../../common/format.ts';
import { Select } from '../parts/controls.tsx';
import { Gallery } from '../parts/gallery.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { PinButton } from '../parts/pin.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import { Thumb } from '../parts/thumb.tsx';
import type { ShownResult } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { ofKind } from '../state/files.ts';
import { folderOf } from '../state/folder.ts';
import {
  type AnswerOrder,
  everyAnswer,
  isMeanShown,
  openResult,
  resultsView,
  showResults,
} from '../state/results.ts';
import { chooseAnswers } from './choose.ts';
import { CompareWith, ComparisonPart, GridPart } from './compared.tsx';
import { evaluationElsewhere } from './elsewhere.ts';
import { EvaluateForm } from './evaluate.tsx';
import { Filters } from './filters.tsx';
import { GroupsPart } from './groups.tsx';
import { averagedPhotos, type FilesHere, useFilesHere } from './here.ts';
import { MeanPart } from './mean.tsx';
import { MeasuresPart } from './measures.tsx';
import { AnswerPart, answerTexts, columnOfResult } from './photo.tsx';
import { seenOfResult } from './pin.ts';

/** Evaluations and comparisons, and the photos behind their numbers. */
export function ResultsRoom() {
  const evaluations = ofKind('evaluation').map(({ path }) => folderOf(path));
  const comparisons = ofKind('comparison').map(({ path }) => path);
  const grids = ofKind('grid').map(({ path }) => path);
  const all = [...evaluations, ...comparisons, ...grids];
  const { of } = resultsView.value;
  const chosen = of !== undefined && all.includes(of) ? of : all[0];
  const choices = (paths: readonly string[]) => paths.map((value) => ({ value, label: value }));
  return (
    <main id="main" class="results">
      <header class="results-head">
        <h1 class="title">Results</h1>
        {all.length > 0 && (
          <Select
            label="Result"
            value={chosen}
            groups={[
              { label: 'evaluations', choices: choices(evaluations) },
              { label: 'comparisons', choices: choices(comparisons) },
              { label: 'grids', choices: choices(grids) },
            ].filter((group) => group.choices.length > 0)}
            onChange={openResult}
          />
        )}
      </header>
      {chosen === undefined && (
        <p class="hint">
          Drop a folder that <code>limn evaluate</code>, <code>compare</code> or <code>grid</code> wrote,
          serve one (<code>limn studio FOLDER</code>), or evaluate photos here.
        </p>
      )}
      <EvaluateForm open={chosen === undefined} />
      {chosen !== undefined && evaluations.includes(chosen) && (
        <EvaluationPart key={chosen} folder={chosen} others={evaluations.filter((each) => each !== chosen)} />
      )}
      {chosen !== undefined && comparisons.includes(chosen) && <ComparisonPart key={chosen} path={chosen} />}
      {chosen !== undefined && grids.includes(chosen) && <GridPart path={chosen} />}
    </main>
  );
}

function EvaluationPart({ folder, others }: { readonly folder: string; readonly others: readonly string[] }) {
  const asked = useAsked('result', { folder }, 'reading the result');
  if (asked.state === 'failed') return <Failure asked={asked} />;
  const shown = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  return shown ? <Evaluation {...{ folder, shown, others }} /> : <Waiting text="reading the result" />;
}

function Evaluation({
  folder,
  shown,
  others,
}: {
  readonly folder: string;
  readonly shown: ShownResult;
  readonly others: readonly string[];
}) {
  const here = useFilesHere(shown);
  const { info, measures } = shown;
  return (
    <div class="results-parts">
      <aside class="results-side" aria-label="measures">
        <p class="hint">
          {info.name}: {info.model.head.name} on {info.data.source}
        </p>
        <MeasuresPart measures={measures} labels={info.model.head.labels} />
        <GroupsPart {...{ folder, shown, here }} />
        <div>
          {info.notes?.map((note) => (
            <p key={note} class="hint">
              {note}
            </p>
          ))}
        </div>
        <Reproduce {...evaluationElsewhere(info, folder)} does="that makes this result" />
      </aside>
      <div class="results-column">
        <Photos {...{ shown, folder, here }} />
        <CompareWith folder={folder} others={others} />
      </div>
    </div>
  );
}

const orders: readonly { readonly value: AnswerOrder; readonly label: string }[] = [
  { value: 'confidently-wrong', label: 'confidently wrong first' },
  { value: 'least-sure', label: 'least sure first' },
  { value: 'most-sure', label: 'most sure first' },
  { value: 'as-evaluated', label: 'as they were evaluated' },
];

const ordersOfNumbers: readonly { readonly value: AnswerOrder; readonly label: string }[] = [
  { value: 'confidently-wrong', label: 'largest error first' },
  { value: 'least-sure', label: 'smallest error first' },
  { value: 'as-evaluated', label: 'as they were evaluated' },
];

const withCommas = (...texts: readonly string[]): string => texts.filter(Boolean).join(', ');

/** The photos of a result that are chosen, in order. */
function Photos({
  shown,
  folder,
  here,
}: {
  readonly shown: ShownResult;
  readonly folder: string;
  readonly here: FilesHere;
}) {
  const { filter, order, photo, heatmaps } = resultsView.value;
  const { answers, info } = shown;
  const places = useMemo(() => chooseAnswers(answers, filter, order), [answers, filter, order]);
  const { model, fileOf } = here;
  const meanOf = useMemo(() => averagedPhotos(places, here), [places, here]);
  const texts = useMemo(() => answerTexts(shown), [shown]);
  const at = photo === undefined ? -1 : places.findIndex((place) => answers.images[place] === photo);
  const isNumber = info.model.head.kind === 'number';
  const titleOf = (i: number) => {
    const place = places[i];
    const said = withCommas(texts.predicted(place), texts.sure(place));
    const right = answers.truth[place] === answers.predicted[place];
    return `${answers.images[place]}: ${said}${right ? '' : `; it is ${texts.truth(place)}`}`;
  };
  return (
    <section class="results-main" aria-labelledby="photos-title">
      <header class="results-tools">
        <h2 id="photos-title" aria-live="polite">
          {places.length === answers.images.length
            ? plural(places.length, 'photo')
            : `${count(places.length)} of ${plural(answers.images.length, 'photo')}`}
        </h2>
        <Select
          label="Order"
          value={order}
          choices={isNumber ? ordersOfNumbers : orders}
          onChange={(value) => showResults({ order: value })}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={heatmaps}
            disabled={model === undefined}
            onChange={({ currentTarget }) => showResults({ heatmaps: currentTarget.checked })}
          />{' '}
          heatmaps
        </label>
        <PinButton
          seen={() =>
            seenOfResult({
              ...{ shown, folder, places, model, fileOf },
              meanOf: isMeanShown() ? meanOf : undefined,
              large: at >= 0 ? places[at] : undefined,
            })
          }
        />
      </header>
      <Filters shown={shown} />
      <div class={`results-photos ${at >= 0 ? 'with-answer' : ''}`}>
        {places.length === 0 ? (
          <p class="hint">
            No photo is like that.{' '}
            <button type="button" onClick={() => showResults({ filter: everyAnswer })}>
              Show all
            </button>
          </p>
        ) : (
          <Gallery
            count={places.length}
            chosen={at < 0 ? undefined : at}
            label="photos of the result"
            titleOf={titleOf}
            onChoose={(i) => showResults({ photo: answers.images[places[i]] })}
            cell={(i) => {
              const place = places[i];
              const right = answers.truth[place] === answers.predicted[place];
              return (
                <Thumb
                  file={fileOf(place)}
                  column={heatmaps && model !== undefined ? columnOfResult(shown, model) : undefined}
                  name={answers.images[place]}
                  wrong={!right && !isNumber}
                  title={texts.predicted(place)}
                  note={
                    right || isNumber
                      ? texts.sure(place)
                      : withCommas(texts.sure(place), `is ${texts.truth(place)}`)
                  }
                />
              );
            }}
          />
        )}
        {at >= 0 && (
          <AnswerPart key={photo} shown={shown} place={places[at]} file={fileOf(places[at])} model={model} />
        )}
      </div>
      {model !== undefined && places.length > 1 && (
        <MeanPart column={columnOfResult(shown, model)} photos={meanOf} of={places.length} />
      )}
    </section>
  );
}
