import { parseMeanValues } from '../caffe/mean.ts';
import { fail } from '../common/error.ts';
import { isNumbers } from '../common/parse.ts';
import { quoted } from '../common/quoted.ts';
import type { Draft } from './draft.ts';
import { inShards, type ShardedDrafts } from './sharded.node.ts';
import type { Stage } from './spec.ts';
import { type CaseOf, inDefinition, reads, stageValues } from './stage.node.ts';
import { fixedPath, inFolder, type PlannedPath } from './value.ts';

/** The file of an import, in its unit's folder. */
export const modelFile = 'model.onnx';

/** The import of a case's weights: those that were trained, or those that the specification names. */
export async function draftImport(
  stage: Stage,
  given: CaseOf,
  trained: PlannedPath | undefined,
): Promise<Draft> {
  const { files } = given;
  const values = stageValues(stage, given);
  const read = async (path: string | undefined) =>
    path === undefined ? undefined : await reads(files, path);
  const prototxt = await reads(files, inDefinition(given, values.required('prototxt')));
  const weights = trained ? undefined : await reads(files, values.required('weights'));
  const mean = values.text('mean');
  const meanFile = mean === undefined || isNumbers(mean) ? undefined : await reads(files, mean);
  const labels = await read(values.text('labels'));
  const names = values.texts('name')?.map((text) => nameOf(text, stage.where));
  return {
    kind: 'import',
    label: 'import',
    verb: 'importFromCaffe',
    request: {
      prototxt: prototxt.path,
      caffemodel: trained ?? weights?.path,
      mean:
        meanFile?.path ?? (mean === undefined ? undefined : parseMeanValues(mean, `${stage.where}: mean`)),
      labels: labels?.path,
      resize: values.extent('resize'),
      crop: values.extent('crop'),
      channels: values.text('channels'),
      scale: values.number('scale'),
      inputShape: values.shape('input-shape'),
      name: names && Object.fromEntries(names),
      output: inFolder(modelFile),
    },
    inputs: [prototxt, weights, meanFile, labels].flatMap((file) => (file ? [file.input] : [])),
    outputs: [modelFile],
  };
}

function nameOf(text: string, where: string): readonly [output: string, name: string] {
  const [, output, name] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  return output !== undefined && name !== undefined
    ? [output, name]
    : fail(where, `'name': expected OUTPUT=NAME, got ${quoted(text)}`);
}

/** Draws an evaluation of a case's model up, in one piece or in shards. */
export async function draftEvaluation(
  name: string,
  stage: Stage,
  given: CaseOf,
  model: PlannedPath,
): Promise<ShardedDrafts> {
  const whole = await draftWhole(name, stage, given, model);
  return inShards(whole, stage, given, { verb: 'evaluate', outputs: ['shard.json', 'answers.csv'] });
}

/** The evaluation in one piece. */
async function draftWhole(name: string, stage: Stage, given: CaseOf, model: PlannedPath): Promise<Draft> {
  const { each, files } = given;
  const values = stageValues(stage, given);
  const data = await reads(files, values.required('data'));
  const images = values.text('images');
  const place = Object.fromEntries(values.pairs('place') ?? []);
  if (each.fold !== undefined) place.fold = String(each.fold);
  return {
    kind: 'evaluate',
    label: `evaluate-${name}`,
    verb: 'evaluate',
    request: {
      models: [model],
      data: data.path,
      images: images === undefined ? undefined : fixedPath(files.planned(images), images),
      target: values.text('target'),
      head: values.text('head'),
      crops: values.text('crops'),
      as: values.text('as'),
      between: values.text('between'),
      batch: values.number('batch'),
      personColumn: values.text('person-column'),
      foldColumn: values.text('fold-column'),
      threads: values.number('threads'),
      provider: values.text('provider'),
      ordered: values.flag('ordered'),
      skipBad: values.flag('skip-bad'),
      name: each.definition,
      place,
      output: inFolder('result'),
    },
    inputs: [data.input, ...(images === undefined ? [] : [{ path: files.planned(images) }])],
    outputs: ['result/result.json', 'result/answers.csv'],
  };
}
