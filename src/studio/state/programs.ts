import type { AnalysisHead } from '../../common/analysed.ts';
import type { ExplainRequest, InspectRequest } from '../../verbs/index.ts';
import { importedOnnx } from '../../verbs/usualnames.ts';
import type { DoctorAsk, ImportPlan, SnapshotHeatAsk } from '../protocol/index.ts';
import { analysisDefaults, analysisLists, type FacesCut, type PlotRequestFields } from './commands.ts';
import { saidFields } from './request.ts';

/* What makes the same in a program, ready to copy. */

/** The program that asks the same of a network. */
export const inspectProgramText = ({ model, composite }: InspectRequest): string =>
  [
    "import { nodeHost } from 'limn/node';",
    "import { inspect } from 'limn/verbs';",
    '',
    `const { layers, total } = await inspect({ model: ${literal(model)}${composite ? `, composite: ${literal(composite)}` : ''} }, nodeHost);`,
    'console.log(layers.length, total.parameters);',
  ].join('\n');

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
  const given = Object.entries(saidFields(fields)).filter(([, value]) => value !== undefined);
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
  verb: 'evaluate' | 'compare' | 'clusters' | 'concepts' | 'faithfulness' | 'grid' | 'plot',
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
