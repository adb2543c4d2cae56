import { camelCase } from '../common/words.ts';
import {
  type AnalysisVerb,
  analysisFields,
  faceSearchOptions,
  type OptionKind,
  regionsOptions,
} from './analysisoptions.ts';
import { inShards, type ShardedDrafts } from './sharded.node.ts';
import type { Stage } from './spec.ts';
import { type CaseOf, reads, type StageValues, stageValues } from './stage.node.ts';
import { fixedPath, inFolder, type PlannedPath } from './value.ts';
import type { UnitVerb } from './verbs.ts';

/** How a verb is asked for all photos and for a shard, and what the shard writes. */
interface AnalysisUnits {
  readonly verb: UnitVerb;
  readonly shardVerb: UnitVerb;
  readonly shardFiles: readonly string[];
  /** The field that photos are given in. */
  readonly photos: 'data' | 'photos';
  /** Where it writes, if not into the folder `result`, and the file that is there once it is done. */
  readonly output?: string;
  readonly file: string;
}

const units: Readonly<Record<AnalysisVerb, AnalysisUnits>> = {
  classify: {
    verb: 'classify',
    shardVerb: 'classifyShard',
    shardFiles: ['shard.json'],
    photos: 'photos',
    output: 'answers.json',
    file: 'answers.json',
  },
  explain: {
    verb: 'saveExplanations',
    shardVerb: 'saveExplanations',
    shardFiles: ['shard.json'],
    photos: 'photos',
    file: 'result/explain.json',
  },
  faithfulness: {
    verb: 'faithfulness',
    shardVerb: 'faithfulnessShard',
    shardFiles: ['shard.json'],
    photos: 'data',
    file: 'result/faithfulness.json',
  },
  clusters: {
    verb: 'clusters',
    shardVerb: 'clustersShard',
    shardFiles: ['shard.json', 'rows.npy'],
    photos: 'data',
    file: 'result/clusters.json',
  },
  concepts: {
    verb: 'concepts',
    shardVerb: 'conceptsShard',
    shardFiles: ['shard.json'],
    photos: 'data',
    file: 'result/concepts.json',
  },
};

/** Draws heatmaps or an analysis of the heatmaps of a case's model up, in one piece or in shards. */
export async function draftAnalysis(
  verb: AnalysisVerb,
  name: string,
  stage: Stage,
  given: CaseOf,
  model: PlannedPath,
): Promise<ShardedDrafts> {
  const { files } = given;
  const of = units[verb];
  const values = stageValues(stage, given);
  const data = await reads(files, values.required('data'));
  const images = values.text('images');
  const whole = {
    kind: verb,
    label: `${verb}-${name}`,
    verb: of.verb,
    request: {
      model,
      [of.photos]: [data.path],
      images: images === undefined ? undefined : fixedPath(files.planned(images), images),
      ...fieldsOf(analysisFields[verb], values),
      output: inFolder(of.output ?? 'result'),
    },
    inputs: [data.input, ...(images === undefined ? [] : [{ path: files.planned(images) }])],
    outputs: [of.file],
  };
  return inShards(whole, stage, given, { verb: of.shardVerb, outputs: of.shardFiles });
}

/** What a stage says of a verb's options, as fields of its request. */
const fieldsOf = (
  options: Readonly<Record<string, OptionKind>>,
  values: StageValues,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(options).map(([option, kind]) => [camelCase(option), values[kind](option)] as const),
  );

/** Draws a search for faces up, in one piece or in shards: it needs no network. */
export async function draftFaces(name: string, stage: Stage, given: CaseOf): Promise<ShardedDrafts> {
  const { files } = given;
  const values = stageValues(stage, given);
  const data = await reads(files, values.required('data'));
  const model = values.text('for');
  const cutFor = model === undefined ? undefined : await reads(files, model);
  const whole = {
    kind: 'faces',
    label: `faces-${name}`,
    verb: 'faces',
    request: {
      photos: [data.path],
      which: values.flag('largest') && 'largest',
      for: cutFor?.path,
      ...fieldsOf(faceSearchOptions, values),
      output: inFolder('result'),
    },
    inputs: [data.input, ...(cutFor ? [cutFor.input] : [])],
    outputs: ['result/faces.csv', 'result/faces.txt'],
  };
  return inShards(whole, stage, given, { verb: 'facesShard', outputs: ['shard.json'] });
}

/** The heatmaps of a case's network. */
export interface ExplainedCase {
  readonly given: CaseOf;
  readonly folder: PlannedPath;
}

/** Draws up what measures where all networks look, in one piece or in shards; folds and seeds of a definition are one model. */
export function draftRegions(
  name: string,
  stage: Stage,
  given: CaseOf,
  explained: readonly ExplainedCase[],
): ShardedDrafts {
  const places = explained.map((each) =>
    Object.fromEntries(stageValues(stage, each.given).pairs('place') ?? []),
  );
  const whole = {
    kind: 'regions',
    label: `regions-${name}`,
    verb: 'regions',
    request: {
      explanations: explained.map(({ folder }) => folder),
      names: explained.map(({ given: { each } }) => each.definition),
      places: stage.pairs.has('place') ? places : undefined,
      ...fieldsOf(regionsOptions, stageValues(stage, given)),
      output: inFolder('result'),
    },
    inputs: [],
    outputs: ['result/regions.json', 'result/regions.csv'],
  };
  return inShards(whole, stage, given, { verb: 'regionsShard', outputs: ['shard.json', 'sums.npy'] });
}
