import { barChart, chartSvg, PAPER, progressChart } from '../../report/index.ts';
import { themedSvg } from '../../report/page-chart.ts';
import { numbersTable } from '../../report/page-training.ts';
import { checkRequest } from '../../verbs/index.ts';
import { plotRequest, readTrainings } from '../../verbs/plot/index.ts';
import type { AnswerCurvesAsk, CurvesRequest, DepthBar, ShownCurves } from '../protocol/index.ts';
import type { AskContext } from './context.ts';

/** Trainings as `limn plot` draws them, in the page's colours. */
export async function shownCurves(
  { width, ...request }: CurvesRequest,
  { host, signal }: AskContext,
): Promise<ShownCurves> {
  const fields = checkRequest(plotRequest, { ...request, output: 'curves.svg' }, signal);
  const { x, log } = fields;
  const { runs, rows, smooth } = await readTrainings(fields, host.files, signal);
  const all = runs.flatMap((run) => run.rows);
  return {
    svg: await themedSvg(progressChart(rows, { over: x, smooth, log, width }), 'curves-'),
    metrics: [...new Set(all.map(({ metric }) => metric))],
    smooth,
    timed: all.some(({ time }) => time !== undefined),
    table: numbersTable(runs, rows),
  };
}

/** What snapshots answer, over iterations. */
export const answerCurves = ({ rows, width, paper }: AnswerCurvesAsk): Promise<string> =>
  paper
    ? chartSvg(progressChart(rows, { width }), { background: PAPER })
    : themedSvg(progressChart(rows, { width }), 'answers-');

/** What layers received of the score and passed on, from the score down. */
export const depthChart = (bars: readonly DepthBar[]): Promise<string> =>
  chartSvg(
    barChart(
      bars.flatMap(({ layer, received, passed }) => [
        { group: layer, series: 'received', value: received },
        { group: layer, series: 'passed on', value: passed },
      ]),
      { measure: 'share of the score' },
    ),
    { background: PAPER },
  );
