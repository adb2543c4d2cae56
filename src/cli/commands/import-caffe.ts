import { failRequest } from '../../common/error.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import { quoted } from '../../common/quoted.ts';
import { importedCaffe } from '../../verbs/usualnames.ts';
import {
  type Command,
  command,
  Option,
  parseInputShape,
  parseNumber,
  parseSize,
  withExamples,
  withJson,
  withOverwrite,
} from '../command.ts';
import { sayNotes } from '../errors.ts';
import { type TrainedFacesOptions, withTrainedFaces } from '../options/faces.ts';
import { meanOf, type ResizeOptions, withResizeOptions } from '../options/preprocessing.ts';
import { printImported } from '../print/network.ts';

interface Options extends TrainedFacesOptions, ResizeOptions {
  readonly mean?: string;
  readonly labels?: string;
  readonly resize?: { readonly height: number; readonly width: number };
  readonly crop?: { readonly height: number; readonly width: number };
  readonly channels?: 'bgr' | 'rgb' | 'gray';
  readonly scale?: number;
  readonly inputShape?: readonly number[];
  readonly name?: readonly string[];
  readonly target?: string;
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function importCaffeCommand(): Command {
  const sized = command('caffe')
    .summary('from a prototxt and its .caffemodel')
    .description("Makes an .onnx model from a Caffe network's definition and weights.")
    .argument('<prototxt>', 'the network, as it is deployed')
    .argument('<caffemodel>', 'its weights')
    .option('--mean <file|b,g,r>', 'subtracted: a .binaryproto image, or numbers for the channels')
    .option('--labels <file>', 'names of the classes, one a line')
    .option(
      '--resize <size>',
      "resize photos to this; the mean image's size, or 256 where --crop is given",
      parseSize,
    );
  const given = withResizeOptions(sized)
    .option('--crop <size>', "cut this from the middle; the network's input size", parseSize)
    .addOption(new Option('--channels <order>', 'bgr unless given').choices(['bgr', 'rgb', 'gray']))
    .option('--scale <factor>', 'multiplied after the mean', parseNumber())
    .option(
      '--input-shape <n,c,h,w>',
      'where the file does not say, or another size is wanted',
      parseInputShape,
    )
    .option('--name <output=name...>', 'what to call outputs: prob=gender fc_age=age')
    .option('--target <name>', 'what the network is for, as age: the output that answers is called so')
    .option('-o, --output <file>', "the .onnx model to write; of the weights' name, here, unless given");
  return withExamples(withJson(withOverwrite(withTrainedFaces(given))), [
    [
      "BVLC's GoogLeNet, whose photos are resized to 256 and cropped",
      'limn import caffe deploy.prototxt bvlc_googlenet.caffemodel --mean 104,117,123 \\\n' +
        '      --resize 256 --labels synset_words.txt -o googlenet.onnx',
    ],
    [
      'with a mean image, to whose size photos are resized',
      'limn import caffe deploy.prototxt age.caffemodel --mean mean.binaryproto -o age.onnx',
    ],
  ]).action(convert);
}

async function convert(
  prototxt: string,
  caffemodel: string,
  { overwrite, json = false, mean, name, output = importedCaffe(caffemodel), ...options }: Options,
): Promise<void> {
  const [{ importFromCaffe }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/import/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const named = { mean: await meanOf(mean), name: name && Object.fromEntries(name.map(pair)) };
  const imported = await withOutputs({ overwrite }, (outputs) =>
    importFromCaffe({ prototxt, caffemodel, output, ...options, ...named }, nodeHostWith(outputs), sayNotes),
  );
  printImported(imported, json);
}

function pair(text: string): [output: string, name: string] {
  const [, output, name] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  return output !== undefined && name !== undefined
    ? [output, name]
    : failRequest('--name', `expected OUTPUT=NAME, got ${quoted(text)}`);
}
