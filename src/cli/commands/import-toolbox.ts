import { resolve } from 'node:path';
import { withOutputs } from '../../common/outputs.node.ts';
import { importedToolbox } from '../../verbs/usualnames.ts';
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
  readonly inputShape?: readonly number[];
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function importToolboxCommand(): Command {
  const given = command('toolbox')
    .summary("from a network of the LRP Toolbox's Python or MATLAB modules")
    .description(
      'Makes a self-describing model of a network that the LRP Toolbox wrote as text (.txt), or as a pickle of Python (.nn), of ' +
        'which nothing is run: Linear, Convolution, SumPool, MaxPool, Rect, Tanh, SoftMax, Flatten. It does not say how ' +
        'large images are: unless given, as small as the network takes; vectors, as of digits, are square images.',
    )
    .argument('<network>', 'the network, .txt or .nn')
    .option('--input-shape <n,h,w,c>', 'how large images are', parseInputShape);
  return withExamples(
    withJson(
      withOverwrite(
        withTrainedFaces(withPreprocessingOptions(given)).option(
          '-o, --output <file>',
          "the .onnx model to write; of the network's name, here, unless given",
        ),
      ),
    ),
    [
      [
        "the toolbox's network for digits, of pixels from -1 to 1",
        'limn import toolbox LeNet-5.txt --mean 127.5 --scale 0.00784313725490196 -o lenet.onnx',
      ],
    ],
  ).action(importToolbox);
}

async function importToolbox(
  network: string,
  { overwrite, json = false, ...options }: Options,
): Promise<void> {
  const [{ importFromToolbox }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/import/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const output = options.output ?? importedToolbox(resolve(network));
  const request = { network, ...(await preparationOf({ ...options, output })) };
  const imported = await withOutputs({ overwrite }, (outputs) =>
    importFromToolbox(request, nodeHostWith(outputs), sayNotes),
  );
  printImported(imported, json);
}
