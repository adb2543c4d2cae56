import { withOutputs } from '../../common/outputs.node.ts';
import type { Shard } from '../../common/shard.ts';
import { metrics } from '../../faithfulness/measures.ts';
import { replacements } from '../../faithfulness/replacement.ts';
import type { FaithfulnessRequest } from '../../verbs/faithfulness/index.ts';
import {
  type Command,
  command,
  Option,
  parseNumber,
  parseWhole,
  photosArgument,
  withExamples,
  withJson,
  withOverwrite,
  withParquet,
  withRunOptions,
  withShard,
} from '../command.ts';
import { follow, goesOnAgain } from '../follow.ts';
import { print, printJson } from '../output.ts';
import { reportText } from '../print/faithfulness.ts';
import { printShard } from '../print/shard.ts';
import { withStdin } from '../stdin.ts';

type Options = Omit<FaithfulnessRequest, 'model' | 'data' | 'methods'> & {
  readonly shard?: Shard;
  readonly methods?: readonly string[];
  readonly overwrite?: boolean;
  readonly json?: boolean;
};

export function faithfulnessCommand(): Command {
  const given = command('faithfulness')
    .description(
      "Measures whether heatmaps are true: how far the network's answer falls when what they call relevant is taken " +
        'away (pixel flipping, deletion, insertion, ROAD), whether they change when the network forgets what it learned, ' +
        'and more. Methods are held against each other and against maps that know nothing of the network: a random order, ' +
        'the edges of the photo, its middle. An interrupted call goes on where it stopped when it is repeated.',
    )
    .argument('<model>', 'an .onnx model')
    .argument(
      '<data...>',
      `${photosArgument}; or one set of them: an image list, an LMDB database, a .csv manifest`,
    )
    .option('-o, --output <folder>', 'where to', 'faithfulness')
    .option(
      '--methods <spec...>',
      'methods or composites, perhaps with fields: lrp, epsilon-gamma-box,gamma=1, gradient,pooling=norm; ' +
        'lrp; gradient,pooling=norm; gradient-x-input and grad-cam unless given',
    )
    .addOption(
      new Option(
        '--metrics <name...>',
        'what is measured; pixel-flipping, insertion, complexity, completeness and randomisation unless given',
      ).choices([...metrics]),
    )
    .option('--target <what>', "class: predicted, an index, a label, 'A + B' or 'A vs B'", 'predicted')
    .option('--head <name>', 'the output that is explained; the first with classes unless given')
    .addOption(
      new Option('--measured <what>', 'of the target; its probability where the output has any').choices([
        'probability',
        'score',
      ]),
    )
    .option('--photos <n>', 'at most so many, spread evenly over the data', parseWhole(1))
    .option(
      '--region <pixels>',
      'side of the squares that go together; a 14th of the input unless given',
      parseWhole(1),
    )
    .option('--steps <n>', 'of the curves', parseWhole(1), 24)
    .option('--until <share>', 'of the regions that is gone at the last step', parseNumber(0.01, 1), 1)
    .addOption(
      new Option('--replacement <kind>', 'what stands where regions are taken away')
        .choices([...replacements])
        .default('mean'),
    )
    .option('--subsets <n>', 'random subsets of each size', parseWhole(3), 24)
    .option(
      '--copies <n>',
      'noisy copies of a photo, for robustness and smooth randomisation',
      parseWhole(1),
      8,
    )
    .option(
      '--all-samples',
      'of methods that draw, for each map of robustness and randomisation; a quarter of the default at most unless given',
    )
    .option('--stops <n>', 'layers at which randomisation stops', parseWhole(1), 5)
    .option('--masks <folder>', 'pictures named as the photos, white where the object is: for localisation')
    .option('--boxes <column...>', "the manifest's columns of the object's left, top, width and height")
    .option('--images <folder>', "the folder that a list's paths start from; its own unless given")
    .option('--batch <n>', 'changed photos per run', parseWhole(1), 16)
    .option('--seed <n>', 'of everything random', parseWhole(), 1)
    .option('--resamples <n>', 'of the bootstrap', parseWhole(100), 2000)
    .option('--no-charts', 'write no charts')
    .option('--skip-bad', 'go on without photos that are missing or cannot be read, and record them')
    .option('--restart', 'forget an unfinished or other analysis in the folder');
  return withExamples(withJson(withOverwrite(withParquet(withRunOptions(withShard(given)), 'values.csv'))), [
    ['is the heatmap faithful?', 'limn faithfulness net.onnx photos/*.jpg -o faithful'],
    [
      'which composite is?',
      'limn faithfulness net.onnx photos/*.jpg --methods epsilon-plus-flat epsilon-gamma-box,gamma=1 -o composites',
    ],
    [
      'with imputation in place of gray squares, on 50 faces of a set',
      'limn faithfulness gender.onnx faces/manifest.csv --photos 50 --metrics road -o road',
    ],
  ]).action(measure);
}

async function measure(
  model: string,
  given: readonly string[],
  { shard, overwrite, json = false, ...options }: Options,
): Promise<void> {
  const [{ faithfulness, faithfulnessShard }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/faithfulness/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  goesOnAgain();
  const result = await follow((watch) =>
    withOutputs({ overwrite }, async (outputs) => {
      const { photos: data, host } = withStdin(given, nodeHostWith(outputs));
      const request = { ...options, model, data };
      return shard
        ? await faithfulnessShard({ ...request, shard }, host, watch)
        : await faithfulness(request, host, watch);
    }),
  );
  const [file] = result.files;
  if (!('report' in result)) return printShard(result, json);
  if (json) printJson(result.report);
  else print(`${reportText(result.report)}\n${file}\n`);
}
