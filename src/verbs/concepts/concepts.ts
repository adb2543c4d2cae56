import { classifierOf, preprocessingOf } from '../../classifier/index.ts';
import { analysisIdentity, givenSettings } from '../../common/analysed.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { differences, type Identity } from '../../common/journal.ts';
import { SHARD_FILE, type Shard, shardRange } from '../../common/shard.ts';
import {
  CONCEPTS_FILE,
  type ConceptReport,
  type ConceptSurvey,
  parseConcepts,
  parseSurvey,
  SURVEY_FILE,
  surveyText,
} from '../../concepts/index.ts';
import type { Host } from '../host.ts';
import { keptResult, ofShard, type ResultReader } from '../kept.ts';
import { fileHash } from '../model.ts';
import { parquetPaths, tableColumns, writeParquet } from '../parquet.ts';
import { openPhotoSet, type PhotoSet } from '../photoset.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { channelsTable, conceptReportOf, type MadeConcepts, sheetNames } from './report.ts';
import {
  type ConceptsFields,
  type ConceptsRequest,
  type ConceptsShardRequest,
  conceptsRequest,
  conceptsShardRequest,
} from './request.ts';
import type { ConceptsEvent, ConceptsResult, ConceptsShard } from './result.ts';
import { type ConceptsWork, explainedOf, methodFrom, placesOf } from './setting.ts';
import { conceptShards, conceptsShardText } from './shardfile.ts';
import { PAGE_FILE, writeSheets } from './sheets.ts';
import { showAll } from './shown.ts';
import { surveyAll } from './survey.ts';

const TABLE_FILE = 'channels.csv';

/**
 * Says which channels of a network carry its decisions, and by which photos one may tell what they stand for (Achtibat et
 * al. 2023): one pass over the data finds for every channel its share of the relevance and its reference photos; those
 * that carried most are then looked at, restricted to themselves. Writes `concepts.json`, the means of all channels as
 * `channels.csv`, the survey of the data as `references.json`, and sheets with a page. What was interrupted goes on where
 * it stopped when the request is repeated; a finished survey serves other photos and numbers of channels, too. Errors:
 * the request's, the model's, the data's; photos that cannot be read, unless they are to be skipped.
 */
export async function concepts(
  request: ConceptsRequest,
  host: Host,
  watch: Watch<ConceptsEvent> = {},
): Promise<ConceptsResult> {
  const fields = checkRequest(conceptsRequest, request, watch.signal);
  const { files } = host;
  const { output, restart } = fields;
  const [record, table, surveyed] = conceptFiles(output, host);
  await files.makeFolder(output);
  files.resume([record, surveyed]);
  const { work, described } = await openConcepts(fields, host, watch);
  const before = await reportAt(record, host);
  await files.claim(parquetPaths(table, fields));
  const done = before && differences(analysisIdentity(before), analysisIdentity(described)).length === 0;
  if (done && !restart && (fields.skipBad || before.data.skipped.length === 0))
    return {
      report: before,
      files: [record, table, surveyed, ...(await writeParquet(table, tableColumns.channels, fields, host))],
    };
  await files.claim([record, table, surveyed, ...(fields.sheets ? [files.join(output, PAGE_FILE)] : [])]);
  if (restart) await files.remove(surveyed);
  const identity = surveyIdentity(described);
  const survey = await surveyAll(work, await keptResult(surveyed, identity, surveys, host), identity, (all) =>
    files.write(surveyed, surveyText(all)),
  );
  return writeConcepts({ identity: described, work, survey }, before);
}

/**
 * Surveys a part of the photos for {@link concepts} with the same request. Writes `shard.json`, which `merge` takes: it
 * puts the surveys together and looks at the channels. Errors: as there; fewer photos than shards.
 */
export async function conceptsShard(
  request: ConceptsShardRequest,
  host: Host,
  watch: Watch<ConceptsEvent> = {},
): Promise<ConceptsShard> {
  const { shard, ...fields } = checkRequest(conceptsShardRequest, request, watch.signal);
  const { files } = host;
  const { output, restart } = fields;
  const [record, surveyed] = [SHARD_FILE, SURVEY_FILE].map((name) => files.join(output, name));
  await files.makeFolder(output);
  files.resume([record, surveyed]);
  const { work, described } = await openConcepts(fields, host, watch, shard);
  const { from, to } = shardRange(work.photos.names.length, shard, work.photos.source);
  const result = { shard, photos: to - from, files: [record] };
  const whole = ofShard(analysisIdentity(described), shard);
  if (!restart && (await keptResult(record, whole, conceptShards, host))) return result;
  await files.claim([record, surveyed]);
  if (restart) await files.remove(surveyed);
  const identity = ofShard(surveyIdentity(described), shard);
  const survey = await surveyAll(work, await keptResult(surveyed, identity, surveys, host), identity, (all) =>
    files.write(surveyed, surveyText(all)),
  );
  await files.write(record, conceptsShardText(shard, described, fields, survey, host));
  await files.remove(surveyed);
  return result;
}

/** The paths of the report, the table and the survey. */
export const conceptFiles = (output: string, { files }: Host) =>
  [CONCEPTS_FILE, TABLE_FILE, SURVEY_FILE].map((name) => files.join(output, name));

