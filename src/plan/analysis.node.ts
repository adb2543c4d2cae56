import { camelCase } from '../common/words.ts';
import { type AnalysisVerb, analysisFields } from './analysisoptions.ts';
import { inShards, type ShardedDrafts } from './sharded.node.ts';
import type { Stage } from './spec.ts';
import { type CaseOf, reads, stageValues } from './stage.node.ts';
import { fixedPath, inFolder, type PlannedPath } from './value.ts';

/** What a shard of each verb writes. */
const shardFiles: Readonly<Record<AnalysisVerb, readonly string[]>> = {
  faithfulness: ['shard.json'],
  clusters: ['shard.json', 'rows.npy'],
  concepts: ['shard.json'],
};

/** Draws an analysis of the heatmaps of a case's model up, in one piece or in shards. */
export async function draftAnalysis(
  verb: AnalysisVerb,
  name: string,
  stage: Stage,
  given: CaseOf,
  model: PlannedPath,
): Promise<ShardedDrafts> {
  const { files } = given;
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
    verb,
    request: {
      model,
      data: [data.path],
      images: images === undefined ? undefined : fixedPath(files.planned(images), images),
      ...Object.fromEntries(fields),
      output: inFolder('result'),
    },
    inputs: [data.input, ...(images === undefined ? [] : [{ path: files.planned(images) }])],
    outputs: [`result/${verb}.json`],
  };
  return inShards(whole, stage, given, { verb: `${verb}Shard`, outputs: shardFiles[verb] });
}
