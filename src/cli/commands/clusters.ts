import {
  affinityWeights,
  clusterMethods,
  clusterViews,
  featureKinds,
  hiddenRegions,
  partedBy,
  rowNorms,
} from '../../clusters/options.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import type { Shard } from '../../common/shard.ts';
import { replacements } from '../../faithfulness/replacement.ts';
import { COLORMAPS } from '../../image/maps/colormap.ts';
import type { ClustersRequest, HideRequest } from '../../verbs/clusters/index.ts';
import {
  type Command,
  command,
  Option,
  parseNumber,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
  withParquet,
  withRunOptions,
  withShard,
} from '../command.ts';
import { follow, goesOnAgain } from '../follow.ts';
import { print, printJson } from '../output.ts';
import { clustersText, sentencesText } from '../print/clusters.ts';
import { printShard } from '../print/shard.ts';

type Options = Omit<ClustersRequest, 'model' | 'data' | 'heatmaps' | 'signed'> & {
  readonly absolute?: boolean;
  readonly shard?: Shard;
  readonly hide?: string;
  readonly region: HideRequest['region'];
  readonly share: number;
  readonly replacement: HideRequest['replacement'];
  readonly save?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
};

export function clustersCommand(): Command {
  const given = command('clusters')
    .description(
      'Finds what heatmaps have in common (spectral relevance analysis): photos on which the network looks at alike places ' +
        'are a cluster, a way of deciding. What a cluster has more of than the rest of its class (groups, wrong answers) is ' +
        'told with tests: a mark that a network cheats by stands out as a cluster of its own. An interrupted call goes on ' +
        'where it stopped when it is repeated.',
    )
    .argument(
      '<model-or-heatmaps>',
      'an .onnx model; or a folder that explain wrote, or .npy files of relevance',
    )
    .argument(
      '[data...]',
      'with a model: photos; or one set of them: a folder, an image list, an LMDB database, a .csv manifest',
    )
    .option('-o, --output <folder>', 'where to', 'clusters')
    .option(
      '--method <spec>',
      'method or composite that explains, perhaps with fields: epsilon-gamma-box,gamma=1',
      'lrp',
    )
    .option('--target <what>', "class: predicted, an index, a label, 'A + B' or 'A vs B'", 'predicted')
    .option('--head <name>', 'the output that is explained; the first with classes unless given')
    .option('--layer <name>', "compare relevance at this layer's output; at the network's input unless given")
    .addOption(
      new Option('--features <what>', 'map: channels summed; channels: places summed; all: every channel')
        .choices([...featureKinds])
        .default('map'),
    )
    .option('--side <cells>', 'the longer side of maps; larger ones are reduced to it', parseWhole(1), 10)
    .addOption(new Option('--norm <length>', 'that every map is given').choices([...rowNorms]).default('l2'))
    .option('--absolute', 'relevance against the class counts as that for it')
    .addOption(
      new Option('--by <what>', 'photos of which class are compared with each other')
        .choices([...partedBy])
        .default('explained'),
    )
    .option(
      '--truth-column <name>',
      'of true classes, or none; the one named as the output, label or class unless given',
    )
    .option('--photos <n>', 'at most so many, spread evenly over the data', parseWhole(1))
    .option('--neighbours <n>', 'that each heatmap is joined with', parseWhole(1), 10)
    .addOption(
      new Option(
        '--weights <kind>',
        'of neighbours: local, as their surroundings are dense; equal, all alike',
      )
        .choices([...affinityWeights])
        .default('local'),
    )
    .addOption(
      new Option('--clustering <how>', 'clusters are found in the embedding')
        .choices([...clusterMethods])
        .default('kmeans'),
    )
    .option('--clusters <n>', 'of each class; as many as the eigengap says unless given', parseWhole(2))
    .option('--most <n>', 'clusters that the eigengap may say', parseWhole(2), 12)
    .option('--radius <distance>', 'of neighbours, for dbscan', parseNumber(0))
    .addOption(
      new Option('--views <name...>', 'in what else photos are shown; pca and umap unless given').choices([
        ...clusterViews,
      ]),
    )
    .option('--exemplars <n>', 'photos that are shown of each cluster', parseWhole(1), 8)
    .addOption(
      new Option('--colors <name>', 'colour map').choices([...COLORMAPS.keys()]).default('black-firered'),
    )
    .option('--images <folder>', "the folder that a list's paths start from; its own unless given")
    .option('--batch <n>', 'photos per run', parseWhole(1), 16)
    .option('--seed <n>', 'of everything random', parseWhole(), 1)
    .option('--resamples <n>', 'of the bootstrap', parseWhole(100), 2000)
    .option(
      '--hide <what>',
      'instead, ask the model again with a region hidden: cluster:N of the clusters in the folder, or a picture that is white there',
    )
    .addOption(
      new Option(
        '--region <by>',
        'what of a cluster is hidden: where its relevance is strong; or all that its pictures have in common there, and the rest of their class has not',
      )
        .choices([...hiddenRegions])
        .default('relevance'),
    )
    .option('--share <of-relevance>', 'that the hidden region of a cluster holds', parseNumber(0.01, 1), 0.5)
    .addOption(
      new Option('--replacement <kind>', 'what stands where photos are hidden')
        .choices([...replacements])
        .default('mean'),
    )
    .option('--save <folder>', 'write the photos with the region hidden, and lists of them to train on')
    .option('--skip-bad', 'go on without photos that are missing or cannot be read, and record them')
    .option('--restart', 'forget an unfinished or other result in the folder');
  return withExamples(withJson(withOverwrite(withParquet(withRunOptions(withShard(given)), 'photos.csv'))), [
    ['how does the network decide?', 'limn clusters net.onnx photos/ -o clusters'],
    [
      'which groups does it decide otherwise for?',
      'limn clusters gender.onnx faces/manifest.csv --truth-column gender -o clusters',
    ],
    [
      'do the answers hang on where cluster 3 looks?',
      'limn clusters net.onnx photos/ -o clusters --hide cluster:3',
    ],
    ['of heatmaps that are there', 'limn clusters explained/ -o clusters'],
  ]).action(find);
}

async function find(
  first: string,
  data: readonly string[],
  {
    shard,
    overwrite,
    json = false,
    absolute = false,
    hide,
    region,
    share,
    replacement,
    save,
    ...options
  }: Options,
): Promise<void> {
  const [{ clusters, clustersShard, hideRegion }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/clusters/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const what = /\.onnx$/i.test(first) ? { model: first, data } : { heatmaps: [first, ...data] };
  const { head, truthColumn, images, photos, seed, resamples, batch, skipBad, provider, threads } = options;
  const asked = { head, truthColumn, images, photos, seed, resamples, batch, skipBad, provider, threads };
  const { output } = options;
  // A hidden region is asked about anew.
  if (hide === undefined) goesOnAgain();
  const result = await follow((watch) =>
    withOutputs({ overwrite }, async (outputs) => {
      const host = nodeHostWith(outputs);
      if (hide !== undefined) {
        const hidden = { ...asked, model: first, data, output, hide, region, share, replacement, save };
        return hideRegion(hidden, host, watch);
      }
      const request = { ...options, ...what, signed: !absolute };
      return shard ? clustersShard({ ...request, shard }, host, watch) : clusters(request, host, watch);
    }),
  );
  if ('shard' in result) return printShard(result, json);
  const { report, files } = result;
  if (json) return printJson(report);
  const text = 'clusters' in report ? clustersText(report) : sentencesText(report);
  print(`${text}\n${files[0]}\n${files[1]}\n`);
}
