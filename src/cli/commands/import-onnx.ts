import { withOutputs } from '../../common/outputs.node.ts';
import { importedOnnx } from '../../verbs/usualnames.ts';
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
  readonly preset?: string;
  readonly inputShape?: readonly number[];
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function importOnnxCommand(): Command {
  const given = command('onnx')
    .summary('from an .onnx file, with what it does not say')
    .description(
      'Makes a self-describing model from any .onnx classifier. What is not given stays as the file has it, if limn ' +
        'wrote it. Mean and std are for pixels from 0 to 255.',
    )
    .argument('<file>', 'the .onnx file')
    .option('--preset <weights>', 'prepare photos as torchvision does for its weights of this name')
    .option('--input-shape <n,c,h,w>', 'where the file leaves height and width open', parseInputShape);
  return withExamples(
    withJson(
      withOverwrite(
        withTrainedFaces(withPreprocessingOptions(given)).option(
          '-o, --output <file>',
          'the .onnx model to write; FILE-prepared.onnx here unless given',
        ),
      ),
    ),
    [
      [
        'a network from torchvision',
        'limn import onnx resnet18.onnx --preset ResNet18_Weights.IMAGENET1K_V1 --labels classes.txt -o resnet.onnx',
      ],
      [
        'the same in numbers',
        'limn import onnx resnet18.onnx --resize 256 --resize-mode shorter-side --resize-filter bilinear \\\n' +
          '      --crop 224 --channels rgb --mean 123.675,116.28,103.53 --std 58.395,57.12,57.375 -o resnet.onnx',
      ],
    ],
  ).action(importOnnx);
}

async function importOnnx(model: string, { overwrite, json = false, ...options }: Options): Promise<void> {
  const [{ importFromOnnx }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/import/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const request = {
    model,
    ...(await preparationOf({ ...options, output: options.output ?? importedOnnx(model) })),
  };
  const imported = await withOutputs({ overwrite }, (outputs) =>
    importFromOnnx(request, nodeHostWith(outputs), sayNotes),
  );
  printImported(imported, json);
}