/** An analysis that can begin. */
export interface OpenedConcepts {
  readonly work: ConceptsWork;
  readonly described: MadeConcepts['identity'];
}

/** Opens the model and the photos of an analysis. Errors: theirs. */
export async function openConcepts(
  fields: ConceptsFields,
  host: Host,
  watch: Watch<ConceptsEvent>,
  shard?: Shard,
): Promise<OpenedConcepts> {
  const { files } = host;
  const method = methodFrom(fields);
  files.protect([fields.model, ...fields.explain]);
  const loaded = await files.readModel(fields.model);
  const { model } = loaded;
  const classifier = classifierOf(model, { name: fields.model, head: fields.head });
  preprocessingOf(classifier);
  const target = explainedOf(classifier, fields);
  const layers = placesOf(classifier, fields);
  const photos = await openPhotoSet(fields, host, (failed) => watch.on?.({ kind: 'failed', failed }));
  const explained = await explainedPhotos(fields.explain, host);
  const work: ConceptsWork = {
    ...{ classifier, photos, explained, fields, shard, layers, method, target, host, watch },
  };
  return { work, described: describeWork(work, await fileHash(loaded, host)) };
}

/** Looks at the channels of a survey that is finished, and writes what they are; `before` is a report that gives way. */
export async function writeConcepts(
  analysed: Omit<MadeConcepts, 'shown'>,
  before?: ConceptReport,
): Promise<ConceptsResult> {
  const { work, survey } = analysed;
  const { host, fields } = work;
  const { files } = host;
  const at = (name: string) => files.join(fields.output, name);
  const [record, table, surveyed] = conceptFiles(fields.output, host);
  const made: MadeConcepts = { ...analysed, shown: await showAll(work, survey, work.explained) };
  const names = sheetNames(made);
  const sheets = [...names.ofLayer.values(), ...names.ofPhoto.flatMap((each) => [...each.values()])];
  const graphs = [names.graph, ...names.graphOfPhoto].filter((name) => name !== undefined);
  if (fields.sheets) await files.claim([...sheets, ...graphs].map(at));
  const report = conceptReportOf(made);
  await files.write(table, channelsTable(made));
  const columns = await writeParquet(table, tableColumns.channels, fields, host);
  const drawn = fields.sheets ? await writeSheets(made, report, fields.output) : [];
  // Where the report is, all else is.
  await files.write(record, `${JSON.stringify(report, null, 1)}\n`);
  // Those of what was shown before would tell of another report.
  const current = new Set(sheetsIn(report));
  for (const name of before ? sheetsIn(before) : []) if (!current.has(name)) await files.remove(at(name));
  return { report, files: [record, table, surveyed, ...columns, ...drawn] };
}

/** The photos that are explained, as a set. */
async function explainedPhotos(paths: readonly string[], host: Host): Promise<PhotoSet | undefined> {
  if (paths.length === 0) return undefined;
  const photos = await openPhotoSet({ data: paths, skipBad: false }, host, () => undefined);
  // They are read when the survey is done, which may take hours.
  for (const name of photos.names.filter((each) => paths.includes(each)))
    if (!(await host.files.kindOf(name))) fail(name, 'no such file', 'check the path');
  return photos;
}

/** Settings that do not matter to what is found in the data, but to what of it is shown. */
const shownSettings: ReadonlySet<string> = new Set(['explain', 'channels', 'sheets']);

function describeWork(
  { classifier, photos, fields, layers, host }: ConceptsWork,
  sha256: string,
): MadeConcepts['identity'] {
  const { name, head, model } = classifier;
  const { method: _, injectAuxiliary: __, composite: ___, ...propagation } = methodFrom(fields);
  const given = {
    layers: layers.map((layer) => layer.name).join(' '),
    target: fields.target,
    composite: fields.composite,
    ...propagation,
    references: fields.references,
    channels: fields.channels,
    explain: fields.explain.join(' ') || undefined,
    sheets: fields.sheets ? undefined : 'none',
  };
  return {
    model: { file: host.files.basename(name), sha256, network: model.graph.name, head: head.name },
    data: {
      source: photos.source,
      sha256: host.sha256().update(JSON.stringify(photos.names)).digest(),
      photos: photos.names.length,
      skipped: [],
    },
    settings: givenSettings<string | number>(given),
    versions: host.versions,
  };
}

/** What must be equal for a survey to go on, or to serve. */
export const surveyIdentity = (described: MadeConcepts['identity']): Identity =>
  Object.fromEntries(Object.entries(analysisIdentity(described)).filter(([key]) => !shownSettings.has(key)));

/** The report that the folder holds. */
async function reportAt(path: string, { files }: Host): Promise<ConceptReport | undefined> {
  if (!(await files.kindOf(path))) return undefined;
  return parseConcepts(await readText(files, path, 'a report on concepts'), path);
}

/** The files of what a report has drawn. */
const sheetsIn = ({ layers, photos, graph }: ConceptReport): string[] => [
  ...[...layers, ...photos.flatMap((photo) => photo.layers)].flatMap(({ sheet }) => sheet ?? []),
  ...[graph, ...photos.map((photo) => photo.graph)].filter((name) => name !== undefined),
];

const surveys: ResultReader<ConceptSurvey> = {
  what: 'a survey of concepts',
  holds: 'a survey',
  read: parseSurvey,
  identityOf: ({ identity }) => identity,
};
