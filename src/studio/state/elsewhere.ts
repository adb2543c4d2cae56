import type { ExplainRequest } from '../../verbs/index.ts';
import { firstVisit } from './firstvisit.ts';

/* What makes the same on the command line and in a program, ready to copy. */

/** A word of a POSIX shell's command line. */
const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

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
    value === undefined || value === defaults[name] ? [] : [flagOf(name), shellWord(String(value))],
  );
  const line = ['limn explain', ...[model, ...photos].map(shellWord), ...flags, '-o explained'].join(' ');
  return model === firstVisit.model ? `limn import face-api\n${line}` : line;
}

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
