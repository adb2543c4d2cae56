import { type Classifier, classifierOf, preprocessingOf } from '../../classifier/index.ts';
import { analysisIdentity } from '../../common/analysed.ts';
import { failRequest } from '../../common/error.ts';
import type { FileSystem } from '../../common/files.ts';
import { openJournal } from '../../common/journal.ts';
import type { Shard } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import { methodsOf, type NamedMethod } from '../faithfulness/methods.ts';
import type { Host } from '../host.ts';
import { ofShard } from '../kept.ts';
import { fileHash } from '../model.ts';
import type { Watch } from '../verb.ts';
import { type ClusterIdentity, clusterSettings } from './identity.ts';
import { collectedCodec, collectRelevance, type RelevanceRows } from './relevance.ts';
import type { ClustersFields } from './request.ts';
import type { ClustersEvent } from './result.ts';
import { type LabelledSource, openSource } from './source.ts';

const JOURNAL_FILE = 'clusters.unfinished';
const ROWS_FILE = 'rows.unfinished';

/** The files of work that is not done: its journal, and the rows so far. */
export const unfinishedFiles = (output: string, { join }: FileSystem) =>
  [JOURNAL_FILE, ROWS_FILE].map((name) => join(output, name));

/** Errors: neither heatmaps nor a model with data, or both. */
export function checkSources({ model, data, heatmaps, by, layer }: ClustersFields): void {
  if ((heatmaps === undefined) === (model === undefined) || (model === undefined) !== (data === undefined))
    failRequest(
      'limn clusters',
      'it takes heatmaps, or a model and its data',
      words`give ${field('model')} and ${field('data')}, or ${field('heatmaps')}`,
    );
  if (heatmaps && by === 'label')
    failRequest(
      words`${field('by', 'label')}`,
      'the true classes of heatmaps are not known',
      'give a model and its data',
    );
  if (heatmaps?.some((path) => /\.npy$/i.test(path)) && layer !== undefined)
    failRequest(words`${field('layer')}`, 'files of relevance have one', 'give the files of that layer');
}

/** A model and the photos that it is to explain. */
export interface HeatmapWork {
  readonly classifier: Classifier;
  readonly method: NamedMethod;
  readonly source: LabelledSource;
  readonly identity: ClusterIdentity;
}

/** Opens the model and the photos of a request that has them. */
export async function openHeatmapWork(
  fields: ClustersFields,
  host: Host,
  watch: Watch<ClustersEvent>,
): Promise<HeatmapWork> {
  const { files } = host;
  const hash = (value: string) => host.sha256().update(value).digest();
  const [path, data] = [fields.model!, fields.data!];
  const [method] = await methodsOf({ methods: [fields.method], head: fields.head }, host);
  files.protect([path]);
  const loaded = await files.readModel(path);
  const { model } = loaded;
  const classifier = classifierOf(model, { name: path, head: fields.head });
  preprocessingOf(classifier);
  const source = await openSource(data, classifier, fields, host, (failed) =>
    watch.on?.({ kind: 'failed', failed }),
  );
  const identity: ClusterIdentity = {
    model: {
      file: files.basename(path),
      sha256: await fileHash(loaded, host),
      network: model.graph.name,
      head: classifier.head.name,
    },
    data: {
      source: source.source,
      sha256: hash(JSON.stringify(source.names)),
      photos: source.names.length,
      skipped: [],
    },
    settings: clusterSettings(fields),
    versions: host.versions,
  };
  return { classifier, method, source, identity };
}

/** Explains the photos, or those of a shard, from where an earlier call stopped. */
export async function explainedRows(
  { identity, ...work }: HeatmapWork,
  shard: Shard | undefined,
  fields: ClustersFields,
  host: Host,
  watch: Watch<ClustersEvent>,
): Promise<RelevanceRows> {
  const { files } = host;
  const [journalFile, rowsFile] = unfinishedFiles(fields.output, files);
  const journal = await openJournal(
    journalFile,
    ofShard(analysisIdentity(identity), shard),
    files,
    collectedCodec,
  );
  try {
    const found = await collectRelevance({ ...work, fields, shard, journal, rowsFile, host, watch });
    journal.check();
    return found;
  } finally {
    await journal.close();
    if (journal.entries.size === 0) await files.remove(rowsFile);
  }
}
