import { resolve } from 'node:path';
import { withOutputs } from '../../common/outputs.node.ts';
import { importedTfjs } from '../../verbs/usualnames.ts';
import { type Command, command, parseInputShape, withExamples, withJson, withOverwrite } from '../command.ts';
import { sayNotes } from '../errors.ts';
import { type TrainedFacesOptions, withTrainedFaces } from '../options/faces.ts';
import {
  type PreprocessingOptions,
  preparationOf,
  withPreprocessingOptions,
} from '../options/preprocessing.ts';
import { printImported } from '../print/network.ts';

interface Options extends PreprocessingOptions, TrainedFacesOptions {
  readonly metadata?: string;
  readonly inputShape?: readonly number[];
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function importTfjsCommand(): Command {
  const given = command('tfjs')
    .summary('from a model.json of TensorFlow.js, as Teachable Machine exports it')
    .description(
      'Makes a self-describing model of a layers model or a graph model of TensorFlow.js. Its weights are read from the ' +
        "files that it names, beside it; labels and the preparation of photos from Teachable Machine's metadata.json.",
    )
    .argument('<model.json>', 'the model')
    .option('--metadata <file>', "Teachable Machine's metadata.json; that beside the model unless given")
    .option('--input-shape <n,h,w,c>', 'where a graph model leaves height and width open', parseInputShape);
  return withExamples(
    withJson(
      withOverwrite(
        withTrainedFaces(withPreprocessingOptions(given)).option(
          '-o, --output <file>',
          "the .onnx model to write; of the model's name, here, unless given",
        ),
      ),
    ),
    [
      ['what Teachable Machine exports, unpacked', 'limn import tfjs my_model/model.json -o my_model.onnx'],
      [
        'a network for pixels from 0 to 1',
        'limn import tfjs model.json --scale 0.00392156862745098 --labels names.txt -o net.onnx',
      ],
    ],
  ).action(importTfjs);
}

async function importTfjs(model: string, { overwrite, json = false, ...options }: Options): Promise<void> {
  const [{ importFromTfjs }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/import/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const request = {
    model,
    ...(await preparationOf({ ...options, output: options.output ?? importedTfjs(resolve(model)) })),
  };
  const imported = await withOutputs({ overwrite }, (outputs) =>
    importFromTfjs(request, nodeHostWith(outputs), sayNotes),
  );
  printImported(imported, json);
}
