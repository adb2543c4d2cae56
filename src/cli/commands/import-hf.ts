import { resolve } from 'node:path';
import { withOutputs } from '../../common/outputs.node.ts';
import { importedFolder } from '../../verbs/usualnames.ts';
import { type Command, command, withExamples, withJson, withOverwrite } from '../command.ts';
import { sayNotes } from '../errors.ts';
import { type TrainedFacesOptions, withTrainedFaces } from '../options/faces.ts';
import {
  type PreprocessingOptions,
  preparationOf,
  withPreprocessingOptions,
} from '../options/preprocessing.ts';
import { printImported } from '../print/network.ts';

interface Options extends PreprocessingOptions, TrainedFacesOptions {
  readonly file?: string;
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function importHuggingFaceCommand(): Command {
  const given = command('hf')
    .summary('from a folder of the Hugging Face hub, of transformers or timm')
    .description(
      'Makes a self-describing model of a folder with an .onnx file: labels and the preparation of photos are as ' +
        'config.json and preprocessor_config.json say. Options say what shall be otherwise.',
    )
    .argument('<folder>', 'the folder, with config.json and model.onnx or onnx/model.onnx')
    .option('--file <path>', 'the .onnx file within the folder, where there are several');
  return withExamples(
    withJson(
      withOverwrite(
        withTrainedFaces(withPreprocessingOptions(given)).option(
          '-o, --output <file>',
          'the .onnx model to write; FOLDER.onnx here unless given',
        ),
      ),
    ),
    [['a network as optimum exports it', 'limn import hf vit-base-patch16-224 -o vit.onnx']],
  ).action(importHuggingFace);
}

async function importHuggingFace(
  folder: string,
  { overwrite, json = false, ...options }: Options,
): Promise<void> {
  const [{ importFromHuggingFace }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/import/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const request = {
    folder,
    ...(await preparationOf({ ...options, output: options.output ?? importedFolder(resolve(folder)) })),
  };
  const imported = await withOutputs({ overwrite }, (outputs) =>
    importFromHuggingFace(request, nodeHostWith(outputs), sayNotes),
  );
  printImported(imported, json);
}
