import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { type Command, command, shape, withExamples, withJson, withOverwrite } from './command.ts';
import { finishImport } from './imported.ts';
import { converter, loadModel, sourceOf } from './model.ts';
import {
  type PreprocessingOptions,
  preprocessingOf,
  withLabels,
  withPreprocessingOptions,
} from './preprocessing.ts';

interface Options extends PreprocessingOptions {
  readonly inputShape?: readonly number[];
  readonly output: string;
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
    .option('--input-shape <n,c,h,w>', 'where the file leaves height and width open', shape);
  return withExamples(
    withJson(
      withOverwrite(
        withPreprocessingOptions(given).requiredOption('-o, --output <file>', 'the .onnx model to write'),
      ),
    ),
    [
      [
        'a network from torchvision',
        'limn import onnx resnet18.onnx --resize 256 --resize-mode shorter-side --crop 224 --channels rgb \\\n' +
          '      --mean 123.675,116.28,103.53 --std 58.395,57.12,57.375 --labels classes.txt -o resnet.onnx',
      ],
    ],
  ).action((file: string, options: Options) =>
    withOutputs(options, (outputs) => importOnnx(outputs, file, options)),
  );
}

async function importOnnx(outputs: Outputs, file: string, options: Options): Promise<void> {
  const { mean, labels, output } = options;
  outputs.reads([file, mean, labels]);
  await outputs.claim([output]);
  const { model, bytes, files } = await loadModel(file, { inputShape: options.inputShape });
  outputs.reads(files);
  const { infer } = await import('../operators/index.ts');
  // Knows every operator, or says which it does not.
  const { shapes } = infer(model.graph);
  const preprocessing = await preprocessingOf(model.graph, file, options, model.info.preprocessing);
  const provenance = { ...model.info.provenance, source: sourceOf(file, bytes), ...converter() };
  const complete = { ...model, info: { ...model.info, preprocessing, provenance } };
  await finishImport(outputs, await withLabels(complete, shapes, labels), output, options.json);
}
