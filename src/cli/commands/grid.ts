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
  withOverwrite,
  withRunOptions,
  withShard,
} from '../command.ts';
import { type DatasetOptions, withDatasetOptions } from '../options/dataset.ts';
import { type HeatmapOptions, withHeatmapOptions } from '../options/heatmap.ts';
import { type MethodOptions, withMethodOptions } from '../options/methods.ts';
import { gridAndPrint } from '../print/heatmaps.ts';

interface Options extends RunOptions, HeatmapOptions, MethodOptions, DatasetOptions {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly photos?: readonly string[];
  readonly truth?: readonly string[];
  readonly means?: string;
  readonly by?: readonly string[];
  readonly truthColumn?: string;
  readonly target: string;
  readonly names?: readonly string[];
  readonly sharedScale?: boolean;
  readonly overlay?: boolean;
  readonly top: number;
  readonly shard?: Shard;
}

export function gridCommand(): Command {
  const given = command('grid')
    .description(
      'Compares what several models look at. With --photos: photos down, models across, each cell the heatmap and the ' +
        'scores. With --means: average heatmaps over labelled pictures, per model and per class or group, with the ' +
        'number of pictures and a map of the standard deviation; models of one name are averaged together, as the ' +
        'paper does with its five folds. Writes grid.png, grid.svg and grid.json, which limn report takes in.',
    )
    .argument('<model...>', '.onnx models, the columns')
    .option('-o, --output <folder>', 'where to', 'grid')
    .option('--photos <photo...>', `the rows: ${photosArgument}`)
    .option('--truth <label...>', "what each photo's true class is, as index or label")
    .option('--means <data>', 'labelled pictures to average over: a list, folder, .csv manifest or LMDB')
    .option(
      '--by <column...>',
      'rows of averages: a column of the data (several: all combinations), or predicted',
    )
    .option(
      '--truth-column <name>',
      "the column of true classes; the one named as the model's output unless given",
    )
    .option('--target <what>', "class: predicted, true, an index, a label, 'A + B' or 'A vs B'", 'predicted')
    .option('--names <name...>', 'what the models are called; their files unless given');
  withMethodOptions(given);
  withHeatmapOptions(given)
    .option('--shared-scale', 'one colour scale for each row')
    .addOption(new Option('--overlay', 'draw the heatmaps over the photos'))
    .option('--top <n>', 'how many classes stand beneath a cell', parseWhole(1), 3);
  withDatasetOptions(given);
  return withExamples(withOverwrite(withRunOptions(withShard(given))), [
    [
      'what two networks see in two photos',
      'limn grid googlenet.onnx squeezenet.onnx --photos cat.jpg dog.jpg -o out',
    ],
    [
      'evidence for the true class',
      'limn grid a.onnx b.onnx --photos face.jpg --truth female --target true -o out',
    ],
    [
      'average heatmaps by gender and race',
      'limn grid gender.onnx --means faces/manifest.csv --label-columns gender --genders gender --by gender race -o out',
    ],
    [
      'over the models of five folds',
      'limn grid fold*.onnx --names GoogleNet GoogleNet GoogleNet GoogleNet GoogleNet --means test.txt --by label -o out',
    ],
  ]).action(drawGrid);
}

async function drawGrid(
  models: readonly string[],
  { overwrite, formula, ...options }: Options,
): Promise<void> {
  const request = { models, formula: formula === undefined ? undefined : Number(formula), ...options };
  await withOutputs({ overwrite }, (outputs) => gridAndPrint(request, outputs));
}
