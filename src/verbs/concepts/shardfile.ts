import { analysisIdentity } from '../../common/analysed.ts';
import { fail } from '../../common/error.ts';
import { isShard, type Shard } from '../../common/shard.ts';
import { parseVersioned } from '../../common/versioned.ts';
import { type ConceptSurvey, type SurveyRecord, surveyRecord } from '../../concepts/index.ts';
import { ofShard, type ResultReader } from '../kept.ts';
import type { MadeConcepts } from './report.ts';
import type { ConceptsFields } from './request.ts';

const format = 'limn concepts shard 2';

/** What a shard's file holds. */
export interface ConceptsShardRecord {
  readonly format: typeof format;
  readonly shard: Shard;
  /** Of the whole. */
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
): string {
  const record: ConceptsShardRecord = { format, shard, identity, fields, survey: surveyRecord(survey) };
  return `${JSON.stringify(record)}\n`;
}

export const conceptShards: ResultReader<ConceptsShardRecord> = {
  what: 'a shard of concepts',
  holds: 'concepts',
  read(text, path) {
    const found = parseVersioned(text, path, {
      format,
      what: 'a shard of concepts',
      fix: 'do this shard again',
    });
    const { shard, survey } = found as Partial<ConceptsShardRecord>;
    if (!isShard(shard) || !Array.isArray(survey?.layers))
      fail(path, 'damaged: parts are missing', 'do this shard again');
    return found as ConceptsShardRecord;
  },
  identityOf: ({ identity, shard }) => ofShard(analysisIdentity(identity), shard),
};
