import { type Classifier, classifierOf, preprocessingOf } from '../../classifier/index.ts';
import { openJournal } from '../../common/journal.ts';
import { type Shard, shardRange } from '../../common/shard.ts';
import { givenSettings, studyIdentity } from '../../common/studied.ts';
import { SHARD_FILE } from '../../evaluation/index.ts';
import {
  type FaithfulnessReport,
  parseFaithfulness,
  type StudyOptions,
  squares,
  usualSide,
} from '../../faithfulness/index.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import type { Host } from '../host.ts';
import { keptResult, ofShard, type ResultReader } from '../kept.ts';
import { fileHash } from '../model.ts';
import type { PhotoSet } from '../photoset.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { methodsOf } from './methods.ts';
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
import { parseStudyShard, studyFiles, writeStudy, writeStudyShard } from './store.ts';
import { entryCodec, randomiseAll, type StudyEntry, type StudyWork, studyAll } from './work.ts';

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
  const [record, table] = studyFiles(fields.output, files);
  const study = await openStudy(fields, host, watch, [record, table]);
  const known = fields.restart
    ? undefined
    : await keptResult(record, studyIdentity(study.described), reports, host);
  if (known) return { report: known, files: [record, table] };
  await files.claim([record, table, study.unfinished]);
  const entries = await studied(study, undefined);
  const result = await writeStudy(madeOf(study, entries), fields.output, host);
  await files.remove(study.unfinished);
  return result;
}

/**
 * Does a part of a study: what {@link faithfulness} does with the same request, of some photos. Writes `shard.json`, which
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
  const study = await openStudy(fields, host, watch, [record]);
  const { from, to } = shardRange(study.photos.names.length, shard, study.photos.source);
  const result = { shard, photos: to - from, files: [record] };
  const identity = ofShard(studyIdentity(study.described), shard);
  if (!fields.restart && (await keptResult(record, identity, shards, host))) return result;
  await files.claim([record, study.unfinished]);
  const entries = await studied(study, shard);
  await files.write(record, writeStudyShard(shard, madeOf(study, entries)));
  await files.remove(study.unfinished);
  return result;
}

/** A study that can begin. */
interface Study extends Omit<StudyWork, 'journal' | 'shard'> {
  readonly described: Made['identity'];
  /** Its journal's file. */
  readonly unfinished: string;
}

async function openStudy(
  fields: FaithfulnessFields,
  host: Host,
  watch: Watch<FaithfulnessEvent>,
  made: readonly string[],
): Promise<Study> {
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
  const described = describe(loaded, classifier, photos, fields, options, host);
  return { classifier, methods, photos, options, fields, host, watch, described, unfinished };
}

/** What all photos, or those of a shard, come to. */
async function studied(study: Study, shard: Shard | undefined): Promise<ReadonlyMap<number, StudyEntry>> {
  const { described, unfinished, fields, host } = study;
  if (fields.restart) await host.files.remove(unfinished);
  const identity = ofShard(studyIdentity(described), shard);
  const journal = await openJournal(unfinished, identity, host.files, entryCodec);
  const work: StudyWork = { ...study, shard, journal };
  try {
    await studyAll(work);
    await randomiseAll(work);
    journal.check();
  } finally {
    await journal.close();
  }
  return journal.entries;
}

const madeOf = (
  { described, methods, photos, options, fields }: Study,
  entries: ReadonlyMap<number, StudyEntry>,
): Made => ({ identity: described, methods, photos, options, fields, entries });

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

function describe(
  loaded: LoadedModel,
  { name, head, link }: Classifier,
  photos: PhotoSet,
  fields: FaithfulnessFields,
  { steps }: StudyOptions,
  host: Host,
): Made['identity'] {
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
  return {
    model: {
      file: host.files.basename(name),
      sha256: fileHash(loaded, host),
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
  holds: 'a study',
  read: parseFaithfulness,
  identityOf: studyIdentity,
};

const shards: ResultReader<ReturnType<typeof parseStudyShard>> = {
  what: 'a shard of a study',
  holds: 'a study',
  read: parseStudyShard,
  identityOf: ({ shard, made }) => ofShard(studyIdentity(made.identity), shard),
};
