import type { AnalysisHead } from '../../common/analysed.ts';
import { flagNameOf, flagsOf, importOnnxLine, optionsOf, shellWord } from '../../common/shell.ts';
import type { ExplainRequest, InspectRequest, PlotRequest } from '../../verbs/index.ts';
import { importedOnnx } from '../../verbs/usualnames.ts';
import type { DoctorAsk, ImportPlan, SnapshotHeatAsk } from '../protocol/index.ts';
import { firstVisit } from './firstvisit.ts';
import { saidFields } from './request.ts';

/* What makes the same on the command line, ready to copy. */

/** The `limn explain` that makes the same explanation; before it the import of the network that the page brings. */
export function explainCommandText(
  { model, photos, ...fields }: ExplainRequest,
  drawing: { readonly colors: string; readonly percentile: number },
  cuts: readonly FacesCut[] = [],
): string {
  const usual: Readonly<Record<string, unknown>> = { colors: 'black-firered', percentile: 99.5 };
  const drawn = Object.entries(drawing).filter(([name, value]) => value !== usual[name]);
  const flags = flagsOf({ ...saidFields(fields), ...Object.fromEntries(drawn) });
  const line = ['limn explain', ...[model, ...photos].map(shellWord), ...flags, '-o explained'].join(' ');
  const faces = cuts.map(
    ({ photo, model, folder }) =>
      `limn faces ${shellWord(photo)} --for ${shellWord(model)} -o ${shellWord(folder)}`,
  );
  return withImport([model, ...cuts.map((cut) => cut.model)], [...faces, line].join('\n'));
}

/** Faces that were cut out of a photo before, into a folder. */
export interface FacesCut {
  readonly photo: string;
  readonly model: string;
  readonly folder: string;
}

/** The network that the page brings is imported first. */
export const withImport = (models: string | readonly string[], line: string): string =>
  [models].flat().includes(firstVisit.model) ? `limn import face-api\n${line}` : line;

/** The `limn inspect` that says the same of a network. */
export const inspectCommandText = ({ model, composite }: InspectRequest): string =>
  withImport(
    model,
    ['limn inspect', shellWord(model), ...(composite ? ['--composite', shellWord(composite)] : [])].join(' '),
  );

/** The `limn evaluate` that makes the same result. */
export function evaluateCommandText(
  {
    models,
    data,
    ...fields
  }: {
    readonly models: readonly string[];
    readonly data: string;
    readonly target?: string | undefined;
    readonly head?: string | undefined;
    readonly skipBad?: boolean | undefined;
  },
  output = 'result',
): string {
  const line = [
    'limn evaluate',
    ...[...models, data].map(shellWord),
    ...flagsOf(fields),
    '-o',
    shellWord(output),
  ];
  return withImport(models[0], line.join(' '));
}

/** The `limn doctor` that finds the same; before it the import that says what a form says. */
export function doctorCommandText({ model, data, fields, ...request }: DoctorAsk): string {
  const changed = Object.keys(fields).length > 0;
  const asked = changed ? importedOnnx(model) : model;
  const line = ['limn doctor', shellWord(asked), shellWord(data), ...optionsOf(request)].join(' ');
  if (!changed) return withImport(model, line);
  return withImport(model, `${importOnnxLine(model, asked, fields)}\n${line}`);
}

/** What is asked of `plot`, but where to draw it. */
export type PlotRequestFields = Omit<PlotRequest, 'output'>;

/** The `limn plot` that draws the same curves. */
export function plotCommandText({ runs, what = [], x, smooth, log }: PlotRequestFields): string {
  const flags = [
    ...(what.length > 0 ? ['--what', what.map(shellWord).join(',')] : []),
    ...(x === 'time' ? ['--x', 'time'] : []),
    ...(smooth === undefined ? [] : ['--smooth', String(smooth)]),
    ...(log ? ['--log'] : []),
  ];
  return ['limn plot', ...runs.map(shellWord), ...flags, '-o training.svg'].join(' ');
}

/** The `limn import` that makes the same network of the files that a plan names. */
export function importCommandText(plan: ImportPlan): string {
  const made = (source: string, files: readonly string[], options: readonly string[] = []): string =>
    [`limn import ${source}`, ...files.map(shellWord), ...options, '-o', shellWord(plan.name)].join(' ');
  switch (plan.source) {
    case 'caffe':
      return made(
        'caffe',
        [plan.prototxt, plan.caffemodel],
        optionsOf({ mean: plan.mean, labels: plan.labels }),
      );
    case 'onnx':
      return made('onnx', [plan.model], optionsOf({ labels: plan.labels }));
    case 'tfjs':
      return made('tfjs', [plan.model]);
    case 'hf':
      return made('hf', [plan.folder]);
  }
}

/** What imports a snapshot of a training, and explains a photo by it. */
export function snapshotCommandText({ plan, photo, target, head }: SnapshotHeatAsk): string {
  const how = flagsOf(saidFields({ target, head }));
  return [
    importCommandText(plan),
    ['limn explain', shellWord(plan.name), shellWord(photo), ...how, '-o explained'].join(' '),
  ].join('\n');
}

/** The `limn compare` that compares the same results. */
export const compareCommandText = ({
  results,
  groupBy = [],
  ...fields
}: {
  readonly results: readonly string[];
  readonly groupBy?: readonly string[];
  readonly resamples?: number;
  readonly seed?: number;
}): string =>
  [
    'limn compare',
    ...results.map(shellWord),
    ...groupBy.flatMap((column) => ['--group-by', shellWord(column)]),
    ...optionsOf(fields),
    '-o compared',
  ].join(' ');

/** What the settings of an analysis are unless they are given, of those that its report always has. */
export const analysisDefaults: Readonly<Record<string, string>> = {
  method: 'lrp',
  target: 'predicted',
  features: 'map',
  side: '10',
  norm: 'l2',
  signed: 'true',
  by: 'explained',
  neighbours: '10',
  weights: 'local',
  clustering: 'kmeans',
  most: '12',
  views: 'pca umap',
  exemplars: '8',
  colors: 'black-firered',
  seed: '1',
  resamples: '2000',
  references: '6',
  channels: '6',
};

/** Settings that are lists, which a report has as one text. */
export const analysisLists: ReadonlySet<string> = new Set(['views', 'layers', 'explain']);

/** The `limn clusters` or `limn concepts` that makes the same analysis, from its settings. */
export function analysisCommandText(
  verb: 'clusters' | 'concepts',
  { model, data, settings }: Omit<AnalysisHead, 'versions'>,
): string {
  const flags = Object.entries(settings).flatMap(([name, value]) => {
    if (String(value) === analysisDefaults[name]) return [];
    if (name === 'signed') return ['--absolute'];
    const several = analysisLists.has(name);
    return [flagNameOf(name), ...(several ? String(value).split(' ') : [String(value)]).map(shellWord)];
  });
  const given = [...(model ? [model.file] : []), data.source].map(shellWord);
  return [`limn ${verb}`, ...given, ...flags, `-o ${verb}`].join(' ');
}
