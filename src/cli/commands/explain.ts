import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { type Outputs, withOutputs } from '../../common/outputs.node.ts';
import type { Shard } from '../../common/shard.ts';
import type { SaveExplanationsRequest, TargetedPhotos } from '../../verbs/explain/index.ts';
import { importedCaffe } from '../../verbs/usualnames.ts';
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
import { sayNotes } from '../errors.ts';
import { type AskedFacesOptions, withAskedFaces } from '../options/faces.ts';
import { type HeatmapOptions, withHeatmapOptions } from '../options/heatmap.ts';
import { formulaOf, type MethodOptions, withMethodOptions } from '../options/methods.ts';
import { explainAndPrint } from '../print/heatmaps.ts';

interface Options extends RunOptions, HeatmapOptions, MethodOptions, AskedFacesOptions {
  readonly target: string;
  readonly mirror?: string;
  readonly sharedScale?: boolean;
  readonly top: number;
  readonly raw: readonly ('npy' | 'rawhm' | 'toolbox' | 'none')[];
  readonly figure: boolean;
  readonly density?: number;
  readonly output: string;
  readonly shard?: Shard;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** So many large figures would take a good part of the time that explaining does. */
const manyPhotos = 12;

export function explainCommand(): Command {
  const given = command('explain')
    .description(
      'Shows which pixels of photos speak for a class and which against it. For each photo: a figure, the heatmap, the ' +
        'raw relevance (.npy, N×3×H×W in the channel order of the network); explain.json says how all was made. ' +
        'An .npy file is taken as an already prepared batch; its relevance is written as relevance.npy. ' +
        'Of several photos, an interrupted call goes on where it stopped when it is repeated.',
    )
    .argument(
      '<model>',
      '.onnx model; or a configuration .txt of the LRP Toolbox, which says most of what follows',
    )
    .argument(
      '<photo...>',
      `${photosArgument}; or one prepared X.npy (N×C×H×W float32), or one list .txt of lines 'PHOTO CLASS' (-1: predicted, -2: the five best)`,
    )
    .option('-o, --output <folder>', 'where to', 'explained')
    .option(
      '--target <what>',
      "class: predicted, an index, a label, 'A + B', 'A vs B', or the best: 'top 5'",
      'predicted',
    )
    .option(
      '--mirror <folder>',
      'write into folders as the photos lie in, from this folder on their way on, and name files with their endings',
    );
  withMethodOptions(given);
  withHeatmapOptions(given)
    .option('--shared-scale', 'one colour scale for all photos')
    .option('--top <n>', 'how many classes a figure names', parseWhole(1), 5)
    .addOption(
      new Option('--raw <format...>', 'raw relevance as')
        .choices(['npy', 'rawhm', 'toolbox', 'none'])
        .default(['npy'], 'npy'),
    )
    .option('--no-figure', 'heatmaps and raw relevance only')
    .option(
      '--density <n>',
      `pixels per unit of figures; unless given 2, or 1 for more than ${manyPhotos} photos, which is faster`,
      parseWhole(1),
    );
  return withExamples(withJson(withOverwrite(withRunOptions(withAskedFaces(withShard(given))))), [
    ['why it is what the network says', 'limn explain googlenet.onnx cat.jpg'],
    ["a folder's photos, without its folders", "limn explain googlenet.onnx 'photos/*.jpg' -o out"],
    [
      'as in the paper, with its code',
      'limn explain age.onnx face.jpg --formula 102 --variant faithful -o out',
    ],
    ['one class against another', "limn explain googlenet.onnx cat.jpg --target 'tiger cat vs tabby' -o out"],
    ['the faces in a photo, drawn on all of it', 'limn explain age.onnx party.jpg --faces -o out'],
    [
      'where relevance goes',
      'limn explain googlenet.onnx cat.jpg --composite epsilon-plus --conservation -o out',
    ],
    [
      'another method',
      'limn explain googlenet.onnx cat.jpg --method integrated-gradients --steps 100 -o out',
    ],
    ["as the LRP Toolbox's program does", 'limn explain config.txt testfilelist.txt'],
  ]).action(explainPhotos);
}

async function explainPhotos(
  model: string,
  photos: readonly string[],
  { overwrite, json, formula, ...options }: Options,
  command: Command,
): Promise<void> {
  // Photos come and go beside a small heap, for which V8 sets a limit so near that it marks all of it over and over, a tenth of the
  // processor's time with figures. This is the growth that it allows itself at most.
  setFlagsFromString('--heap-growing-percent=300');
  await withOutputs({ overwrite }, async (outputs) => {
    const listed = photos.length === 1 && isText(photos[0]) ? await listedIn(photos[0]) : { photos };
    const asked = { model, ...options, formula: formulaOf(formula), ...listed };
    if (!isText(model)) return explainAndPrint(asked, outputs, json);
    const said = Object.entries(asked).filter(([name]) => command.getOptionValueSource(name) === 'cli');
    const request = { ...listed, ...Object.fromEntries(said) };
    return explainAndPrint(await toolboxRequest(model, request, outputs), outputs, json);
  });
}

const isText = (path: string): boolean => /\.txt$/i.test(path);

async function listedIn(list: string): Promise<TargetedPhotos> {
  const { readTargetedPhotos, nodeHost } = await toolboxFiles();
  return readTargetedPhotos(list, nodeHost);
}

/** What a configuration of the LRP Toolbox asks, but for what is `said` besides; its network is imported into the output folder. */
async function toolboxRequest(
  config: string,
  said: Partial<SaveExplanationsRequest> & Pick<SaveExplanationsRequest, 'photos'>,
  outputs: Outputs,
): Promise<SaveExplanationsRequest> {
  const { readToolboxRun, importFromCaffe, nodeHost, nodeHostWith } = await toolboxFiles();
  const { network, explained } = await readToolboxRun(config, nodeHost);
  const request = { ...explained, ...said };
  const output = join(request.output, importedCaffe(network.caffemodel));
  await importFromCaffe({ ...network, output }, nodeHostWith(outputs), sayNotes);
  return { ...request, model: output };
}

const toolboxFiles = async () => ({
  ...(await import('../../verbs/explain/toolboxrun.ts')),
  ...(await import('../../verbs/import/caffe.ts')),
  ...(await import('../../hosts/node.node.ts')),
});
