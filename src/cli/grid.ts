import { join } from 'node:path';
import { failRequest } from '../common/error.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { scaleOf } from '../verbs/explain/index.ts';
import {
  type Command,
  command,
  Option,
  whole,
  withExamples,
  withOverwrite,
  withRunOptions,
} from './command.ts';
import { withDatasetOptions } from './dataset.ts';
import { GRID_FILE, type GridOptions, type NamedModel } from './grid-options.ts';
import { withHeatmapOptions } from './options/heatmap.ts';
import { withMethodOptions } from './options/methods.ts';
import { print, stems } from './output.ts';

export function gridCommand(): Command {
  const given = command('grid')
    .description(
      'Compares what several models look at. With --photos: photos down, models across, each cell the heatmap and the ' +
        'scores. With --means: average heatmaps over labelled pictures, per model and per class or group, with the ' +
        'number of pictures and a map of the standard deviation; models of one name are averaged together, as the ' +
        'paper does with its five folds. Writes grid.png, grid.svg and grid.json, which limn report takes in.',
    )
    .argument('<model...>', '.onnx models, the columns')
    .requiredOption('-o, --output <folder>', 'where to')
    .option('--photos <photo...>', 'the rows')
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
    .option('--top <n>', 'how many classes stand beneath a cell', whole(1), 3);
  withDatasetOptions(given);
  return withExamples(withOverwrite(withRunOptions(given)), [
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
  ]).action((paths: string[], options: GridOptions) =>
    withOutputs(options, (outputs) => grid(outputs, paths, options)),
  );
}

async function grid(outputs: Outputs, paths: readonly string[], options: GridOptions): Promise<void> {
  scaleOf(options);
  if ((options.photos === undefined) === (options.means === undefined)) {
    failRequest('limn grid', 'it takes either photos or data', 'give --photos PHOTO… or --means DATA');
  }
  for (const [flag, given, other] of [
    ['--truth', options.truth, 'photos'],
    ['--by', options.by, 'means'],
    ['--truth-column', options.truthColumn, 'means'],
  ] as const) {
    if (given !== undefined && options[other] === undefined) failRequest(flag, `it is for --${other}`);
  }
  const names = options.names ?? stems(paths);
  if (names.length !== paths.length) {
    failRequest('--names', `there are ${names.length} for ${paths.length} models`, 'give one for each');
  }
  const models = paths.map((path, i): NamedModel => ({ path, name: names[i]! }));
  const files = ['grid.png', 'grid.svg'].map((name) => join(options.output, name));
  const recordFile = join(options.output, GRID_FILE);
  await outputs.own(options.output);
  outputs.reads([...paths, ...(options.photos ?? [])]);
  await outputs.claim([...files, recordFile]);
  const { layout, record } = options.photos
    ? await (await import('./grid-photos.ts')).photoGrid(models, options.photos, options)
    : await (await import('./grid-means.ts')).meanGrid(outputs, models, options.means!, options);
  const { writeLayout } = await import('../image/figure.node.ts');
  for (const file of files) await writeLayout(file, layout, outputs.write);
  await outputs.write(recordFile, `${JSON.stringify(record, null, 2)}\n`);
  print(`${files.join(', ')}: ${record.title}\n`);
}
