import type { ClassifyEvent, ClassifyResult } from '../../verbs/classify/index.ts';
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
  withRunOptions,
} from '../command.ts';
import { follow, tellOf } from '../follow.ts';
import { type AskedFacesOptions, withAskedFaces } from '../options/faces.ts';
import { print, printJson } from '../output.ts';
import { classifiedText } from '../print/photos.ts';
import { withStdin } from '../stdin.ts';

interface Options extends RunOptions, AskedFacesOptions {
  readonly crops: 'center' | 'ten';
  readonly top: number;
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
    .option('--top <n>', 'how many classes to name', parseWhole(1), 5);
  return withExamples(withJson(withRunOptions(withAskedFaces(given))), [
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
  { json = false, ...options }: Options,
): Promise<void> {
  const [{ classify }, { nodeHost }] = await Promise.all([
    import('../../verbs/classify/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const { photos, host } = withStdin(given, nodeHost);
  const result = await follow(
    (watch) => classify({ model, photos, ...options }, host, watch),
    ({ photo }: Exclude<ClassifyEvent, ProgressEvent>) =>
      tellOf(photo, (classified) => json || print(classifiedText(classified))),
  );
  if (json) printJson(asJson(result));
}

/** The document that scripts read: values are called after what they are. */
function asJson({ model, crops, photos }: ClassifyResult): unknown {
  return {
    model,
    crops,
    photos: photos.map((each) => {
      if ('error' in each) return { photo: each.item, error: each.error };
      const outputs = Object.entries(each.outputs).map(([name, answer]) => {
        if (answer.kind === 'number') return [name, answer.value];
        const key = answer.probabilities ? 'probability' : 'score';
        return [name, answer.top.map(({ index, label, value }) => ({ index, label, [key]: value }))];
      });
      return {
        photo: each.item,
        ...(each.face && { face: each.face }),
        ...(each.remarks && { remarks: each.remarks }),
        outputs: Object.fromEntries(outputs),
      };
    }),
  };
}
