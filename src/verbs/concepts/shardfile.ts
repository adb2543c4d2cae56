import type { Shard } from '../../common/shard.ts';
import { type ConceptSurvey, type SurveyRecord, surveyRecord } from '../../concepts/index.ts';
import type { Host } from '../host.ts';
import { type ShardFile, shardReader, shardText } from '../shardfile.ts';
import type { MadeConcepts } from './report.ts';
import type { ConceptsFields } from './request.ts';

const format = 'limn concepts shard 2';

/** What a shard's file holds. */
export interface ConceptsShardRecord extends ShardFile {
  readonly format: typeof format;
  readonly identity: MadeConcepts['identity'];
  /** What was asked, but for where to write. */
  readonly fields: Omit<ConceptsFields, 'output' | 'restart'>;
  readonly survey: SurveyRecord;
}

export function conceptsShardText(
  shard: Shard,
  identity: MadeConcepts['identity'],
  { output: _, restart: __, ...fields }: ConceptsFields,
  survey: ConceptSurvey,
  host: Host,
): string {
  const record: ConceptsShardRecord = { format, shard, identity, fields, survey: surveyRecord(survey) };
  return shardText(JSON.stringify(record), host);
}

export const conceptShards = shardReader<ConceptsShardRecord>({ format, of: 'concepts' }, ({ survey }) =>
  Array.isArray(survey?.layers),
);
