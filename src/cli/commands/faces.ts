import { plural } from '../../common/format.ts';
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
  withParquet,
  withRunOptions,
  withShard,
} from '../command.ts';
import { complain } from '../errors.ts';
import { type FacesOptions, withFacesOptions } from '../options/faces.ts';
import { facesAndPrint } from '../print/photos.ts';

interface Options extends RunOptions, FacesOptions {
  readonly output: string;
  readonly all?: boolean;
  readonly largest?: boolean;
  readonly size?: number;
  readonly for?: string;
  readonly require?: boolean;
  readonly sheet?: boolean;
  readonly parquet?: boolean;
  readonly shard?: Shard;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function facesCommand(): Command {
  const given = command('faces')
    .description(
      'Finds the faces of photos of any size and cuts them out, in place and of one size: NAME_face1.png, the largest ' +
        'first. faces.csv tells of all faces found (box, score, tilt, landmarks, transform), also of those that are too ' +
        'small or doubtful and were not cut out; faces.txt the same as Adience writes it; faces.png shows them.',
    )
    .argument('<photo...>', photosArgument)
    .option('-o, --output <folder>', 'where to', 'faces')
    .addOption(new Option('--all', 'cut out all faces of a photo (default)').conflicts('largest'))
    .option('--largest', 'cut out the largest face of each photo only')
    .option(
      '--size <pixels>',
      "side of what is cut out; the model's, or else 816 with similarity, as in the photo with others",
      parseWhole(1),
    )
    .option('--for <model>', 'cut faces out as this .onnx model was trained to see them')
    .addOption(new Option('--no-sheet', 'without faces.png').conflicts('shard'))
    .option('--require', 'end with exit code 1 if a photo has no face');
  return withExamples(
    withJson(withOverwrite(withParquet(withShard(withRunOptions(withFacesOptions(given))), 'faces.csv'))),
    [
      ["all faces of a folder's photos, aligned as Adience's", 'limn faces photos -o faces'],
      ['as a model wants them', 'limn faces party.jpg --for age.onnx -o faces'],
      ["the paper's other preparation", 'limn faces photos --align rotation --size 256 -o rotated'],
    ],
  ).action(findFaces);
}

async function findFaces(
  photos: readonly string[],
  { all: _, largest = false, require = false, overwrite, json = false, ...options }: Options,
): Promise<void> {
  const which = largest ? ('largest' as const) : ('all' as const);
  const result = await withOutputs({ overwrite }, (outputs) =>
    facesAndPrint({ photos, which, ...options }, outputs, json),
  );
  if (require && result && result.without.length > 0) {
    complain(`no face in ${result.without.length} of ${plural(result.photos.length, 'photo')}`);
    process.exitCode = 1;
  }
}
