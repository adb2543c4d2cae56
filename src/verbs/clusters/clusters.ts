import { classifierOf, preprocessingOf } from '../../classifier/index.ts';
import {
  CLUSTERS_FILE,
  type ClusterReport,
  LEAST_ROWS,
  normaliseRows,
  parseClusters,
  part,
  rowsAt,
} from '../../clusters/index.ts';
import { toBase64 } from '../../common/base64.ts';
import { fail, failRequest } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { differences, type Identity, openJournal } from '../../common/journal.ts';
import { field, words } from '../../common/words.ts';
import { GraphBuilder } from '../../graph/index.ts';
import { colormap } from '../../image/index.ts';
import { clusterCharts } from '../../report/charts/index.ts';
import { clustersPage, type PagePicture } from '../../report/index.ts';
import { methodsOf } from '../faithfulness/methods.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import type { Collected } from './collected.ts';
import { contactSheet, mapAt, mapOfRow, meanMapPicture } from './draw.ts';
import { collectHeatmaps } from './heatmaps.ts';
import { collectedCodec, collectRelevance } from './relevance.ts';
import { type MadeClusters, type PartedClass, photosTable, reportOfClusters, scattersOf } from './report.ts';
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
  const known = restart ? undefined : await finished(record, identity, host);
  if (known) return { report: known, files: [record, page, table] };
  await files.claim([record, table, page, ...unfinished]);
  if (restart) for (const path of unfinished) await files.remove(path);
  const collected = await collect();
  const made = await parted(identity, collected, fields, host, watch);
  const report = reportOfClusters(made);
  const drawn = await draw(made, report, host);
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

/** What a report says of itself before anything is computed. */
type ClusterIdentity = MadeClusters['identity'];

async function opened(
  fields: ClustersFields,
  host: Host,
  watch: Watch<ClustersEvent>,
): Promise<{ readonly identity: ClusterIdentity; collect(): Promise<Collected> }> {
  const { files } = host;
  const hash = (value: string | Uint8Array) => host.sha256().update(value).digest();
  const settings = settingsOf(fields);
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
      const journal = await openJournal(at(JOURNAL_FILE), identityOf(identity), files, collectedCodec);
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

/** Fields that change no number. */
const elsewhere = new Set<string>([
  'model',
  'data',
  'heatmaps',
  'output',
  'images',
  'restart',
  'skipBad',
  'threads',
  'provider',
  'batch',
]);

const settingsOf = (fields: ClustersFields): ClusterReport['settings'] =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => {
      if (value === undefined || elsewhere.has(key)) return [];
      if (Array.isArray(value)) return [[key, value.join(' ')]];
      return [[key, typeof value === 'object' ? JSON.stringify(value) : value]];
    }),
  );

/** What must be equal for work to go on, or to be taken as done. */
const identityOf = ({ model, data, settings }: ClusterIdentity): Identity => ({
  ...(model && { model: model.sha256, head: model.head }),
  data: data.sha256,
  ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
});

/** The same clusters, if the folder holds them. Errors: it holds others. */
async function finished(
  path: string,
  identity: ClusterIdentity,
  { files }: Host,
): Promise<ClusterReport | undefined> {
  if (!(await files.kindOf(path))) return undefined;
  const found = parseClusters(await readText(files, path, 'a report on clusters'), path);
  const other = differences(identityOf(found), identityOf(identity));
  if (other.length === 0) return found;
  return fail(
    path,
    ['holds clusters with another ', ...other],
    words`give another ${field('output')}, or replace it with ${field('restart')}`,
  );
}

