import { useMemo, useState } from 'preact/hooks';
import { count, plural } from '../../common/format.ts';
import { Select } from '../parts/controls.tsx';
import { fileFinder } from '../parts/findfile.ts';
import { Gallery } from '../parts/gallery.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { PinButton } from '../parts/pin.tsx';
import { Thumb } from '../parts/thumb.tsx';
import type { ShownResult } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { modelFiles, ofKind, photoFiles } from '../state/files.ts';
import { folderOf } from '../state/folder.ts';
import { type AnswerOrder, everyAnswer, openResult, resultsView, showResults } from '../state/results.ts';
import { chooseAnswers } from './choose.ts';
import { CompareWith, ComparisonPart, GridPart } from './compared.tsx';
import { EvaluateForm } from './evaluate.tsx';
import { Filters } from './filters.tsx';
import { GroupsPart } from './groups.tsx';
import { MeanPart } from './mean.tsx';
import { MeasuresPart } from './measures.tsx';
import { AnswerPart, answerTexts, columnOfResult } from './photo.tsx';
import { seenOfResult } from './pin.ts';

/** So many heatmaps are averaged here; the command line averages any number. */
const mostAveraged = 100;

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
  if (!shown) return <Waiting text="reading the result" />;
  return (
    <div class="results-parts">
      <aside class="results-side" aria-label="measures">
        <p class="hint">
          {shown.info.name}: {shown.info.model.head.name} on {shown.info.data.source}
        </p>
        <MeasuresPart measures={shown.measures} labels={shown.info.model.head.labels} />
        <GroupsPart folder={folder} columns={shown.answers.groups} />
        <div>
          {shown.info.notes?.map((note) => (
            <p key={note} class="hint">
              {note}
            </p>
          ))}
        </div>
      </aside>
      <div class="results-column">
        <Photos shown={shown} folder={folder} />
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

/** The photos of a result that are chosen, in order. */
function Photos({ shown, folder }: { readonly shown: ShownResult; readonly folder: string }) {
  const { filter, order, photo, heatmaps } = resultsView.value;
  const { answers, info } = shown;
  const places = useMemo(() => chooseAnswers(answers, filter, order), [answers, filter, order]);
  const [files, models] = [photoFiles.value, modelFiles.value];
  const fileOf = useMemo(() => {
    const find = fileFinder(files);
    const beginning = info.data.folder ?? info.data.source.replace(/[^/]*\.\w+$/, '');
    return (place: number) => find(answers.images[place], beginning);
  }, [files, answers, info]);
  const model = useMemo(
    () => fileFinder(models)(info.model.file, folderOf(info.model.path ?? ''))?.path,
    [models, info],
  );
  const texts = useMemo(() => answerTexts(shown), [shown]);
  const at = photo === undefined ? -1 : places.findIndex((place) => answers.images[place] === photo);
  const isNumber = info.model.head.kind === 'number';
  const [meanOf, setMeanOf] = useState<readonly string[]>();
  const titleOf = (i: number) => {
    const place = places[i];
    const said = `${texts.predicted(place)}, ${texts.sure(place)}`;
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
              ...{ shown, folder, places, model, meanOf, fileOf },
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
                    right || isNumber ? texts.sure(place) : `${texts.sure(place)}, is ${texts.truth(place)}`
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
        <div class="mean">
          <button
            type="button"
            onClick={() =>
              setMeanOf(places.slice(0, mostAveraged).flatMap((place) => fileOf(place)?.path ?? []))
            }
          >
            Mean heatmap of {places.length > mostAveraged ? `the first ${mostAveraged}` : 'these photos'}
          </button>
          {meanOf && meanOf.length > 0 && <MeanPart column={columnOfResult(shown, model)} photos={meanOf} />}
        </div>
      )}
    </section>
  );
}
