import { importOnnxLine, optionsOf, shellWord } from '../../common/shell.ts';
import type { CompileRequest } from '../../verbs/compile/index.ts';
import { compiledModel, importedOnnx } from '../../verbs/usualnames.ts';
import type { ImportPlan, PreparationChange } from '../protocol/index.ts';
import { importCommandText } from '../state/commands.ts';
import { firstVisit } from '../state/firstvisit.ts';
import { importProgram, literal } from '../state/programs.ts';
import type { Column } from '../state/request.ts';

/* What makes the files elsewhere that the room of models saves. */

/** A network that is saved, as a form prepares its photos, and as it is explained. */
export interface SavedNetwork {
  readonly model: string;
  /** How photos are prepared otherwise than the model says. */
  readonly fields: PreparationChange;
  /** What the model was made of, if it was. */
  readonly plan: ImportPlan | undefined;
  readonly how: ExplanationFields;
}

/** How an explanation is that is written as a file. */
export type ExplanationFields = Pick<
  CompileRequest,
  'head' | 'composite' | 'epsilon' | 'beta' | 'gamma' | 'start'
>;

/** Methods that are one run of a graph, by composites that are called alike. */
const composites: ReadonlySet<string> = new Set([
  'gradient',
  'guided-backprop',
  'deconvnet',
  'excitation-backprop',
]);

/** Whether a method is many runs, or needs what no composite has: as a file, relevance propagation takes its place. */
export const isWritten = ({ method }: Pick<Column, 'method'>): boolean =>
  method === 'lrp' || composites.has(method);

/** What is asked of `compile` so that a file explains as the page does. */
export function explanationOf({ method, parameters, head }: Column): ExplanationFields {
  const of = head === undefined ? {} : { head };
  if (method === 'lrp') return { ...of, ...parameters };
  return composites.has(method) ? { ...of, composite: method, start: 'one' } : of;
}

/** Whether a form says anything otherwise than the model. */
export const isChanged = ({ fields }: Pick<SavedNetwork, 'fields'>): boolean =>
  Object.keys(fields).length > 0;

/** The network that is compiled: as it is, or as a form says it. */
const compiledOf = (saved: SavedNetwork): string =>
  isChanged(saved) ? importedOnnx(saved.model) : saved.model;

/** The commands that write both files. */
export function savedCommandText(saved: SavedNetwork): string {
  const { model, fields, plan, how } = saved;
  const made = compiledOf(saved);
  return [
    ...(plan ? [importCommandText(plan)] : model === firstVisit.model ? ['limn import face-api'] : []),
    ...(isChanged(saved) ? [importOnnxLine(model, made, fields)] : []),
    ['limn compile', shellWord(made), ...optionsOf(how), '-o', shellWord(compiledModel(made))].join(' '),
  ].join('\n');
}

/** The program that writes them. */
export function savedProgramText(saved: SavedNetwork): string {
  const { model, fields, plan, how } = saved;
  const made = compiledOf(saved);
  const first = plan
    ? importProgram(plan)
    : model === firstVisit.model
      ? { verb: 'importFaceApi', call: 'await importFaceApi({}, nodeHost);' }
      : undefined;
  const verbs = ['compile', ...(first ? [first.verb] : []), ...(isChanged(saved) ? ['importFromOnnx'] : [])];
  return [
    "import { nodeHost } from 'limn/node';",
    `import { ${[...new Set(verbs)].sort().join(', ')} } from 'limn/verbs';`,
    '',
    ...(first ? [first.call] : []),
    ...(isChanged(saved)
      ? [`await importFromOnnx(${literal({ model, output: made, ...fields })}, nodeHost);`]
      : []),
    `await compile(${literal({ model: made, output: compiledModel(made), ...how })}, nodeHost);`,
  ].join('\n');
}
