import { withOutputs } from '../../common/outputs.node.ts';
import type { Shard } from '../../common/shard.ts';
import {
  type Command,
  command,
  Option,
  parseWhole,
  photosArgument,
  type RunOptions,
  withExamples,
  withJson,
  withOverwrite,
  withRunOptions,
  withShard,
} from '../command.ts';
import { type AskedFacesOptions, withAskedFaces } from '../options/faces.ts';
import { classifyAndPrint } from '../print/photos.ts';

interface Options extends RunOptions, AskedFacesOptions {
  readonly crops: 'center' | 'ten';
  readonly top: number;
  readonly shard?: Shard;
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function classifyCommand(): Command {
  const given = command('classify')
    .description(
      'Says what is in photos: the best classes of every output, and outputs that are numbers. Photos are JPEG, PNG, ' +
        'WebP, GIF, TIFF or AVIF of any size; they are prepared as the model says. An .npy file is taken as already ' +
        'prepared.',
    )
    .argument('<model>', '.onnx model')
    .argument('<photo...>', `${photosArgument}; or one prepared X.npy (N×C×H×W float32)`)
    .addOption(
      new Option('--crops <kind>', 'the middle, or the mean over ten: corners and middle, mirrored as well')
        .choices(['center', 'ten'])
        .default('center'),
    )
    .option('--top <n>', 'how many classes to name', parseWhole(1), 5)
    .option(
      '-o, --output <path>',
      'the file to write what --json prints into; of a shard its folder, classified-I-of-N unless given',
    );
  return withExamples(withJson(withOverwrite(withShard(withRunOptions(withAskedFaces(given))))), [
    ['one photo', 'limn classify googlenet.onnx cat.jpg'],
    ['the faces in a photo', 'limn classify age.onnx party.jpg --faces'],
    [
      'many, as the paper does it, for another program',
      'limn classify age.onnx faces/*.jpg --crops ten --json',
    ],
  ]).action(classifyPhotos);
}

async function classifyPhotos(
  model: string,
  photos: readonly string[],
  { overwrite, json = false, ...options }: Options,
): Promise<void> {
  await withOutputs({ overwrite }, (outputs) =>
    classifyAndPrint({ model, photos, ...options }, outputs, json),
  );
}
