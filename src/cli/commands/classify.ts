import { failRequest } from '../../common/error.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import type { Shard } from '../../common/shard.ts';
import type { ClassifyEvent } from '../../verbs/classify/index.ts';
import type { ProgressEvent } from '../../verbs/verb.ts';
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
import { follow, tellOf } from '../follow.ts';
import { type AskedFacesOptions, withAskedFaces } from '../options/faces.ts';
import { print, printJson } from '../output.ts';
import { classifiedText } from '../print/photos.ts';
import { printShard } from '../print/shard.ts';
import { withStdin } from '../stdin.ts';

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
    .option('-o, --output <folder>', 'where a shard goes; classified-I-of-N unless given');
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
  given: readonly string[],
  { json = false, shard, output, overwrite, ...options }: Options,
): Promise<void> {
  const [{ classify, classifyDocument, classifyShard }, { nodeHost, nodeHostWith }] = await Promise.all([
    import('../../verbs/classify/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const tell = ({ photo }: Exclude<ClassifyEvent, ProgressEvent>) =>
    tellOf(photo, (classified) => json || print(classifiedText(classified)));
  if (shard) {
    const { index, of } = shard;
    const asked = { model, shard, output: output ?? `classified-${index}-of-${of}`, ...options };
    const done = await follow(
      (watch) =>
        withOutputs({ overwrite }, (outputs) => {
          const { photos, host } = withStdin(given, nodeHostWith(outputs));
          return classifyShard({ ...asked, photos }, host, watch);
        }),
      tell,
    );
    return printShard(done, json);
  }
  if (output !== undefined)
    failRequest('--output', 'only a shard is written', 'give --shard, or --json > FILE');
  const { photos, host } = withStdin(given, nodeHost);
  const result = await follow((watch) => classify({ model, photos, ...options }, host, watch), tell);
  if (json) printJson(classifyDocument(result));
}
