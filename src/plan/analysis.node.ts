import { camelCase } from '../common/words.ts';
import { type AnalysisVerb, analysisFields } from './analysisoptions.ts';
import { inShards, type ShardedDrafts } from './sharded.node.ts';
import type { Stage } from './spec.ts';
import { type CaseOf, reads, stageValues } from './stage.node.ts';
import { fixedPath, inFolder, type PlannedPath } from './value.ts';
import type { UnitVerb } from './verbs.ts';

/** How a verb is asked for all photos and for a shard, and what the shard writes. */
interface AnalysisUnits {
  readonly verb: UnitVerb;
  readonly shardVerb: UnitVerb;
  readonly shardFiles: readonly string[];
  /** The field that photos are given in. */
  readonly photos: 'data' | 'photos';
}

const units: Readonly<Record<AnalysisVerb, AnalysisUnits>> = {
  explain: {
    verb: 'saveExplanations',
    shardVerb: 'saveExplanations',
    shardFiles: ['shard.json'],
    photos: 'photos',
  },
  faithfulness: {
    verb: 'faithfulness',
    shardVerb: 'faithfulnessShard',
    shardFiles: ['shard.json'],
    photos: 'data',
  },
  clusters: {
    verb: 'clusters',
    shardVerb: 'clustersShard',
    shardFiles: ['shard.json', 'rows.npy'],
    photos: 'data',
  },
  concepts: { verb: 'concepts', shardVerb: 'conceptsShard', shardFiles: ['shard.json'], photos: 'data' },
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
  const fields = Object.entries(analysisFields[verb]).map(([option, kind]) => [
    camelCase(option),
    values[kind](option),
  ]);
  const whole = {
    kind: verb,
    label: `${verb}-${name}`,
    verb: of.verb,
    request: {
      model,
      [of.photos]: [data.path],
      images: images === undefined ? undefined : fixedPath(files.planned(images), images),
      ...Object.fromEntries(fields),
      output: inFolder('result'),
    },
    inputs: [data.input, ...(images === undefined ? [] : [{ path: files.planned(images) }])],
    outputs: [`result/${verb}.json`],
  };
  return inShards(whole, stage, given, { verb: of.shardVerb, outputs: of.shardFiles });
}
