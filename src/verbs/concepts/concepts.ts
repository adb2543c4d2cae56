import { classifierOf, preprocessingOf } from '../../classifier/index.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { differences, type Identity } from '../../common/journal.ts';
import { field, words } from '../../common/words.ts';
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
import { openPhotoSet, type PhotoSet } from '../photoset.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { channelsTable, conceptReportOf, sheetNames } from './report.ts';
import { type ConceptsRequest, conceptsRequest } from './request.ts';
import type { ConceptsEvent, ConceptsResult } from './result.ts';
import { type ConceptsWork, explainedOf, methodFrom, placesOf } from './setting.ts';
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
  const at = (name: string) => files.join(output, name);
  const [record, table, surveyed] = [at(CONCEPTS_FILE), at(TABLE_FILE), at(SURVEY_FILE)];
  const method = methodFrom(fields);
  await files.makeFolder(output);
  files.resume([record, surveyed]);
  files.protect([fields.model, ...fields.explain]);
  const { model, bytes } = await files.readModel(fields.model);
  const classifier = classifierOf(model, { name: fields.model, head: fields.head });
  preprocessingOf(classifier);
  const target = explainedOf(classifier, fields);
  const layers = placesOf(classifier, fields);
  const photos = await openPhotoSet(fields, host, (failed) => watch.on?.({ kind: 'failed', failed }));
  const explained = await explainedPhotos(fields.explain, host);
  const work: ConceptsWork = { classifier, photos, fields, layers, method, target, host, watch };
  const described = describeWork(work, host.sha256().update(bytes).digest());
  const before = await reportAt(record, host);
  const done = before && differences(identityOfReport(before), identityOfReport(described)).length === 0;
  if (done && !restart && (fields.skipBad || before.data.skipped.length === 0))
    return { report: before, files: [record, table, surveyed] };
  await files.claim([record, table, surveyed, ...(fields.sheets ? [at(PAGE_FILE)] : [])]);
  if (restart) await files.remove(surveyed);
  const identity = surveyIdentity(described);
  const survey = await surveyAll(work, await begunSurvey(surveyed, identity, host), identity, (all) =>
    files.write(surveyed, surveyText(all)),
  );
  const shown = await showAll(work, survey, explained);
  const made = { identity: described, work, survey, shown };
  const names = sheetNames(made);
  const sheets = [...names.ofLayer.values(), ...names.ofPhoto.flatMap((each) => [...each.values()])];
  if (fields.sheets) await files.claim(sheets.map(at));
  const report = conceptReportOf(made);
  await files.write(table, channelsTable(made));
  const drawn = fields.sheets ? await writeSheets(made, report, output) : [];
  // Where the report is, all else is.
  await files.write(record, `${JSON.stringify(report, null, 1)}\n`);
  // Those of what was shown before would tell of another report.
  const current = new Set(sheetsIn(report));
  for (const name of before ? sheetsIn(before) : []) if (!current.has(name)) await files.remove(at(name));
  return { report, files: [record, table, surveyed, ...drawn] };
}

/** The photos that are explained, as a set. */
async function explainedPhotos(paths: readonly string[], host: Host): Promise<PhotoSet | undefined> {
  return paths.length === 0
    ? undefined
    : openPhotoSet({ data: paths, skipBad: false }, host, () => undefined);
}

/** What a report says of itself before anything is computed. */
type Described = Pick<ConceptReport, 'model' | 'data' | 'settings' | 'versions'>;

/** Settings that do not matter to what is found in the data, but to what of it is shown. */
const shownSettings: ReadonlySet<string> = new Set(['explain', 'channels', 'sheets']);

function describeWork({ classifier, photos, fields, layers, host }: ConceptsWork, sha256: string): Described {
  const { name, head, model } = classifier;
  const { composite, formula, epsilon, beta, gamma, upTo, lrn, sums, variant } = fields;
  const given = {
    layers: layers.map((layer) => layer.name).join(' '),
    target: fields.target,
    composite,
    formula,
    epsilon,
    beta,
    gamma,
    upTo,
    lrn,
    sums,
    variant,
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
    settings: Object.fromEntries(
      Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
    versions: host.versions,
  };
}

/** What must be equal for a report to be taken as done. */
const identityOfReport = ({ model, data, settings }: Described): Identity => ({
  model: model.sha256,
  data: data.sha256,
  head: model.head,
  ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
});

/** What must be equal for a survey to go on, or to serve. */
const surveyIdentity = (described: Described): Identity =>
  Object.fromEntries(Object.entries(identityOfReport(described)).filter(([key]) => !shownSettings.has(key)));

/** The report that the folder holds. */
async function reportAt(path: string, { files }: Host): Promise<ConceptReport | undefined> {
  if (!(await files.kindOf(path))) return undefined;
  return parseConcepts(await readText(files, path, 'a report on concepts'), path);
}

/** The files of a report's sheets. */
const sheetsIn = ({ layers, photos }: ConceptReport): string[] =>
  [...layers, ...photos.flatMap((photo) => photo.layers)].flatMap(({ sheet }) => sheet ?? []);

/** The survey that the folder holds, finished or not. Errors: it is another one's. */
async function begunSurvey(
  path: string,
  identity: Identity,
  { files }: Host,
): Promise<ConceptSurvey | undefined> {
  if (!(await files.kindOf(path))) return undefined;
  const found = parseSurvey(await readText(files, path, 'a survey of concepts'), path);
  const other = differences(found.identity, identity);
  if (other.length === 0) return found;
  return fail(
    path,
    ['holds a survey with another ', ...other],
    words`give another ${field('output')}, or replace it with ${field('restart')}`,
  );
}
