import { failRequest } from '../../common/error.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import { field, words } from '../../common/words.ts';
import type { DoctorRequest } from '../../verbs/doctor/index.ts';
import {
  type Command,
  command,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
  withRunOptions,
} from '../command.ts';
import { follow } from '../follow.ts';
import { print, printJson } from '../output.ts';
import { definitionsText } from '../print/definitions.ts';
import { diagnosisJson, diagnosisText } from '../print/diagnosis.ts';

type Options = Omit<DoctorRequest, 'model' | 'data'> & {
  readonly dataRoot?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
};

export function doctorCommand(): Command {
  const given = command('doctor')
    .description(
      'Finds mistakes in how a model is used, by what labelled photos say: mean, channel order, scale, std, crop and ' +
        'resize, order of labels, rounding of pooling layers, softmax. Each finding comes with the accuracy before and ' +
        'after its fix on the same photos, and the fix. Exit code 0: nothing found; 1: something found, or an error; ' +
        '2: wrong call. Without data: finds definitions of trainings that do not do what their names say, in Caffe files ' +
        'named and laid out as the published ones.',
    )
    .argument(
      '<model>',
      'an .onnx model; or a .prototxt file, a folder of such, or a folder of folders of such',
    )
    .argument(
      '[data]',
      'labelled photos for a model: an image list, an LMDB database, a folder per class, or a .csv manifest',
    )
    .option('--target <column>', 'what is asked for: age, gender, or any column of a manifest')
    .option('--head <name>', "the model's output that answers; the one named like the target unless given")
    .option('--images <folder>', "the folder that a list's paths start from; its own unless given")
    .option(
      '--sample <n>',
      'photos to try it on, as many of each class; more find smaller effects',
      parseWhole(1),
      200,
    )
    .option('--seed <n>', 'chooses the photos', parseWhole(0), 1)
    .option(
      '--data-root <folder>',
      'of definitions: the folder with lmdb…/ and mean_image…/; says what is not there',
    )
    .option('-o, --output <file>', 'write the model with all findings mended that can be');
  return withExamples(withJson(withOverwrite(withRunOptions(given))), [
    ['is the model used as it was trained?', 'limn doctor gender.onnx faces/manifest.csv --target gender'],
    [
      'on more photos, and mend it',
      'limn doctor age.onnx faces/manifest.csv --target age --sample 1000 -o mended.onnx',
    ],
    ['do definitions do what their names say?', 'limn doctor model_definitions'],
  ]).action(lookForMistakes);
}

async function lookForMistakes(
  model: string,
  data: string | undefined,
  { overwrite, json, dataRoot, ...options }: Options,
): Promise<void> {
  if (data === undefined) return lookAtDefinitions(model, { json, dataRoot });
  if (dataRoot !== undefined)
    failRequest(
      words`${field('dataRoot')}`,
      'is for definitions, not for a model',
      'leave it out, or the data',
    );
  const [{ doctor }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/doctor/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const result = await follow((watch) =>
    withOutputs({ overwrite }, (outputs) =>
      doctor({ ...options, model, data }, nodeHostWith(outputs), watch),
    ),
  );
  if (json) printJson(diagnosisJson(result, options));
  else print(diagnosisText(result, options));
  if (result.findings.length > 0) process.exitCode = 1;
}

async function lookAtDefinitions(
  definitions: string,
  { json, dataRoot }: { readonly json: boolean | undefined; readonly dataRoot: string | undefined },
): Promise<void> {
  if (definitions.endsWith('.onnx'))
    failRequest(
      words`${field('data')}`,
      'is missing',
      'give labelled photos; without them only definitions are looked at',
    );
  const [{ checkDefinitions }, { nodeHost }] = await Promise.all([
    import('../../verbs/doctor/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const result = await follow((watch) => checkDefinitions({ definitions, dataRoot }, nodeHost, watch));
  if (json) printJson(result);
  else print(definitionsText(result));
  if (result.findings.length > 0) process.exitCode = 1;
}
