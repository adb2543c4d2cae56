import { classLabel } from '../../classifier/index.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { type Answer, measure, readResult } from '../../evaluation/index.ts';
import type { ComparisonReport } from '../../report/comparison.ts';
import { parseComparison } from '../../report/comparison-file.ts';
import { addMap, type Moments, meanMap, noMaps } from '../../report/grid-moments.ts';
import { chartSvg, confusionChart, PAPER, reliabilityChart } from '../../report/index.ts';
import { compare } from '../../verbs/compare/index.ts';
import { type EvaluateEvent, type EvaluateRequest, evaluate } from '../../verbs/evaluate/index.ts';
import { type ExplainRequest, explain } from '../../verbs/explain/index.ts';
import { type GridRecord, readGridRecord } from '../../verbs/grid/index.ts';
import type { Host } from '../../verbs/host.ts';
import type { Watch } from '../../verbs/verb.ts';
import type { AnswerTable, Asks, PaperChart, ShownMean, ShownResult } from '../protocol/index.ts';
import { columnOfValues } from './columns.ts';
import type { AskContext } from './context.ts';

/** Reads a result folder and measures it. */
export async function shownResult(
  { folder }: { readonly folder: string },
  { host }: AskContext,
): Promise<ShownResult> {
  const result = await readResult(folder, host);
  const { info, answers } = result;
  return {
    info,
    measures: measure(result),
    answers: answerTable(answers, info.model.head.kind === 'number'),
  };
}

/** Of more classes a matrix cannot be read. */
const mostClasses = 24;

/** The measures of a result folder as charts on paper. */
export async function resultCharts(
  { folder }: { readonly folder: string },
  { host }: AskContext,
): Promise<PaperChart[]> {
  const result = await readResult(folder, host);
  const measures = measure(result);
  if (measures.kind === 'number') return [];
  const { confusion, reliability = [] } = measures;
  const { labels } = result.info.model.head;
  const { name } = result.info;
  const bins = reliability.flatMap(({ confidence, accuracy, images: count }) =>
    confidence === undefined || accuracy === undefined ? [] : [{ series: name, confidence, accuracy, count }],
  );
  const draw = async (spec: Parameters<typeof chartSvg>[0], alt: string): Promise<PaperChart> => ({
    svg: await chartSvg(spec, { background: PAPER }),
    alt,
  });
  return Promise.all([
    ...(confusion.length <= mostClasses
      ? [
          draw(
            confusionChart(
              confusion,
              confusion.map((_, i) => classLabel(labels, i)),
            ),
            'confusion matrix',
          ),
        ]
      : []),
    ...(bins.length > 0 ? [draw(reliabilityChart(bins), 'reliability')] : []),
  ]);
}

/** A grid that is there. */
export async function gridAt({ path }: { readonly path: string }, { host }: AskContext): Promise<GridRecord> {
  return readGridRecord(await readText(host.files, path, 'a grid'), path);
}

/** Answers by columns: what thousands of objects say, in a few arrays that pass between threads at once. */
export function answerTable(answers: readonly Answer[], numbers: boolean): AnswerTable {
  const truth = Float64Array.from(answers, (answer) => answer.truth);
  const predicted = Float64Array.from(answers, ({ scores }) => (numbers ? scores[0] : largestAt(scores)));
  const confidence = Float64Array.from(answers, ({ scores }, i) =>
    numbers ? Math.abs(predicted[i] - truth[i]) : scores[predicted[i]],
  );
  const names = new Set(answers.flatMap(({ groups }) => Object.keys(groups)));
  const columns: readonly (readonly [string, (answer: Answer) => string | undefined])[] = [
    ...[...names].map((name) => [name, ({ groups }: Answer) => groups[name]] as const),
    ['person', ({ person }) => person],
    ['fold', ({ fold }) => fold],
  ];
  return {
    images: answers.map(({ image }) => image),
    truth,
    predicted,
    confidence,
    groups: columns.flatMap(([name, of]) => columnOfValues(name, answers.map(of)) ?? []),
  };
}

function largestAt(scores: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
  return best;
}

export const compared = (
  asked: Asks['compare']['asked'],
  { host, signal }: AskContext,
): Promise<ComparisonReport> => compare(asked, host, { signal });

export async function comparisonAt(
  { path }: { readonly path: string },
  { host }: AskContext,
): Promise<ComparisonReport> {
  return parseComparison(await readText(host.files, path, 'a comparison'), path);
}

export const evaluated = (
  request: EvaluateRequest,
  { host }: AskContext,
  watch: Watch<EvaluateEvent>,
): Promise<unknown> => evaluate(request, host, watch);

/** The mean heatmap for what is predicted, as `limn grid --means` sums it up; without photos that cannot be read. */
export async function meanHeatmap(
  request: ExplainRequest,
  host: Host,
  { tell, signal }: AskContext,
): Promise<ShownMean> {
  const made = await explain(request, host, { signal });
  const total = request.photos.length;
  let moments: Moments | undefined;
  let done = 0;
  for await (const each of made.photos) {
    tell({ text: `${++done} of ${total} heatmaps`, done, total });
    if ('error' in each) continue;
    moments ??= noMaps(each.heat.map.width, each.heat.map.height);
    addMap(moments, each.heat.map, each.item);
  }
  if (!moments) return fail(request.model, 'no photo could be explained', 'see that they are pictures');
  return { map: meanMap(moments), photos: moments.n };
}
