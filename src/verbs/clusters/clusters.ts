import { CLUSTERS_FILE, PHOTOS_FILE } from '../../clusters/index.ts';
import { analysisIdentity } from '../../common/analysed.ts';
import type { FileSystem } from '../../common/files.ts';
import { clusterCharts } from '../../report/charts/index.ts';
import { clustersPage } from '../../report/index.ts';
import type { Host } from '../host.ts';
import { keptResult } from '../kept.ts';
import { parquetPaths, tableColumns, writeParquet } from '../parquet.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import type { Collected } from './collected.ts';
import { collectHeatmaps } from './heatmaps.ts';
import { type ClusterIdentity, clusterReports, clusterSettings } from './identity.ts';
import { partClasses } from './parted.ts';
import { drawClusters } from './pictures.ts';
import { collectedOf } from './relevance.ts';
import { photosTable, reportOfClusters, scattersOf } from './report.ts';
import { type ClustersFields, type ClustersRequest, clustersRequest } from './request.ts';
import type { ClustersEvent, ClustersResult } from './result.ts';
import { checkSources, explainedRows, openHeatmapWork, unfinishedFiles } from './work.ts';

const PAGE_FILE = 'clusters.html';

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
  const written = clusterFiles(output, files);
  const unfinished = unfinishedFiles(output, files);
  await files.makeFolder(output);
  files.resume([...written, ...unfinished]);
  const { identity, collect } = await opened(fields, host, watch);
  const known = restart
    ? undefined
    : await keptResult(written[0], analysisIdentity(identity), clusterReports, host);
  await files.claim(parquetPaths(written[2], fields));
  if (known) {
    const columns = await writeParquet(written[2], tableColumns.photos, fields, host);
    return { report: known, files: [...written, ...columns] };
  }
  await files.claim([...written, ...unfinished]);
  if (restart) for (const path of unfinished) await files.remove(path);
  const result = await writeClusters(identity, await collect(), fields, host, watch);
  for (const path of unfinished) await files.remove(path);
  return result;
}

/** The paths of the report, the page and the table. */
export const clusterFiles = (output: string, { join }: FileSystem) =>
  [CLUSTERS_FILE, PAGE_FILE, PHOTOS_FILE].map((name) => join(output, name));

/** Finds the clusters of heatmaps that are all there, and writes what they are. */
export async function writeClusters(
  identity: ClusterIdentity,
  collected: Collected,
  fields: ClustersFields,
  host: Host,
  watch: Watch<ClustersEvent>,
): Promise<ClustersResult> {
  const { files } = host;
  const [record, page, table] = clusterFiles(fields.output, files);
  const made = await partClasses(identity, collected, fields, host, watch);
  const report = reportOfClusters(made);
  const drawn = await drawClusters(made, report, host);
  await files.write(table, photosTable(made));
  const columns = await writeParquet(table, tableColumns.photos, fields, host);
  const charts = made.classes.map((each, i) => clusterCharts(report.classes[i], scattersOf(each, collected)));
  await files.write(page, await clustersPage({ report, charts, pictures: drawn.pictures }));
  // Where the report is, all else is.
  await files.write(record, `${JSON.stringify(report)}\n`);
  return { report, files: [record, page, table, ...columns, ...drawn.files] };
}

async function opened(
  fields: ClustersFields,
  host: Host,
  watch: Watch<ClustersEvent>,
): Promise<{ readonly identity: ClusterIdentity; collect(): Promise<Collected> }> {
  if (fields.heatmaps) {
    host.files.protect(fields.heatmaps);
    const collected = await collectHeatmaps(fields.heatmaps, fields, host);
    const { rows, columns, data } = collected.features;
    const bytes = new Uint8Array(data.buffer, 0, 4 * rows * columns);
    const sha256 = host.sha256().update(bytes).digest();
    return {
      identity: {
        data: { source: collected.source, sha256, photos: rows, skipped: [] },
        settings: clusterSettings(fields),
        versions: host.versions,
      },
      collect: async () => collected,
    };
  }
  const work = await openHeatmapWork(fields, host, watch);
  return {
    identity: work.identity,
    collect: async () =>
      collectedOf(
        await explainedRows(work, undefined, fields, host, watch),
        work.source,
        work.classifier,
        host,
      ),
  };
}
