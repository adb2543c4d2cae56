import { plural } from '../../common/format.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import type { Shard } from '../../common/shard.ts';
import type { FacesEvent, PhotoFaces } from '../../verbs/faces/index.ts';
import type { Host } from '../../verbs/host.ts';
import type { NoteEvent, ProgressEvent, Watch } from '../../verbs/verb.ts';
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
import { follow, goesOnAgain, tellOf } from '../follow.ts';
import { type FacesOptions, withFacesOptions } from '../options/faces.ts';
import { print, printJson } from '../output.ts';
import { facesText } from '../print/photos.ts';
import { printShard } from '../print/shard.ts';
import { withStdin } from '../stdin.ts';

interface Options extends RunOptions, FacesOptions {
  readonly output: string;
  readonly all?: boolean;
  readonly largest?: boolean;
  readonly size?: number;
  readonly for?: string;
  readonly require?: boolean;
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
  given: readonly string[],
  { all: _, largest = false, require = false, shard, overwrite, json = false, ...options }: Options,
): Promise<void> {
  const [{ faces, facesShard }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/faces/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const asked = { which: largest ? ('largest' as const) : ('all' as const), ...options };
  let goesOn = false;
  const followed = <T>(
    verb: (photos: readonly string[], host: Host, watch: Watch<FacesEvent>) => Promise<T>,
  ) =>
    follow(
      (watch) =>
        withOutputs({ overwrite }, (outputs) => {
          const { photos, host } = withStdin(given, nodeHostWith(outputs));
          return verb(photos, host, watch);
        }),
      ({ photo }: Exclude<FacesEvent, ProgressEvent | NoteEvent>) => {
        // What is done of the first photo alone is lost.
        if (!goesOn) goesOnAgain();
        goesOn = true;
        tellOf(photo, (found) => json || print(photoText(found)));
      },
    );
  if (shard)
    return printShard(
      await followed((photos, host, watch) => facesShard({ ...asked, photos, shard }, host, watch)),
      json,
    );
  const result = await followed((photos, host, watch) => faces({ ...asked, photos }, host, watch));
  if (json) printJson(result);
  else print(facesText(result));
  if (require && result.without.length > 0) {
    complain(`no face in ${result.without.length} of ${plural(result.photos.length, 'photo')}`);
    process.exitCode = 1;
  }
}

/** A photo's faces, a line each. */
function photoText({ photo, faces }: PhotoFaces): string {
  if (faces.length === 0) return `${photo}: no face\n`;
  const lines = faces.map(({ box: [x, y, width, height], score, tilt, remarks, file }) => {
    const place = `${Math.round(width)}×${Math.round(height)} at ${Math.round(x)}, ${Math.round(y)}`;
    const said = [`score ${score.toFixed(2)}`, `tilt ${tilt.toFixed(1)}°`, ...remarks].join(', ');
    return `  ${place} (${said})${file ? ` → ${file}` : ''}\n`;
  });
  return `${photo}:\n${lines.join('')}`;
}
