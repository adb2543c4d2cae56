import { flagNameOf, shellWord } from '../../common/shell.ts';
import type { ExplainRequest } from '../../verbs/index.ts';
import { firstVisit } from './firstvisit.ts';

/* What makes the same on the command line and in a program, ready to copy. */

/** The `limn explain` that makes the same explanation; before it the import of the network that the page brings. */
export function explainCommandText(
  { model, photos, ...fields }: ExplainRequest,
  drawing: { readonly colors: string; readonly percentile: number },
): string {
  const defaults: Readonly<Record<string, unknown>> = {
    target: 'predicted',
    method: 'lrp',
    colors: 'black-firered',
    percentile: 99.5,
  };
  const flags = Object.entries({ ...fields, ...drawing }).flatMap(([name, value]) =>
    value === undefined || value === defaults[name] ? [] : [flagNameOf(name), shellWord(String(value))],
  );
  const line = ['limn explain', ...[model, ...photos].map(shellWord), ...flags, '-o explained'].join(' ');
  return model === firstVisit.model ? `limn import face-api\n${line}` : line;
}

/** The `limn evaluate` that makes the same result. */
export function evaluateCommandText({
  models,
  data,
  ...fields
}: {
  readonly models: readonly string[];
  readonly data: string;
  readonly target?: string | undefined;
  readonly head?: string | undefined;
  readonly skipBad?: boolean | undefined;
}): string {
  const flags = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === false
      ? []
      : [flagNameOf(name), ...(value === true ? [] : [shellWord(String(value))])],
  );
  return ['limn evaluate', ...[...models, data].map(shellWord), ...flags, '-o result'].join(' ');
}

/** The `limn plot` that draws the same curves. */
export function plotCommandText({
  runs,
  what = [],
  x,
  smooth,
  log,
}: {
  readonly runs: readonly string[];
  readonly what?: readonly string[] | undefined;
  readonly x?: string | undefined;
  readonly smooth?: number | undefined;
  readonly log?: boolean | undefined;
}): string {
  const flags = [
    ...(what.length > 0 ? ['--what', what.map(shellWord).join(',')] : []),
    ...(x === 'time' ? ['--x', 'time'] : []),
    ...(smooth === undefined ? [] : ['--smooth', String(smooth)]),
    ...(log ? ['--log'] : []),
  ];
  return ['limn plot', ...runs.map(shellWord), ...flags, '-o training.svg'].join(' ');
}

/** The `limn compare` that compares the same results. */
export const compareCommandText = ({
  results,
  groupBy = [],
}: {
  readonly results: readonly string[];
  readonly groupBy?: readonly string[];
}): string =>
  [
    'limn compare',
    ...results.map(shellWord),
    ...groupBy.flatMap((column) => ['--group-by', shellWord(column)]),
    '-o compared',
  ].join(' ');

/** The program that makes the same explanation, with the package's one-call functions. */
export function explainProgramText({ model, photos, ...fields }: ExplainRequest): string {
  const given = Object.entries(fields).filter(
    ([name, value]) =>
      value !== undefined &&
      !(name === 'target' && value === 'predicted') &&
      !(name === 'method' && value === 'lrp'),
  );
  const options = given.map(([name, value]) => `${name}: ${literal(value)}`).join(', ');
  const asked = [literal(model), literal(photos[0]), ...(options ? [`{ ${options} }`] : [])].join(', ');
  return [
    "import { explain } from 'limn/node';",
    '',
    `const { reading, relevance } = await explain(${asked});`,
    'console.log(reading.target.name, reading.score, reading.relevance.sum);',
  ].join('\n');
}

const literal = (value: unknown): string =>
  typeof value === 'string'
    ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    : JSON.stringify(value);
