import { classifierOf, preprocessingOf } from '../../classifier/index.ts';
import { CLUSTERS_FILE } from '../../clusters/index.ts';
import { failRequest } from '../../common/error.ts';
import { openJournal } from '../../common/journal.ts';
import { field, words } from '../../common/words.ts';
import { clusterCharts } from '../../report/charts/index.ts';
import { clustersPage } from '../../report/index.ts';
import { methodsOf } from '../faithfulness/methods.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import type { Collected } from './collected.ts';
import { collectHeatmaps } from './heatmaps.ts';
import { type ClusterIdentity, clusterSettings, clusterWork, finishedClusters } from './identity.ts';
import { partClasses } from './parted.ts';
import { drawClusters } from './pictures.ts';
import { collectedCodec, collectRelevance } from './relevance.ts';
import { photosTable, reportOfClusters, scattersOf } from './report.ts';
import { type ClustersFields, type ClustersRequest, clustersRequest } from './request.ts';
import type { ClustersEvent, ClustersResult } from './result.ts';
import { openSource } from './source.ts';

const PHOTOS_FILE = 'photos.csv';
const PAGE_FILE = 'clusters.html';
const JOURNAL_FILE = 'clusters.unfinished';
const ROWS_FILE = 'rows.unfinished';

/**
 * Finds what heatmaps have in common (spectral relevance analysis, Lapuschkin et al. 2019): photos on which a network looks
 * at alike places are clusters, and what each has more of than the rest of its class is told with tests. Writes
 * `clusters.json`, a page to browse, every photo's place as `photos.csv`, and of each cluster its mean heatmap and photos.
 * What was interrupted goes on where it stopped when the request is repeated; what is finished is read back. Errors: the
 * request's, the model's, the data's; photos that cannot be read, unless they are to be skipped.
 */
export async function clusters(
  request: ClustersRequest,
  host: Host,
  watch: Watch<ClustersEvent> = {},
): Promise<ClustersResult> {
  const fields = checkRequest(clustersRequest, request, watch.signal);
  checkSources(fields);
  const { files } = host;
  const { output, restart } = fields;
  const at = (name: string) => files.join(output, name);
  const [record, table, page] = [at(CLUSTERS_FILE), at(PHOTOS_FILE), at(PAGE_FILE)];
  const unfinished = [at(JOURNAL_FILE), at(ROWS_FILE)];
  await files.makeFolder(output);
  files.resume([record, table, page, ...unfinished]);
  const { identity, collect } = await opened(fields, host, watch);
  const known = restart ? undefined : await finishedClusters(record, identity, host);
  if (known) return { report: known, files: [record, page, table] };
  await files.claim([record, table, page, ...unfinished]);
  if (restart) for (const path of unfinished) await files.remove(path);
  const collected = await collect();
  const made = await partClasses(identity, collected, fields, host, watch);
  const report = reportOfClusters(made);
  const drawn = await drawClusters(made, report, host);
  await files.write(table, photosTable(made));
  const charts = made.classes.map((each, i) => clusterCharts(report.classes[i], scattersOf(each, collected)));
  await files.write(page, await clustersPage({ report, charts, pictures: drawn.pictures }));
  // Where the report is, all else is.
  await files.write(record, `${JSON.stringify(report)}\n`);
  for (const path of unfinished) await files.remove(path);
  return { report, files: [record, page, table, ...drawn.files] };
}

/** Errors: neither heatmaps nor a model with data, or both. */
function checkSources({ model, data, heatmaps, by, layer }: ClustersFields): void {
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

async function opened(
  fields: ClustersFields,
  host: Host,
  watch: Watch<ClustersEvent>,
): Promise<{ readonly identity: ClusterIdentity; collect(): Promise<Collected> }> {
  const { files } = host;
  const hash = (value: string | Uint8Array) => host.sha256().update(value).digest();
  const settings = clusterSettings(fields);
  if (fields.heatmaps) {
    files.protect(fields.heatmaps);
    const collected = await collectHeatmaps(fields.heatmaps, fields, host);
    const { rows, columns, data } = collected.features;
    const bytes = new Uint8Array(data.buffer, 0, 4 * rows * columns);
    const sha256 = hash(bytes);
    return {
      identity: {
        data: { source: collected.source, sha256, photos: rows, skipped: [] },
        settings,
        versions: host.versions,
      },
      collect: async () => collected,
    };
  }
  const [path, data] = [fields.model!, fields.data!];
  const [method] = await methodsOf({ methods: [fields.method], head: fields.head }, host);
  files.protect([path]);
  const { model, bytes } = await files.readModel(path);
  const classifier = classifierOf(model, { name: path, head: fields.head });
  preprocessingOf(classifier);
  const source = await openSource(data, classifier, fields, host, (failed) =>
    watch.on?.({ kind: 'failed', failed }),
  );
  const identity: ClusterIdentity = {
    model: {
      file: files.basename(path),
      sha256: hash(bytes),
      network: model.graph.name,
      head: classifier.head.name,
    },
    data: {
      source: source.source,
      sha256: hash(JSON.stringify(source.names)),
      photos: source.names.length,
      skipped: [],
    },
    settings,
    versions: host.versions,
  };
  return {
    identity,
    async collect() {
      const at = (name: string) => files.join(fields.output, name);
      const journal = await openJournal(at(JOURNAL_FILE), clusterWork(identity), files, collectedCodec);
      try {
        const rowsFile = at(ROWS_FILE);
        const found = await collectRelevance({
          classifier,
          method,
          source,
          fields,
          journal,
          rowsFile,
          host,
          watch,
        });
        journal.check();
        return found;
      } finally {
        await journal.close();
      }
    },
  };
}
