import { withOutputs } from '../../common/outputs.node.ts';
import type { DrawRequest } from '../../verbs/draw/index.ts';
import {
  type Command,
  command,
  Option,
  parseWhole,
  photosArgument,
  withExamples,
  withJson,
  withOverwrite,
} from '../command.ts';
import { withHeatmapOptions } from '../options/heatmap.ts';
import { drawAndPrint } from '../print/heatmaps.ts';

type Options = Omit<DrawRequest, 'maps'> & { readonly overwrite?: boolean; readonly json?: boolean };

export function drawCommand(): Command {
  const given = command('draw')
    .description(
      'Draws raw heatmaps that are there already, of limn or of the LRP Toolbox: .npy, .npz, .mat and _rawhm.txt. Each becomes ' +
        'a picture, and all a figure, photos down and models across. Each folder is a model; those of one name, as the ' +
        'folds of one network, are averaged by photo, as in the paper.',
    )
    .argument('<raw...>', 'folders of raw heatmaps, a model or fold each; or files')
    .option('-o, --output <folder>', 'where to', 'drawn')
    .option('--names <name...>', 'what the models are called, one for each; as their folders unless given')
    .option('--photos <photo...>', `shown beside their heatmaps: ${photosArgument}`)
    .option(
      '--outline <what...>',
      'photos or .npy, .npz, .mat arrays that were explained: their outlines are drawn over the pictures in black',
    )
    .option('--transpose', 'models down and photos across');
  return withExamples(
    withJson(
      withOverwrite(
        withHeatmapOptions(given)
          .option('--shared-scale', 'one colour scale for all heatmaps of a photo')
          .option(
            '--enlarge <n>',
            'draw each value of a picture as so many pixels high and wide',
            parseWhole(1),
            1,
          )
          .addOption(
            new Option('--channels <order>', 'order of the channels in files that do not say')
              .choices(['bgr', 'rgb'])
              .default('bgr'),
          ),
      ),
    ),
    [
      ['heatmaps of the LRP Toolbox as pictures', 'limn draw heatmaps/*_rawhm.txt -o drawn'],
      [
        'digits, every pixel as 8×8, with their outlines',
        'limn draw out/digits.npy --colors seismic --enlarge 8 --outline digits.npy',
      ],
      [
        'two networks, each the mean of two folds',
        'limn draw vgg/fold-0 vgg/fold-1 caffe/fold-0 caffe/fold-1 --names VGG16 VGG16 CaffeNet CaffeNet --photos faces',
      ],
    ],
  ).action(drawMaps);
}

async function drawMaps(maps: readonly string[], { overwrite, json, ...options }: Options): Promise<void> {
  await withOutputs({ overwrite }, (outputs) => drawAndPrint({ maps, ...options }, outputs, json));
}
