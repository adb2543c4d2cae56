import { withOutputs } from '../../common/outputs.node.ts';
import type { Shard } from '../../common/shard.ts';
import {
  type Command,
  command,
  Option,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
  withShard,
} from '../command.ts';
import { type HeatmapOptions, withHeatmapOptions } from '../options/heatmap.ts';
import { averageAndPrint } from '../print/heatmaps.ts';

interface Options extends HeatmapOptions {
  readonly output: string;
  readonly channels: 'bgr' | 'rgb';
  readonly normalise?: boolean;
  readonly names?: readonly string[];
  readonly figure: boolean;
  readonly density?: number;
  readonly shard?: Shard;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function averageCommand(): Command {
  const given = command('average')
    .description(
      'Averages raw heatmaps of one shape, as the paper does over the models of several folds, and draws the mean. ' +
        'Takes .npy, .npz and .mat (N×3×H×W or 3×H×W) and _rawhm.txt files; maps of a batch count one by one.',
    )
    .argument('<raw...>', '.npy, .npz, .mat or _rawhm.txt files, folders of them, or patterns in quotes')
    .option(
      '-o, --output <file>',
      'where to: .png for a figure, .npy or .txt for the raw mean; a folder of a shard',
      'mean.png',
    );
  return withExamples(withJson(withOverwrite(withShard(withHeatmapOptions(given)))), [
    ['one picture of the heatmaps of five folds', 'limn average fold*/cat.npy -o cat.png'],
    ['the mean itself, in the format of the LRP Toolbox', 'limn average a.npy b_rawhm.txt -o mean_rawhm.txt'],
  ])
    .addOption(
      new Option('--channels <order>', 'order of the channels in .npy files')
        .choices(['bgr', 'rgb'])
        .default('bgr'),
    )
    .option('--normalise', 'divide each map by its Σ|R| first, so that all have the same weight')
    .option('--names <name...>', 'what the figure calls them, one for each file; their paths unless given')
    .option('--no-figure', "the bare heatmap instead of a figure, a pixel for each of the network's input")
    .option('--density <n>', 'pixels per unit of the figure; 2 unless given', parseWhole(1))
    .action(averageMaps);
}

async function averageMaps(maps: readonly string[], { overwrite, json, ...options }: Options): Promise<void> {
  await withOutputs({ overwrite }, (outputs) => averageAndPrint({ maps, ...options }, outputs, json));
}
