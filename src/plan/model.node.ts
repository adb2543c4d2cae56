import { join } from 'node:path';
import { type Desk, type Draft, one, plain, reads, required, switches } from './draft.node.ts';
import type { Stage } from './spec.ts';
import { choose, filled } from './variables.ts';
import { flag, inFolder, type Word, word } from './words.ts';

/** The file of an import, in its unit's folder. */
export const modelFile = 'model.onnx';

/** The import of a case's weights: those that were trained, or those that the specification names. */
export async function draftImport(stage: Stage, desk: Desk, trained: Word | undefined): Promise<Draft> {
  const { spec, each, files } = desk;
  const say = (name: string) => choose(stage.options.get(name), each, spec);
  const prototxt = await reads(
    files,
    join(spec.definitions.text, each.definition, required(stage, desk, 'prototxt')),
  );
  const given = trained ? undefined : await reads(files, required(stage, desk, 'weights'));
  const mean = say('mean')?.[0];
  const meanFile = mean === undefined || /^[-+\d.,eE\s]+$/.test(mean) ? undefined : await reads(files, mean);
  const labels = say('labels')?.[0];
  const labelFile = labels === undefined ? undefined : await reads(files, labels);
  const names = say('name') ?? [];
  return {
    kind: 'import',
    label: 'import',
    words: [
      ...[word('import'), word('caffe'), prototxt.word, trained ?? given!.word],
      ...flag('mean', meanFile?.word ?? (mean === undefined ? undefined : word(mean))),
      ...flag('labels', labelFile?.word),
      ...plain(stage, desk, ['resize', 'crop', 'channels', 'scale', 'input-shape']),
      ...(names.length > 0 ? [word('--name'), ...names.map(word)] : []),
      ...[word('-o'), inFolder(modelFile)],
    ],
    inputs: [prototxt, given, meanFile, labelFile].flatMap((file) => (file ? [file.input] : [])),
    outputs: [modelFile],
  };
}

/** An evaluation of a case's model. */
export async function draftEvaluation(name: string, stage: Stage, desk: Desk, model: Word): Promise<Draft> {
  const { spec, each, files } = desk;
  const data = await reads(files, required(stage, desk, 'data'));
  const images = one(stage, desk, 'images');
  const places = (stage.pairs.get('place') ?? []).map(
    ([key, value]) => `${key}=${filled(value, each, spec)}`,
  );
  if (each.fold !== undefined) places.push(`fold=${each.fold}`);
  return {
    kind: 'evaluate',
    label: `evaluate-${name}`,
    words: [
      ...[word('evaluate'), model, data.word],
      ...flag('images', images === undefined ? undefined : { text: files.planned(images), identity: images }),
      ...plain(stage, desk, [
        ...['target', 'head', 'crops', 'as', 'between', 'batch', 'person-column', 'fold-column'],
        ...['threads', 'provider'],
      ]),
      ...switches(stage, desk, ['ordered', 'skip-bad']),
      ...flag('name', word(each.definition)),
      ...places.flatMap((place) => flag('place', word(place))),
      ...[word('-o'), inFolder('result')],
    ],
    inputs: [data.input, ...(images === undefined ? [] : [{ path: files.planned(images) }])],
    outputs: ['result/result.json', 'result/answers.csv'],
  };
}
