import { flagsOf, shellWord } from '../../common/shell.ts';
import type { ResultInfo } from '../../evaluation/index.ts';
import type { ComparisonReport } from '../../report/comparison.ts';
import type { ExplainRequest, GridRecord } from '../../verbs/index.ts';
import { compareCommandText, evaluateCommandText, withImport } from '../state/commands.ts';
import { literal, verbProgramText } from '../state/programs.ts';
import { saidFields } from '../state/request.ts';

/* What makes elsewhere what the room of results shows. */

/** What both say: the commands, one a line, and the program. */
export interface MadeElsewhere {
  readonly command: string;
  readonly program: string;
}

/** What stands in a result's settings though nobody has to say it. */
const usualSettings: Readonly<Record<string, unknown>> = {
  crops: 'center',
  between: 'drop',
  // Labels that have no columns are called so.
  target: 'label',
};

/** What was asked of `evaluate`, as far as a result says. */
export function evaluatedRequest({ model, data, settings }: ResultInfo) {
  const { column: _column, provider: _provider, ...given } = settings;
  const fields = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      value === usualSettings[name]
        ? []
        : [[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]],
    ),
  );
  return {
    models: [model.path ?? model.file],
    data: data.source,
    ...(data.folder !== undefined && { images: data.folder }),
    ...fields,
  };
}

/** What makes an evaluation. */
export function evaluationElsewhere(info: ResultInfo, folder: string): MadeElsewhere {
  const request = evaluatedRequest(info);
  return {
    command: evaluateCommandText(request, folder),
    program: verbProgramText('evaluate', { ...request, output: folder }),
  };
}

/** What measures its groups. */
export function groupsElsewhere(folder: string, column: string): MadeElsewhere {
  const request = { results: [folder], groupBy: [column] };
  return {
    command: compareCommandText(request),
    program: verbProgramText('compare', { ...request, output: 'compared' }),
  };
}

/** What makes a comparison of the results that are its sources. */
export function comparisonElsewhere({ targets, resamples, seed }: ComparisonReport): MadeElsewhere {
  const each = <Item>(items: readonly Item[]): Item[] => [...new Set(items)];
  const results = each(
    targets.flatMap(({ entries }) => entries.flatMap((entry) => entry.results.map(({ source }) => source))),
  );
  const groupBy = each(targets.flatMap(({ groupings }) => groupings.map(({ columns }) => columns.join(','))));
  const request = {
    results,
    ...(groupBy.length > 0 && { groupBy }),
    ...(resamples !== 2000 && { resamples }),
    ...(seed !== 1 && { seed }),
  };
  return {
    command: compareCommandText(request),
    program: verbProgramText('compare', { ...request, output: 'compared' }),
  };
}

/** What makes a grid, as far as it says. */
export function gridElsewhere(record: GridRecord, folder: string): MadeElsewhere {
  const { models, target, explanation } = record;
  const names = models.map(({ name }) => name);
  const own = models.every(({ name, file }) => name === file.replace(/\.onnx$/, ''));
  const of =
    record.kind === 'photos'
      ? {
          photos: record.photos.map(({ photo }) => photo),
          ...(record.photos.every(({ truth }) => truth !== undefined) && {
            truth: record.photos.map(({ truth }) => truth as string),
          }),
          sharedScale: record.scale === 'row',
          colors: record.colors,
        }
      : { means: record.data.source, by: record.by };
  const fields = {
    ...of,
    ...(!own && { names }),
    ...saidFields({ target, method: explanation?.method }),
    ...explanation?.parameters,
  };
  const files = models.map(({ file }) => file);
  const line = ['limn grid', ...files.map(shellWord), ...flagsOf(fields), '-o', shellWord(folder)].join(' ');
  return {
    command: withImport(files, line),
    program: verbProgramText('grid', { models: files, ...fields, output: folder }),
  };
}

/** The commands that explain photos and average their heatmaps. */
export function meanCommandText({ model, photos, ...how }: ExplainRequest): string {
  const options = flagsOf(saidFields(how));
  const explained = ['limn explain', ...[model, ...photos].map(shellWord), ...options, '--no-figure'];
  return withImport(model, `${explained.join(' ')} -o explained\nlimn average explained -o mean.npy`);
}

/** The program that does so. */
export function meanProgramText({ model, photos, ...how }: ExplainRequest): string {
  const request = { model, photos, ...saidFields(how), figure: false, output: 'explained' };
  return [
    "import { nodeHost } from 'limn/node';",
    "import { average, saveExplanations } from 'limn/verbs';",
    '',
    `await saveExplanations(${literal(request)}, nodeHost);`,
    "await average({ maps: ['explained'], output: 'mean.npy' }, nodeHost);",
  ].join('\n');
}
