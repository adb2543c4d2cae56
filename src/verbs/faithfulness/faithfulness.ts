import { type Classifier, classifierOf, preprocessingOf } from '../../classifier/index.ts';
import { analysisIdentity, givenSettings } from '../../common/analysed.ts';
import { failRequest } from '../../common/error.ts';
import { openJournal } from '../../common/journal.ts';
import { SHARD_FILE, type Shard, shardRange } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import {
  type AnalysisOptions,
  type FaithfulnessReport,
  parseFaithfulness,
  squares,
  usualSide,
} from '../../faithfulness/index.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import type { Host } from '../host.ts';
import { keptResult, ofShard, type ResultReader } from '../kept.ts';
import { fileHash } from '../model.ts';
import { parquetPaths, tableColumns, writeParquet } from '../parquet.ts';
import type { PhotoSet } from '../photoset.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { methodsOf, type NamedMethod, sparingText } from './methods.ts';
import { openPhotos } from './photos.ts';
import type { Made } from './report.ts';
import {
  type FaithfulnessFields,
  type FaithfulnessRequest,
  type FaithfulnessShardRequest,
  faithfulnessRequest,
  faithfulnessShardRequest,
} from './request.ts';
import type { FaithfulnessEvent, FaithfulnessResult, FaithfulnessShard } from './result.ts';
import { analysisFiles, parseAnalysisShard, writeAnalysis, writeAnalysisShard } from './store.ts';
import { type AnalysisEntry, type AnalysisWork, analyseAll, entryCodec } from './work.ts';

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
  const [record, table] = analysisFiles(fields.output, files);
  const analysis = await openAnalysis(fields, host, watch, [record, table]);
  const known = fields.restart
    ? undefined
    : await keptResult(record, analysisIdentity(analysis.described), reports, host);
  await files.claim(parquetPaths(table, fields));
  if (known) {
    const made = await writeParquet(table, tableColumns.values, fields, host);
    return { report: known, files: [record, table, ...made] };
  }
  await files.claim([record, table, analysis.unfinished]);
  const entries = await entriesOf(analysis, undefined);
  const result = await writeAnalysis(madeOf(analysis, entries), fields.output, host);
  await files.remove(analysis.unfinished);
  return result;
}

/**
 * Does a part of an analysis: what {@link faithfulness} does with the same request, of some photos. Writes `shard.json`, which
 * `merge` takes. Errors: as there; fewer photos than shards.
 */
export async function faithfulnessShard(
  request: FaithfulnessShardRequest,
  host: Host,
  watch: Watch<FaithfulnessEvent> = {},
): Promise<FaithfulnessShard> {
  const fields = checkRequest(faithfulnessShardRequest, request);
  const { files } = host;
  const { output, shard } = fields;
  const record = files.join(output, SHARD_FILE);
  const analysis = await openAnalysis(fields, host, watch, [record]);
  const { from, to } = shardRange(analysis.photos.names.length, shard, analysis.photos.source);
  const result = { shard, photos: to - from, files: [record] };
  const identity = ofShard(analysisIdentity(analysis.described), shard);
  if (!fields.restart && (await keptResult(record, identity, shards, host))) return result;
  await files.claim([record, analysis.unfinished]);
  const entries = await entriesOf(analysis, shard);
  await files.write(record, writeAnalysisShard(shard, madeOf(analysis, entries), host));
  await files.remove(analysis.unfinished);
  return result;
}

/** An analysis that can begin. */
interface Analysis extends Omit<AnalysisWork, 'journal' | 'shard'> {
  readonly described: Made['identity'];
  /** Its journal's file. */
  readonly unfinished: string;
}

async function openAnalysis(
  fields: FaithfulnessFields,
  host: Host,
  watch: Watch<FaithfulnessEvent>,
  made: readonly string[],
): Promise<Analysis> {
  const { files } = host;
  const methods = await methodsOf(fields, host);
  await files.makeFolder(fields.output);
  const unfinished = files.join(fields.output, JOURNAL_FILE);
  files.resume([...made, unfinished]);
  files.protect([fields.model]);
  const loaded = await files.readModel(fields.model);
  const classifier = classifierOf(loaded.model, { name: fields.model, head: fields.head });
  preprocessingOf(classifier);
  const photos = await openPhotos(fields, host, (failed) => watch.on?.({ kind: 'failed', failed }));
  const options = optionsOf(fields, classifier);
  const described = await describe(loaded, classifier, photos, methods, fields, options, host);
  return { classifier, methods, photos, options, fields, host, watch, described, unfinished };
}

/** What all photos, or those of a shard, come to. */
async function entriesOf(
  analysis: Analysis,
  shard: Shard | undefined,
): Promise<ReadonlyMap<number, AnalysisEntry>> {
  const { described, unfinished, fields, host } = analysis;
  if (fields.restart) await host.files.remove(unfinished);
  const identity = ofShard(analysisIdentity(described), shard);
  const journal = await openJournal(unfinished, identity, host.files, entryCodec);
  const work: AnalysisWork = { ...analysis, shard, journal };
  try {
    await analyseAll(work);
    journal.check();
  } finally {
    await journal.close();
  }
  return journal.entries;
}

const madeOf = (
  { described, methods, photos, options, fields }: Analysis,
  entries: ReadonlyMap<number, AnalysisEntry>,
): Made => ({ identity: described, methods, photos, options, fields, entries });

/** Curves cannot have more steps than there are regions. Errors: a region that is the whole picture. */
function optionsOf(fields: FaithfulnessFields, { input }: Classifier): AnalysisOptions {
  const { metrics, steps, until, replacement, subsets: samples, seed, region } = fields;
  const [height, width] = input.shape.slice(2).map((n) => (typeof n === 'number' ? n : 224));
  const { count } = squares(height, width, region ?? usualSide(height, width));
  if (count < 2)
    failRequest(
      words`${field('region', `${region ?? usualSide(height, width)}`)}`,
      `the whole input, ${height}×${width}, is one region`,
      'give a smaller one: one region has no order',
    );
  return {
    metrics,
    steps: Math.min(steps, Math.max(1, Math.floor(until * count))),
    until,
    replacement,
    samples,
    seed,
  };
}

async function describe(
  loaded: LoadedModel,
  { name, head, link }: Classifier,
  photos: PhotoSet,
  chosen: readonly NamedMethod[],
  fields: FaithfulnessFields,
  { steps }: AnalysisOptions,
  host: Host,
): Promise<Made['identity']> {
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
    sparing: sparingText(chosen, fields),
    stops,
    masks,
    boxes: boxes?.join(' '),
    seed,
    resamples,
  };
  return {
    model: {
      file: host.files.basename(name),
      sha256: await fileHash(loaded, host),
      network: loaded.model.graph.name,
      head: head.name,
    },
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

const reports: ResultReader<FaithfulnessReport> = {
  what: 'a report on faithfulness',
  holds: 'an analysis',
  read: parseFaithfulness,
  identityOf: analysisIdentity,
};

const shards: ResultReader<ReturnType<typeof parseAnalysisShard>> = {
  what: 'a shard of an analysis',
  holds: 'an analysis',
  read: parseAnalysisShard,
  identityOf: ({ shard, made }) => ofShard(analysisIdentity(made.identity), shard),
};
