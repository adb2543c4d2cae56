import type { AnalysisHead } from '../../common/analysed.ts';
import { flagNameOf, importOnnxLine, optionsOf, shellWord } from '../../common/shell.ts';
import type { ExplainRequest, InspectRequest, PlotRequest } from '../../verbs/index.ts';
import { importedOnnx } from '../../verbs/usualnames.ts';
import type { DoctorAsk, ImportPlan, SnapshotHeatAsk } from '../protocol/index.ts';
import { firstVisit } from './firstvisit.ts';

/* What makes the same on the command line and in a program, ready to copy. */

/** The `limn explain` that makes the same explanation; before it the import of the network that the page brings. */
export function explainCommandText(
  { model, photos, ...fields }: ExplainRequest,
  drawing: { readonly colors: string; readonly percentile: number },
  cuts: readonly FacesCut[] = [],
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

/** The program that asks the same of a network. */
export const inspectProgramText = ({ model, composite }: InspectRequest): string =>
  [
    "import { nodeHost } from 'limn/node';",
    "import { inspect } from 'limn/verbs';",
    '',
    `const { layers, total } = await inspect({ model: ${literal(model)}${composite ? `, composite: ${literal(composite)}` : ''} }, nodeHost);`,
    'console.log(layers.length, total.parameters);',
  ].join('\n');

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
  const flags = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === false
      ? []
      : [flagNameOf(name), ...(value === true ? [] : [shellWord(String(value))])],
  );
  const line = ['limn evaluate', ...[...models, data].map(shellWord), ...flags, '-o', shellWord(output)];
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

/** The program that finds the same. */
export function doctorProgramText({ model, fields, ...request }: DoctorAsk): string {
  const changed = Object.keys(fields).length > 0;
  const asked = changed ? importedOnnx(model) : model;
  return [
    "import { nodeHost } from 'limn/node';",
    `import { doctor${changed ? ', importFromOnnx' : ''} } from 'limn/verbs';`,
    '',
    ...(changed ? [`await importFromOnnx(${literal({ model, output: asked, ...fields })}, nodeHost);`] : []),
    `const { findings } = await doctor(${literal({ model: asked, ...request })}, nodeHost);`,
    'console.log(findings);',
  ].join('\n');
}

/** What is asked of `plot`, but where to draw it. */
type PlotRequestFields = Omit<PlotRequest, 'output'>;

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

/** The program that draws them. */
export function plotProgramText({ runs, what = [], x, smooth, log }: PlotRequestFields): string {
  return verbProgramText('plot', {
    runs,
    ...(what.length > 0 && { what }),
    ...(x === 'time' && { x }),
    smooth,
    ...(log && { log }),
    output: 'training.svg',
  });
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

/** The function of limn/verbs that does so, and the call of it. */
export function importProgram({ source, name, ...files }: ImportPlan): {
  readonly verb: string;
  readonly call: string;
} {
  const verbs = {
    caffe: 'importFromCaffe',
    onnx: 'importFromOnnx',
    tfjs: 'importFromTfjs',
    hf: 'importFromHuggingFace',
  } as const;
  const verb = verbs[source];
  return { verb, call: `await ${verb}(${literal({ ...files, output: name })}, nodeHost);` };
}

/** What imports a snapshot of a training, and explains a photo by it. */
export function snapshotCommandText({ plan, photo, target, head }: SnapshotHeatAsk): string {
  const how = optionsOf({ ...(target !== 'predicted' && { target }), ...(head !== undefined && { head }) });
  return [
    importCommandText(plan),
    ['limn explain', shellWord(plan.name), shellWord(photo), ...how, '-o explained'].join(' '),
  ].join('\n');
}

/** The program that does both. */
export function snapshotProgramText({ plan, photo, target, head }: SnapshotHeatAsk): string {
  const { verb, call } = importProgram(plan);
  const options = { ...(target !== 'predicted' && { target }), ...(head !== undefined && { head }) };
  const asked = [literal(plan.name), literal(photo)];
  if (Object.keys(options).length > 0) asked.push(literal(options));
  return [
    "import { explain, nodeHost } from 'limn/node';",
    `import { ${verb} } from 'limn/verbs';`,
    '',
    call,
    `const { reading, relevance } = await explain(${asked.join(', ')});`,
    'console.log(reading.target.name, reading.score, reading.relevance.sum);',
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
const analysisDefaults: Readonly<Record<string, string>> = {
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
const analysisLists: ReadonlySet<string> = new Set(['views', 'layers', 'explain']);

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

/** The program that asks a network what it says of a photo. */
export const classifyProgramText = (model: string, photo: string): string =>
  [
    "import { classify } from 'limn/node';",
    '',
    `const { outputs } = await classify(${literal(model)}, ${literal(photo)});`,
    'console.log(JSON.stringify(outputs, null, 2));',
  ].join('\n');

/** The program that makes the same explanation of each photo, with the package's one-call functions. */
export function explainProgramText(
  { model, photos, ...fields }: ExplainRequest,
  cuts: readonly FacesCut[] = [],
): string {
  const given = Object.entries(fields).filter(
    ([name, value]) =>
      value !== undefined &&
      !(name === 'target' && value === 'predicted') &&
      !(name === 'method' && value === 'lrp'),
  );
  const options = given.map(([name, value]) => `${name}: ${literal(value)}`).join(', ');
  const several = photos.length > 1;
  const asked = [
    literal(model),
    several ? 'photo' : literal(photos[0]),
    ...(options ? [`{ ${options} }`] : []),
  ];
  const lines = [
    `const { reading, relevance } = await explain(${asked.join(', ')});`,
    'console.log(reading.target.name, reading.score, reading.relevance.sum);',
  ];
  const faces = cuts.map(
    ({ photo, model, folder }) =>
      `await faces(${literal({ photos: [photo], for: model, output: folder })}, nodeHost);`,
  );
  return [
    ...(faces.length > 0
      ? ["import { explain, nodeHost } from 'limn/node';", "import { faces } from 'limn/verbs';"]
      : ["import { explain } from 'limn/node';"]),
    '',
    ...faces,
    ...(several
      ? [`for (const photo of ${literal(photos)}) {`, ...lines.map((line) => `  ${line}`), '}']
      : lines),
  ].join('\n');
}

/** The program that asks a verb the same. */
export function verbProgramText(
  verb: 'evaluate' | 'compare' | 'clusters' | 'concepts' | 'faithfulness' | 'plot',
  request: object,
): string {
  const fields = Object.entries(request)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${name}: ${literal(value)},`);
  return [
    "import { nodeHost } from 'limn/node';",
    `import { ${verb} } from 'limn/verbs';`,
    '',
    `await ${verb}({`,
    ...fields,
    '}, nodeHost);',
  ].join('\n');
}

/** The program that makes the same analysis. */
export const analysisProgramText = (
  verb: 'clusters' | 'concepts',
  { model, data, settings }: Omit<AnalysisHead, 'versions'>,
): string =>
  verbProgramText(verb, {
    ...(model ? { model: model.file, data: [data.source] } : { heatmaps: [data.source] }),
    output: verb,
    ...Object.fromEntries(
      Object.entries(settings).flatMap(([name, value]) =>
        String(value) === analysisDefaults[name]
          ? []
          : [[name, analysisLists.has(name) ? String(value).split(' ') : value]],
      ),
    ),
  });

/** A value as TypeScript writes it, without the fields that are undefined. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, each]) => each !== undefined);
    return `{ ${fields.map(([name, each]) => `${name}: ${literal(each)}`).join(', ')} }`;
  }
  return typeof value === 'string'
    ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    : JSON.stringify(value);
}
