import { basename } from 'node:path';
import type { Source } from '../caffe/index.ts';
import { failRequest } from '../common/error.ts';
import { readBytes } from '../common/file.node.ts';
import { textOf } from '../common/filekind.ts';
import { quoted } from '../common/quoted.ts';
import { type Command, command, extent, number, Option, shape, withExamples, withJson } from './command.ts';
import { complain, usage } from './errors.ts';
import { finishImport } from './imported.ts';
import { converter, isPrototxt, sha256 } from './model.ts';

interface Options {
  readonly mean?: string;
  readonly labels?: string;
  readonly resize?: { readonly height: number; readonly width: number };
  readonly crop?: { readonly height: number; readonly width: number };
  readonly channels?: 'bgr' | 'rgb' | 'gray';
  readonly scale?: number;
  readonly inputShape?: readonly number[];
  readonly name?: readonly string[];
  readonly output: string;
  readonly json?: boolean;
}

export function importCaffeCommand(): Command {
  const given = command('caffe')
    .summary('from a prototxt and its .caffemodel')
    .description("Makes an .onnx model from a Caffe network's definition and weights.")
    .argument('<prototxt>', 'the network, as it is deployed')
    .argument('<caffemodel>', 'its weights')
    .option('--mean <file|b,g,r>', 'subtracted: a .binaryproto image, or numbers for the channels')
    .option('--labels <file>', 'names of the classes, one a line')
    .option(
      '--resize <size>',
      "stretch photos to this; the mean image's size, or 256 where --crop is given",
      extent,
    )
    .option('--crop <size>', "cut this from the middle; the network's input size", extent)
    .addOption(new Option('--channels <order>', 'bgr unless given').choices(['bgr', 'rgb', 'gray']))
    .option('--scale <factor>', 'multiplied after the mean', number())
    .option('--input-shape <n,c,h,w>', 'where the file does not say, or another size is wanted', shape)
    .option('--name <output=name...>', 'what to call outputs: prob=gender fc_age=age')
    .requiredOption('-o, --output <file>', 'the .onnx model to write');
  return withExamples(withJson(given), [
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

async function convert(prototxt: string, caffemodel: string, options: Options): Promise<void> {
  if ((await isPrototxt(caffemodel)) && !(await isPrototxt(prototxt))) {
    failRequest(
      caffemodel,
      'the weights come second',
      'limn import caffe DEPLOY.prototxt WEIGHTS.caffemodel',
    );
  }
  const { mean, labels, name: names, output, json, ...rest } = options;
  const { importCaffe, parseMeanValues } = await import('../caffe/index.ts');
  const numbers = mean !== undefined && /^[-+\d.,eE\s]+$/.test(mean);
  const model = importCaffe({
    ...rest,
    prototxt: await readDefinition(prototxt),
    caffemodel: await read(caffemodel),
    ...(mean !== undefined && {
      mean: numbers ? usage(() => parseMeanValues(mean, '--mean')) : await read(mean),
    }),
    ...(labels !== undefined && { labels: await readText(labels) }),
    ...(names && { names: Object.fromEntries(names.map(pair)) }),
    converter: converter().converter,
    tell: complain,
  });
  // Folders mean nothing elsewhere.
  const provenance = Object.fromEntries(
    Object.entries(model.info.provenance).map(([key, value]) => [
      key,
      files.has(key) ? basename(value) : value,
    ]),
  );
  await finishImport({ ...model, info: { ...model.info, provenance } }, output, json);
}

const files = new Set(['prototxt', 'caffemodel', 'mean', 'labels']);

function pair(text: string): [output: string, name: string] {
  const match = /^([^=]+)=(.+)$/.exec(text);
  return match ? [match[1]!, match[2]!] : failRequest('--name', `expected OUTPUT=NAME, got ${quoted(text)}`);
}

async function read(name: string): Promise<Source<Uint8Array>> {
  const content = await readBytes(name);
  return { name, content, sha256: sha256(content) };
}

async function readDefinition(name: string): Promise<Source<string>> {
  const { content, ...rest } = await read(name);
  return { ...rest, content: textOf(content, name, 'a network definition') };
}

async function readText(name: string): Promise<Source<string>> {
  const { content, ...rest } = await read(name);
  return { ...rest, content: textOf(content, name, 'a list of class names') };
}
