import { analysisIdentity } from '../../common/analysed.ts';
import { fail } from '../../common/error.ts';
import { differences } from '../../common/journal.ts';
import { mergeSurvey, surveyOf, surveyText } from '../../concepts/index.ts';
import { conceptFiles, openConcepts, surveyIdentity, writeConcepts } from '../concepts/concepts.ts';
import { type ConceptsEvent, type ConceptsResult, conceptsRequest } from '../concepts/index.ts';
import { conceptShards } from '../concepts/shardfile.ts';
import type { Host } from '../host.ts';
import { parquetPaths } from '../parquet.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import type { MergeFields } from './request.ts';
import { readShards } from './shards.ts';

/**
 * Puts surveys of shards together and looks at the channels that carried most. What is written is the whole analysis's, but
 * for the last bits of means, whose sums are added in another order. The model and the photos must be where the shards
 * found them.
 */
export async function mergeConcepts(
  { shards: folders, output, parquet }: MergeFields,
  host: Host,
  watch: Watch<ConceptsEvent>,
): Promise<ConceptsResult> {
  const { files } = host;
  const parts = await readShards(folders, conceptShards, host);
  const [{ record, identity, folder }] = parts;
  const fields = checkRequest(conceptsRequest, {
    ...record.fields,
    parquet: parquet || record.fields.parquet,
    output,
  });
  const { work, described } = await openConcepts(fields, host, watch);
  const other = differences(identity, analysisIdentity(described));
  if (other.length > 0)
    fail(folder, ['made with another ', ...other, ' than is there now'], 'make the shards anew');
  const surveys = parts.map((part) => surveyOf(part.record.survey));
  const survey = {
    ...surveys[0],
    identity: surveyIdentity(described),
    next: work.photos.names.length,
    unread: surveys.flatMap(({ unread }) => unread),
  };
  if (survey.unread.length === survey.next) fail(work.photos.source, 'no photo can be read');
  for (const { layers } of surveys.slice(1))
    survey.layers.forEach((layer, i) => {
      mergeSurvey(layer, layers[i], fields.references);
    });
  await files.makeFolder(output);
  const written = conceptFiles(output, host);
  await files.claim([...written, ...parquetPaths(written[1], fields)]);
  await files.write(written[2], surveyText(survey));
  return writeConcepts({ identity: described, work, survey });
}
