import { type Classifier, classifierOf, preprocessingOf } from '../../classifier/index.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { differences, type Identity, openJournal } from '../../common/journal.ts';
import { field, words } from '../../common/words.ts';
import {
  FAITHFULNESS_FILE,
  type FaithfulnessReport,
  parseFaithfulness,
  type StudyOptions,
  squares,
  usualSide,
} from '../../faithfulness/index.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import { faithfulnessCharts } from '../../report/charts/index.ts';
import { writeCharts } from '../charts.ts';
import type { Host } from '../host.ts';
import type { PhotoSet } from '../photoset.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { methodsOf } from './methods.ts';
import { openPhotos } from './photos.ts';
import { reportOf, valuesTable } from './report.ts';
import { type FaithfulnessFields, type FaithfulnessRequest, faithfulnessRequest } from './request.ts';
import type { FaithfulnessEvent, FaithfulnessResult } from './result.ts';
import { entryCodec, randomiseAll, type StudyWork, studyAll } from './work.ts';

const VALUES_FILE = 'values.csv';
const JOURNAL_FILE = 'faithfulness.unfinished';

/**
 * Measures whether heatmaps are true: how far the network's answer falls when what they call relevant is taken away, how
 * they change when the network forgets, and more; methods are held against each other and against maps that know nothing of
 * the network. Writes `faithfulness.json`, every photo's values as `values.csv`, and charts. What was interrupted goes on
 * where it stopped when the request is repeated; what is finished is read back. Errors: the request's, the model's, the
 * data's; photos that cannot be read, unless they are to be skipped.
 */
export async function faithfulness(
  request: FaithfulnessRequest,
  host: Host,
  watch: Watch<FaithfulnessEvent> = {},
): Promise<FaithfulnessResult> {
  const fields = checkRequest(faithfulnessRequest, request);
  const { files } = host;
  const { output, restart } = fields;
  const at = (name: string) => files.join(output, name);
  const methods = await methodsOf(fields, host);
  await files.makeFolder(output);
  const [record, table, unfinished] = [at(FAITHFULNESS_FILE), at(VALUES_FILE), at(JOURNAL_FILE)];
  files.resume([record, table, unfinished]);
  files.protect([fields.model]);
  const loaded = await files.readModel(fields.model);
  const classifier = classifierOf(loaded.model, { name: fields.model, head: fields.head });
  preprocessingOf(classifier);
  const photos = await openPhotos(fields, host, (failed) => watch.on?.({ kind: 'failed', failed }));
  const options = optionsOf(fields, classifier);
  const described = describe(loaded, classifier, photos, fields, options, host);
  const known = restart ? undefined : await finished(record, described, host);
  if (known) return { report: known, files: [record, table] };
  await files.claim([record, table, unfinished]);
  if (restart) await files.remove(unfinished);
  const journal = await openJournal(unfinished, identityOf(described), files, entryCodec);
  const work: StudyWork = { classifier, methods, photos, options, fields, journal, host, watch };
  try {
    await studyAll(work);
    await randomiseAll(work);
    journal.check();
  } finally {
    await journal.close();
  }
  const made = { identity: described, methods, photos, options, fields, entries: journal.entries };
  const report = reportOf(made);
  await files.write(table, valuesTable(made));
  const charts = fields.charts ? await writeCharts(at('charts'), faithfulnessCharts(report), host) : [];
  // Where the report is, all else is.
  await files.write(record, `${JSON.stringify(report, null, 1)}\n`);
  await files.remove(unfinished);
  return { report, files: [record, table, ...charts] };
}

/** Curves cannot have more steps than there are regions. */
function optionsOf(fields: FaithfulnessFields, { input }: Classifier): StudyOptions {
  const { metrics, steps, until, replacement, subsets: samples, seed, region } = fields;
  const [height, width] = input.shape.slice(2).map((n) => (typeof n === 'number' ? n : 224));
  const { count } = squares(height, width, region ?? usualSide(height, width));
  return {
    metrics,
    steps: Math.min(steps, Math.max(1, Math.floor(until * count))),
    until,
    replacement,
    samples,
    seed,
  };
}

/** What a report says of itself before anything is measured. */
type Described = Pick<FaithfulnessReport, 'model' | 'data' | 'settings' | 'versions'>;

function describe(
  { model, bytes }: LoadedModel,
  { name, head, link }: Classifier,
  photos: PhotoSet,
  fields: FaithfulnessFields,
  { steps }: StudyOptions,
  host: Host,
): Described {
  const { methods, metrics, target, until, replacement, subsets, copies, stops, seed, region } = fields;
  const { resamples, masks, boxes, measured } = fields;
  const given = {
    methods: methods.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join(' '),
    metrics: metrics.join(' '),
    target,
    measured: measured ?? (link ? 'probability' : 'score'),
    region: region ?? 'a 14th of the shorter side',
    steps,
    until,
    replacement,
    subsets,
    copies,
    stops,
    masks,
    boxes: boxes?.join(' '),
    seed,
    resamples,
  };
  const settings = Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  return {
    model: {
      file: host.files.basename(name),
      sha256: host.sha256().update(bytes).digest(),
      network: model.graph.name,
      head: head.name,
    },
    data: {
      source: photos.source,
      sha256: host.sha256().update(JSON.stringify(photos.names)).digest(),
      photos: photos.names.length,
      skipped: [],
    },
    settings,
    versions: host.versions,
  };
}

/** What must be equal for a study to go on, or to be taken as done. */
const identityOf = ({ model, data, settings }: Described): Identity => ({
  model: model.sha256,
  data: data.sha256,
  head: model.head,
  ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
});

/** The same study, if the folder holds it. Errors: it holds another. */
async function finished(
  path: string,
  described: Described,
  { files }: Host,
): Promise<FaithfulnessReport | undefined> {
  if (!(await files.kindOf(path))) return undefined;
  const found = parseFaithfulness(await readText(files, path, 'a report on faithfulness'), path);
  const other = differences(identityOf(found), identityOf(described));
  if (other.length === 0) return found;
  return fail(
    path,
    ['holds a study with another ', ...other],
    words`give another ${field('output')}, or replace it with ${field('restart')}`,
  );
}
