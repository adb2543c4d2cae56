import type { Cluster, ClusterReport } from '../../clusters/index.ts';
import {
  affinityWeights,
  clusterMethods,
  clusterViews,
  featureKinds,
  partedBy,
  rowNorms,
} from '../../clusters/options.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import { replacements } from '../../faithfulness/replacement.ts';
import type { ClustersEvent, ClustersRequest, HideRequest } from '../../verbs/clusters/index.ts';
import {
  type Command,
  command,
  Option,
  parseNumber,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
  withRunOptions,
} from '../command.ts';
import { complain } from '../errors.ts';
import { print, printJson } from '../output.ts';
import { EventProgress } from '../progress.ts';
import { table } from '../table.ts';

type Options = Omit<ClustersRequest, 'model' | 'data' | 'heatmaps' | 'signed'> & {
  readonly absolute?: boolean;
  readonly hide?: string;
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
      new Option('--views <name...>', 'in what else photos are shown; both unless given').choices([
        ...clusterViews,
      ]),
    )
    .option('--exemplars <n>', 'photos that are shown of each cluster', parseWhole(1), 10)
    .option('--images <folder>', "the folder that a list's paths start from; its own unless given")
    .option('--batch <n>', 'photos per run', parseWhole(1), 16)
    .option('--seed <n>', 'of everything random', parseWhole(), 1)
    .option('--resamples <n>', 'of the bootstrap', parseWhole(100), 2000)
    .option(
      '--hide <what>',
      'instead, ask the model again with a region hidden: cluster:N of the clusters in the folder, or a picture that is white there',
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
  return withExamples(withJson(withOverwrite(withRunOptions(given))), [
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
  { overwrite, json = false, absolute = false, hide, share, replacement, save, ...options }: Options,
): Promise<void> {
  const [{ clusters, hideRegion }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/clusters/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const progress = new EventProgress();
  const on = (event: ClustersEvent) => {
    if (event.kind === 'progress') return progress.on(event);
    progress.clear();
    complain(event.kind === 'note' ? event.text : event.failed.error);
  };
  const what = /\.onnx$/i.test(first) ? { model: first, data } : { heatmaps: [first, ...data] };
  const { head, truthColumn, images, photos, seed, resamples, batch, skipBad, provider, threads } = options;
  const asked = { head, truthColumn, images, photos, seed, resamples, batch, skipBad, provider, threads };
  const { output } = options;
  const { report, files } = await withOutputs({ overwrite }, async (outputs) => {
    const host = nodeHostWith(outputs);
    return hide === undefined
      ? clusters({ ...options, ...what, signed: !absolute }, host, { on })
      : hideRegion({ ...asked, model: first, data, output, hide, share, replacement, save }, host, { on });
  }).finally(() => progress.clear());
  if (json) return printJson(report);
  const text = 'clusters' in report ? reportText(report) : sentencesText(report);
  print(`${text}\n${files[0]}\n${files[1]}\n`);
}

/** What follows, and what does not. */
function sentencesText({ findings, limits }: Pick<ClusterReport, 'findings' | 'limits'>): string {
  const said = (title: string, texts: readonly string[]) =>
    texts.length > 0 ? `\n${title}\n${texts.map((text) => `  ${text}`).join('\n')}\n` : '';
  return `${said('What this shows', findings)}${said('What it does not show', limits)}`;
}

/** A line for each cluster, then what follows and what does not. */
function reportText(report: ClusterReport): string {
  const { clusters } = report;
  const has = (of: (cluster: Cluster) => unknown) => clusters.some((cluster) => of(cluster) !== undefined);
  const percent = (value: number | undefined) => (value === undefined ? '' : `${(100 * value).toFixed(1)} %`);
  const columns = [
    { title: 'cluster' },
    { title: 'class' },
    { title: 'photos', align: 'right' as const },
    { title: 'unlike the rest', align: 'right' as const },
    ...(has(({ accuracy }) => accuracy) ? [{ title: 'accuracy', align: 'right' as const }] : []),
    ...(has(({ confidence }) => confidence) ? [{ title: 'confidence', align: 'right' as const }] : []),
    ...(has(({ concentration }) => concentration) ? [{ title: 'half of its relevance in' }] : []),
  ];
  const rows = clusters.map(
    ({ number, class: name, photos, separability, accuracy, confidence, concentration }) => [
      String(number),
      name,
      String(photos),
      separability === undefined ? '' : separability.toFixed(2),
      ...(has((each) => each.accuracy) ? [percent(accuracy?.value)] : []),
      ...(has((each) => each.confidence) ? [percent(confidence?.mean)] : []),
      ...(has((each) => each.concentration)
        ? [concentration ? `${percent(concentration.area)}, ${concentration.place}` : '']
        : []),
    ],
  );
  const rest = sentencesText(report);
  return clusters.length > 0 ? `${table(columns, rows)}${rest}` : rest;
}
