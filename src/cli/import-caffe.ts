import { readBytes } from '../common/file.node.ts';
import { type Command, command, withExamples, withJson } from './command.ts';
import { misuse } from './errors.ts';
import { finishImport } from './imported.ts';
import { converter, isPrototxt, sourceOf } from './model.ts';
import {
  type PreprocessingOptions,
  preprocessingOf,
  withLabels,
  withPreprocessingOptions,
} from './preprocessing.ts';

interface Options extends PreprocessingOptions {
  readonly output: string;
  readonly json?: boolean;
}

export function importCaffeCommand(): Command {
  const given = command('caffe')
    .summary('from a .prototxt and its .caffemodel')
    .description("Makes an .onnx model from a Caffe network's definition and weights.")
    .argument('<prototxt>', 'the network, as it is deployed')
    .argument('<caffemodel>', 'its weights');
  return withExamples(
    withJson(
      withPreprocessingOptions(given, { mean: 'a .binaryproto or .npy image, or B,G,R' }).requiredOption(
        '-o, --output <file>',
        'the .onnx model to write',
      ),
    ),
    [
      [
        "BVLC's GoogLeNet, whose photos are resized to 256 and cropped",
        'limn import caffe deploy.prototxt bvlc_googlenet.caffemodel --mean 104,117,123 \\\n' +
          '      --resize 256 --labels synset_words.txt -o googlenet.onnx',
      ],
      [
        'with a mean image, to whose size photos are resized',
        'limn import caffe deploy.prototxt age.caffemodel --mean mean.binaryproto -o age.onnx',
      ],
    ],
  ).action(importCaffe);
}

async function importCaffe(prototxt: string, caffemodel: string, options: Options): Promise<void> {
  if (isPrototxt(caffemodel) && !isPrototxt(prototxt)) {
    misuse(caffemodel, 'the weights come second', 'limn import caffe DEPLOY.prototxt WEIGHTS.caffemodel');
  }
  const [definition, weights] = [await readBytes(prototxt), await readBytes(caffemodel)];
  const { importNet, parsePrototxt, readCaffemodel } = await import('../caffe/index.ts');
  const { infer } = await import('../operators/index.ts');
  const model = importNet(parsePrototxt(new TextDecoder().decode(definition), prototxt), prototxt, {
    weights: readCaffemodel(weights, caffemodel),
    weightsFile: caffemodel,
  });
  const preprocessing = await preprocessingOf(model.graph, prototxt, options, undefined, 'bgr');
  const provenance = {
    network: sourceOf(prototxt, definition),
    weights: sourceOf(caffemodel, weights),
    ...converter(),
  };
  const complete = { ...model, info: { ...model.info, preprocessing, provenance } };
  const labelled = await withLabels(complete, infer(model.graph).shapes, options.labels);
  await finishImport(labelled, options.output, options.json);
}
