import { failRequest } from '../../common/error.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import { quoted } from '../../common/quoted.ts';
import type { Shard } from '../../common/shard.ts';
import type { RegionsRequest } from '../../verbs/regions/index.ts';
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
import { withDetectorOptions } from '../options/faces.ts';
import { regionsAndPrint } from '../print/heatmaps.ts';

type Place = Readonly<Record<string, string>>;

interface Options
  extends RunOptions,
    Omit<RegionsRequest, 'explanations' | 'places' | 'provider' | 'threads'> {
  readonly places?: readonly Place[];
  readonly parquet?: boolean;
  readonly shard?: Shard;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function regionsCommand(): Command {
  const given = command('regions')
    .description(
      'Measures where models look in faces: the share of relevance in eyes, brows, nose, mouth, chin, cheeks, forehead and hair, ' +
        'and the background, by model and class, with intervals and tests over photos; and how alike the heatmaps of models are ' +
        '(rank correlation, structural similarity). Takes folders that limn explain wrote; finds the landmarks in the photos.',
    )
    .argument('<explanations...>', 'folders that limn explain wrote, a model or fold each')
    .option('-o, --output <folder>', 'where to', 'regions')
    .option(
      '--names <name...>',
      'what the models are called, one for each; folders of one name are its folds',
    )
    .option(
      '--places <pairs...>',
      'what each model is, one for each folder: architecture=VGG16,initialisation=n; models that differ in one are compared by it',
      placesOf,
    )
    .option('--title <text>', 'what it is about, for the page of limn report')
    .option('--photos <photo...>', `the photos, where they have moved: ${photosArgument}`)
    .addOption(
      new Option('--pooling <kind>', 'how the channels become one map')
        .choices(['sum', 'mean'])
        .default('sum'),
    )
    .option('--resamples <n>', 'resamples of photos for intervals; 2000 unless given', parseWhole(100))
    .option('--seed <n>', 'of what is drawn at random; 0 unless given', parseWhole(0));
  return withExamples(
    withJson(
      withOverwrite(withParquet(withRunOptions(withDetectorOptions(withShard(given))), 'regions.csv')),
    ),
    [
      ['does it look at eyes or at hair?', 'limn explain age.onnx faces -o age && limn regions age'],
      [
        'what pretraining changes',
        'limn regions scratch pretrained --places initialisation=none initialisation=imagenet -o regions',
      ],
    ],
  ).action(measureRegions);
}

function placesOf(text: string, before: readonly Place[] = []): Place[] {
  const pairs = text.split(',').map((pair) => {
    const [, name, value] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    if (name === undefined) failRequest('--places', `expected key=value, got ${quoted(pair)}`);
    return [name, value] as const;
  });
  return [...before, Object.fromEntries(pairs)];
}

async function measureRegions(
  explanations: readonly string[],
  { overwrite, json, ...options }: Options,
): Promise<void> {
  await withOutputs({ overwrite }, (outputs) => regionsAndPrint({ explanations, ...options }, outputs, json));
}