/** Parts the photos of each class that has enough of them. */
async function parted(
  identity: ClusterIdentity,
  collected: Collected,
  fields: ClustersFields,
  host: Host,
  { on, signal }: Watch<ClustersEvent>,
): Promise<MadeClusters> {
  const { photos, features } = collected;
  const places = new Map<string, number[]>();
  photos.forEach(({ class: name }, i) => {
    const own = places.get(name);
    if (own) own.push(i);
    else places.set(name, [i]);
  });
  const named = [...places].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  // Neighbours are no network's work: all threads go to one product at a time.
  const compute = await host.compute(new GraphBuilder('neighbours').build(), 1, fields);
  const { clustering: method, clusters: count, most, neighbours, weights, radius, views, seed } = fields;
  const classes: PartedClass[] = [];
  let first = 1;
  for (const [name, own] of named) {
    if (own.length < LEAST_ROWS) continue;
    const rows = normaliseRows(rowsAt(features, own), fields);
    const parting = await part(
      rows,
      { method, clusters: count, most, neighbours, weights, radius, views, seed },
      compute.runtime,
      {
        session: compute.session,
        signal,
        onProgress: (done, total) =>
          on?.({ kind: 'progress', what: `heatmaps of ${name} compared`, done, total }),
      },
    );
    classes.push({ name, places: own, features: rows, parting, first });
    first += parting.labels.reduce((largest, label) => Math.max(largest, label), -1) + 1;
  }
  const small = named.flatMap(([name, own]) =>
    own.length < LEAST_ROWS ? [{ class: name, photos: own.length }] : [],
  );
  return { identity, collected, classes, small, fields };
}

/** Draws of each cluster its mean heatmap and its photos; files, and the same for the page. */
async function draw(
  { collected, classes, fields }: MadeClusters,
  report: ClusterReport,
  { files, images }: Host,
): Promise<{
  readonly files: readonly string[];
  readonly pictures: ReadonlyMap<number, readonly PagePicture[]>;
}> {
  const { photos, features, shape } = collected;
  const colours = colormap(fields.colors);
  const place = new Map(photos.map(({ name }, i) => [name, i]));
  const shown = report.clusters.flatMap(({ nearest, farthest }) => [...nearest, ...farthest]);
  const views = await collected.pictures(new Set(shown.map((name) => place.get(name)!)));
  const exemplar = (name: string) => {
    const i = place.get(name)!;
    return { view: views.get(i), map: mapAt(features, i, shape) };
  };
  const written: string[] = [];
  const pictures = new Map<number, PagePicture[]>();
  if (classes.length === 0) return { files: written, pictures };
  const folder = files.join(fields.output, 'clusters');
  const paths = report.clusters.flatMap(({ number }) =>
    ['mean', 'photos'].map((what) => files.join(folder, `${number}-${what}.png`)),
  );
  files.resume(paths);
  await files.claim(paths);
  for (const cluster of report.clusters) {
    const own: PagePicture[] = [];
    const add = async (
      name: string,
      picture: { width: number; height: number },
      png: Uint8Array,
      caption: string,
      alt: string,
    ) => {
      const path = files.join(folder, `${cluster.number}-${name}.png`);
      await files.write(path, png);
      written.push(path);
      const { width, height } = picture;
      own.push({ source: `data:image/png;base64,${toBase64(png)}`, width, height, alt, caption });
    };
    const mean = mapOfRow(cluster.mean, shape);
    if (mean) {
      const picture = meanMapPicture(mean, colours);
      await add(
        'mean',
        picture,
        await images.encodePng(picture),
        'The mean of its heatmaps.',
        `mean heatmap of cluster ${cluster.number}`,
      );
    }
    const rows = [cluster.nearest, cluster.farthest].filter(({ length }) => length > 0);
    const sheet = contactSheet(
      rows.map((names) => names.map(exemplar)),
      colours,
    );
    if (sheet) {
      const caption = `Nearest to its middle: ${cluster.nearest.join(', ')}.${rows.length > 1 ? ` Farthest from it, below: ${cluster.farthest.join(', ')}.` : ''}`;
      await add(
        'photos',
        sheet,
        await images.encodePng(sheet),
        caption,
        `photos and heatmaps of cluster ${cluster.number}`,
      );
    }
    pictures.set(cluster.number, own);
  }
  return { files: written, pictures };
}
