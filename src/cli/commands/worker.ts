import { readTextFile } from '../../common/file.node.ts';
import { type Outputs, withOutputs } from '../../common/outputs.node.ts';
import type { AnalysisVerb, UnitRequest, UnitVerb } from '../../plan/index.ts';
import type {
  AverageRequest,
  AverageShardRequest,
  ClassifyRequest,
  ClassifyShardRequest,
  CompareRequest,
  DataAdienceRequest,
  DataJoinRequest,
  DataListsRequest,
  DataLmdbRequest,
  DataMeanRequest,
  DataSampleRequest,
  DataSquareRequest,
  DrawRequest,
  EvaluateRequest,
  FacesRequest,
  FacesShardRequest,
  GridRequest,
  GridShardRequest,
  ImportCaffeRequest,
  MergeRequest,
  PlotRequest,
  RegionsRequest,
  RegionsShardRequest,
  ReportRequest,
  SaveExplanationsRequest,
  TrainRequest,
} from '../../verbs/index.ts';
import { type Command, command, withExamples } from '../command.ts';
import { print } from '../output.ts';
import {
  adienceAndPrint,
  databasesAndPrint,
  joinAndPrint,
  listsAndPrint,
  meanAndPrint,
  sampleAndPrint,
  squaresAndPrint,
} from '../print/data.ts';
import { evaluateAndPrint } from '../print/evaluation.ts';
import {
  averageAndPrint,
  drawAndPrint,
  explainAndPrint,
  gridAndPrint,
  regionsAndPrint,
} from '../print/heatmaps.ts';
import { mergeAndPrint } from '../print/merged.ts';
import { printImported } from '../print/network.ts';
import { classifyAndPrint, facesAndPrint } from '../print/photos.ts';
import { compareAndPrint, plotAndPrint, reportAndPrint } from '../print/reports.ts';
import { trainAndPrint } from '../print/training.ts';

export function workerCommand(): Command {
  const given = command('worker')
    .description(
      'Does one unit of a plan: what its unit.json says, which whoever runs the plan wrote into its folder. It is called in ' +
        'the folder of the plan; docs/reference/units.md has the contract.',
    )
    .argument('<unit>', 'the unit.json');
  return withExamples(given, [
    ['what limn run calls for a unit', 'limn worker units/age_net/fold-0/train-0123456789ab/unit.json'],
  ]).action(work);
}

/** How the verbs are done here: as by their commands, whose last words are the unit's. */
const verbs: Readonly<Record<UnitVerb, (request: UnitRequest, outputs: Outputs) => Promise<void>>> = {
  train: (request, outputs) => trainAndPrint(request as TrainRequest, outputs, { quiet: true }),
  async importFromCaffe(request, outputs) {
    const [{ importFromCaffe }, { nodeHostWith }] = await Promise.all([
      import('../../verbs/import/index.ts'),
      import('../../hosts/node.node.ts'),
    ]);
    printImported(await importFromCaffe(request as ImportCaffeRequest, nodeHostWith(outputs)), false);
  },
  evaluate: (request, outputs) => evaluateAndPrint(request as EvaluateRequest, outputs, {}),
  classify: (request, outputs) => classifyAndPrint(request as ClassifyRequest, outputs),
  classifyShard: (request, outputs) => classifyAndPrint(request as ClassifyShardRequest, outputs),
  faces: async (request, outputs) => void (await facesAndPrint(request as FacesRequest, outputs)),
  facesShard: async (request, outputs) => void (await facesAndPrint(request as FacesShardRequest, outputs)),
  faithfulness: analysis('faithfulness'),
  faithfulnessShard: analysis('faithfulnessShard'),
  clusters: analysis('clusters'),
  clustersShard: analysis('clustersShard'),
  concepts: analysis('concepts'),
  conceptsShard: analysis('conceptsShard'),
  merge: (request, outputs) => mergeAndPrint(request as MergeRequest, outputs),
  dataLists: (request, outputs) => listsAndPrint(request as DataListsRequest, outputs),
  dataSquare: (request, outputs) => squaresAndPrint(request as DataSquareRequest, outputs),
  dataLmdb: (request) => databasesAndPrint(request as DataLmdbRequest),
  dataMean: (request, outputs) => meanAndPrint(request as DataMeanRequest, outputs),
  dataJoin: (request, outputs) => joinAndPrint(request as DataJoinRequest, outputs),
  dataSample: (request, outputs) => sampleAndPrint(request as DataSampleRequest, outputs),
  dataAdience: (request, outputs) => adienceAndPrint(request as DataAdienceRequest, outputs),
  saveExplanations: (request, outputs) => explainAndPrint(request as SaveExplanationsRequest, outputs),
  average: (request, outputs) => averageAndPrint(request as AverageRequest, outputs),
  averageShard: (request, outputs) => averageAndPrint(request as AverageShardRequest, outputs),
  draw: (request, outputs) => drawAndPrint(request as DrawRequest, outputs),
  regions: (request, outputs) => regionsAndPrint(request as RegionsRequest, outputs),
  regionsShard: (request, outputs) => regionsAndPrint(request as RegionsShardRequest, outputs),
  grid: (request, outputs) => gridAndPrint(request as GridRequest, outputs),
  gridShard: (request, outputs) => gridAndPrint(request as GridShardRequest, outputs),
  compare: (request, outputs) =>
    compareAndPrint(request as CompareRequest & { readonly output: string }, outputs),
  plot: (request, outputs) => plotAndPrint(request as PlotRequest, outputs),
  report: (request, outputs) => reportAndPrint(request as ReportRequest, outputs),
};

type Analysing = Exclude<AnalysisVerb, 'classify' | 'explain'>;
type Analysis = Analysing | `${Analysing}Shard`;

/** Analyses of heatmaps write files; here only where is said. */
function analysis(verb: Analysis) {
  return async (request: UnitRequest, outputs: Outputs): Promise<void> => {
    const [all, { nodeHostWith }] = await Promise.all([
      import('../../verbs/index.ts'),
      import('../../hosts/node.node.ts'),
    ]);
    const { files } = await all[verb](request as never, nodeHostWith(outputs));
    print(`${files[0]}\n`);
  };
}

async function work(path: string): Promise<void> {
  const [{ readTask }, { checkedVerb }] = await Promise.all([
    import('../../plan/task.ts'),
    import('../../plan/verbs.ts'),
  ]);
  const task = readTask(await readTextFile(path, 'a unit of a plan'), path);
  const verb = checkedVerb(task);
  await withOutputs({}, (outputs) => verbs[verb](task.request, outputs));
}
