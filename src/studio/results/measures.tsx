import type { ComponentChildren } from 'preact';
import { count, percent, plural, short } from '../../common/format.ts';
import type { ClassificationMeasures, Measures, ReliabilityBin } from '../../evaluation/index.ts';
import { resultsView } from '../state/results.ts';

/** Of more classes a matrix cannot be read: what is confused most is listed then. */
const mostClasses = 24;
/** The names of more stand upright over their columns, which are narrow then. */
const fewClasses = 5;
/** So many confusions are listed. */
const mostConfusions = 40;

/** How good a model is, each number a way to the photos behind it. */
export function MeasuresPart({
  measures,
  labels,
}: {
  readonly measures: Measures;
  readonly labels: readonly string[] | undefined;
}) {
  if (measures.kind === 'number') {
    const { images, mae, bias, rmse } = measures;
    return (
      <dl class="measures">
        <Measure term="photos" value={count(images)} />
        <Measure term="mean absolute error" value={short(mae)} />
        <Measure term="bias (said − true)" value={short(bias)} />
        <Measure term="root of mean squared error" value={short(rmse)} />
      </dl>
    );
  }
  const { images, accuracy, oneOff, top, balancedAccuracy, macroF1, nll, ece, reliability } = measures;
  const called = (index: number) => labels?.[index] ?? `class ${index}`;
  return (
    <>
      <dl class="measures">
        <Measure term="photos" value={count(images)} />
        <Measure term="accuracy" value={percent(accuracy)} />
        {oneOff !== undefined && <Measure term="one-off accuracy" value={percent(oneOff)} />}
        {Object.entries(top).map(([k, share]) => (
          <Measure key={k} term={`among the best ${k}`} value={percent(share)} />
        ))}
        <Measure term="balanced accuracy" value={percent(balancedAccuracy)} />
        <Measure term="macro F1" value={percent(macroF1)} />
        {nll !== undefined && <Measure term="negative log-likelihood" value={short(nll)} />}
        {ece !== undefined && <Measure term="calibration error" value={percent(ece)} />}
      </dl>
      {measures.confusion.length <= mostClasses ? (
        <ConfusionMatrix measures={measures} called={called} />
      ) : (
        <Confusions measures={measures} called={called} />
      )}
      {reliability && <Reliability bins={reliability} />}
    </>
  );
}

const Measure = ({ term, value }: { readonly term: string; readonly value: string }) => (
  <div>
    <dt>{term}</dt>
    <dd>{value}</dd>
  </div>
);

interface ConfusionProps {
  readonly measures: ClassificationMeasures;
  called(index: number): string;
}

/** Sets a filter, or takes it away where it is set already. */
function toggleCell(truth: number, predicted: number): void {
  const { filter } = resultsView.value;
  const isSet = filter.truth === truth && filter.predicted === predicted;
  const { truth: _t, predicted: _p, ...rest } = filter;
  resultsView.value = { ...resultsView.value, filter: isSet ? rest : { ...rest, truth, predicted } };
}

/** Labels in rows, predictions in columns: a cell's photos are shown when it is chosen. */
function ConfusionMatrix({ measures: { confusion }, called }: ConfusionProps) {
  const { filter } = resultsView.value;
  return (
    <MeasureSection
      title="Confusion matrix"
      hint="Labels in rows, predictions in columns. A cell shows its photos."
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section class="confusion-scroll" tabIndex={0} aria-label="confusion matrix">
        <table class={`confusion ${confusion.length > fewClasses ? 'confusion-many' : ''}`}>
          <thead>
            <tr>
              <td />
              {confusion.map((_, j) => (
                <th key={j} scope="col">
                  <span>{called(j)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {confusion.map((row, i) => {
              const all = row.reduce((sum, n) => sum + n, 0);
              return (
                <tr key={i}>
                  <th scope="row">{called(i)}</th>
                  {row.map((n, j) => (
                    <td key={j}>
                      <button
                        type="button"
                        class={`confusion-cell ${i === j ? 'confusion-right' : ''}`}
                        disabled={n === 0}
                        aria-pressed={filter.truth === i && filter.predicted === j}
                        aria-label={`${plural(n, 'photo')} of ${called(i)} taken for ${called(j)}`}
                        style={{ '--share': all > 0 ? n / all : 0 }}
                        onClick={() => toggleCell(i, j)}
                      >
                        {count(n)}
                      </button>
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </MeasureSection>
  );
}

/** What is confused most often, where classes are too many for a matrix. */
function Confusions({ measures: { confusion }, called }: ConfusionProps) {
  const { filter } = resultsView.value;
  const pairs = confusion
    .flatMap((row, truth) =>
      row.flatMap((n, predicted) => (n > 0 && truth !== predicted ? [{ truth, predicted, n }] : [])),
    )
    .sort((a, b) => b.n - a.n);
  return (
    <MeasureSection title="Taken for each other" hint="Most often first.">
      <ul class="confusions">
        {pairs.slice(0, mostConfusions).map(({ truth, predicted, n }) => (
          <li key={`${truth} ${predicted}`}>
            <button
              type="button"
              class="quiet"
              aria-pressed={filter.truth === truth && filter.predicted === predicted}
              onClick={() => toggleCell(truth, predicted)}
            >
              {called(truth)} <small>taken for</small> {called(predicted)} <strong>{count(n)}</strong>
            </button>
          </li>
        ))}
      </ul>
    </MeasureSection>
  );
}

/** How often a model is right by how sure it is: the line is where both are equal, a bar's photos are shown when it is chosen. */
function Reliability({ bins }: { readonly bins: readonly ReliabilityBin[] }) {
  const { from, to } = resultsView.value.filter;
  const some = bins.filter(({ images }) => images > 0);
  return (
    <MeasureSection
      title="Reliability"
      hint="Bars: how often it is right. Lines: how sure it is. A bar below its line is too sure."
    >
      <div class="reliability">
        {some.map((bin) => {
          const isSet = from === bin.from && to === bin.to;
          const { accuracy = 0, confidence = 0 } = bin;
          // As the numbers below the bars are written: whoever speaks to the page says what is to be read.
          const [least, most] = [bin.from, bin.to].map((edge) => Math.round(100 * edge));
          const said = `${least} to ${most} % sure: ${percent(accuracy)} right at ${percent(confidence)} on average, ${plural(bin.images, 'photo')}`;
          return (
            <button
              key={bin.from}
              type="button"
              class="reliability-bin"
              aria-pressed={isSet}
              aria-label={said}
              title={said}
              style={{ '--accuracy': accuracy, '--confidence': confidence }}
              onClick={() => {
                const { from: _from, to: _to, ...rest } = resultsView.value.filter;
                resultsView.value = {
                  ...resultsView.value,
                  filter: isSet ? rest : { ...rest, from: bin.from, to: bin.to },
                };
              }}
            >
              <span class="reliability-bar" />
              <small>{most}</small>
            </button>
          );
        })}
      </div>
      <p class="hint">Confidence, at most so many per cent.</p>
    </MeasureSection>
  );
}

export const MeasureSection = ({
  title,
  hint,
  children,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}) => (
  <section class="measure">
    <h2>{title}</h2>
    {hint !== undefined && <p class="hint">{hint}</p>}
    {children}
  </section>
);
