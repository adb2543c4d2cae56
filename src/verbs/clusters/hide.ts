import { classifierOf, preprocessingOf } from '../../classifier/index.ts';
import {
  CLUSTERS_FILE,
  type ClusterReport,
  type HiddenAnswer,
  type HiddenGroup,
  hiddenGroups,
  hidingFindings,
  hidingLimits,
  parseClusters,
} from '../../clusters/index.ts';
import { csvLine } from '../../common/csv.ts';
import { fail, failRequest } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { field, words } from '../../common/words.ts';
import { isPicture } from '../../data/index.ts';
import type { Replacement } from '../../faithfulness/index.ts';
import { type Image, image, type ScalarMap } from '../../image/index.ts';
import type { Host } from '../host.ts';
import { fileHash } from '../model.ts';
import { fileName } from '../photos.ts';
import { checkRequest } from '../request.ts';
import type { FailedItem, Watch } from '../verb.ts';
import { askAll, type Hiding } from './asked.ts';
import { clusterAsked, distinctiveRegion, lookedAt, paintedRegion } from './hiddenregion.ts';
import { type HideFields, type HideRequest, hideRequest } from './hiderequest.ts';
import type { ClustersEvent } from './result.ts';
import { openSaved } from './saved.ts';
import { openSource } from './source.ts';

/** What hiding a region does: the content of `hidden-NAME.json`. */
export interface HidingReport {
  readonly format: 'limn hidden 1';
  readonly model: { readonly file: string; readonly sha256: string; readonly head: string };
  readonly data: {
    readonly source: string;
    readonly photos: number;
    readonly skipped: readonly FailedItem[];
  };
  readonly region: {
    readonly from: string;
    /** Of a cluster: where its relevance is strong, or what its pictures have in common there. */
    readonly by?: HideFields['region'] | undefined;
    /** The share of the network's view that is hidden. */
    readonly area: number;
    /** The share of it that the same region elsewhere has in common with it. */
    readonly overlap: number;
    readonly replacement: Replacement;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly groups: readonly HiddenGroup[];
  readonly findings: readonly string[];
  readonly limits: readonly string[];
}

/** What hiding regions did to the answers, and the files that say so. */
export interface HidingResult {
  readonly report: HidingReport;
  readonly files: readonly string[];
}

/**
 * Asks a model about photos as they are, with a region hidden (a cluster's, or a mask), and with the
 * same region elsewhere hidden: answers that hang on the region change in the one and stay in the other. Differences have
 * intervals and tests, for all photos, every cluster and every group of the data. Errors: the request's, the model's, the
 * data's; photos that cannot be read, unless they are to be skipped.
 */
export async function hideRegion(
  request: HideRequest,
  host: Host,
  watch: Watch<ClustersEvent> = {},
): Promise<HidingResult> {
  const fields = checkRequest(hideRequest, request, watch.signal);
  const { files } = host;
  const at = (name: string) => files.join(fields.output, name);
  const stem = `hidden-${fileName(
    files
      .basename(fields.hide)
      .replace(/(?<=.)\.[^.]*$/, '')
      .replace(':', '-'),
  )}`;
  const [record, table, drawn] = [at(`${stem}.json`), at(`${stem}.csv`), at(`${stem}-region.png`)];
  const clusters = await clustersIn(at(CLUSTERS_FILE), host);
  const asked = clusterAsked(fields, clusters);
  if (!asked && fields.region !== 'relevance')
    failRequest(words`${field('region', fields.region)}`, 'it is for a cluster', 'give hide as cluster:N');
  const looked = asked ? lookedAt(asked, fields) : await paintedRegion(fields, host);
  files.protect([fields.model]);
  await files.makeFolder(fields.output);
  await files.claim([record, table, drawn]);
  const loaded = await files.readModel(fields.model);
  const { model } = loaded;
  const classifier = classifierOf(model, { name: fields.model, head: fields.head });
  preprocessingOf(classifier);
  if (classifier.head.kind !== 'classes')
    fail(
      fields.model,
      `output '${classifier.head.name}' is a number`,
      words`choose another ${field('head')}`,
    );
  const source = await openSource(fields.data, classifier, fields, host, (failed) =>
    watch.on?.({ kind: 'failed', failed }),
  );
  const shown =
    asked && fields.region === 'pictures'
      ? await distinctiveRegion(asked, looked, fields, classifier, host, watch)
      : looked;
  const placed = new Map(
    clusters?.photos.map(({ photo, cluster }) => [placeOf(photo, clusters.data.source, host), cluster]),
  );
  const clusterOf = (name: string) => placed.get(placeOf(name, source.source, host));
  const saving = fields.save === undefined ? undefined : await openSaved(fields.save, source.names, host);
  const work: Hiding = { classifier, fields, shown, saving, host, watch };
  const { answers, skipped, area, overlap } = await askAll(work, source, clusterOf);
  const groups = hiddenGroups(answers, fields);
  const report: HidingReport = {
    format: 'limn hidden 1',
    model: {
      file: files.basename(fields.model),
      sha256: await fileHash(loaded, host),
      head: classifier.head.name,
    },
    data: { source: source.source, photos: answers.length, skipped },
    region: {
      from: fields.hide,
      ...(asked && { by: fields.region }),
      area,
      overlap,
      replacement: fields.replacement,
    },
    versions: host.versions,
    groups,
    findings: hidingFindings(groups),
    limits: hidingLimits(asked && fields.region),
  };
  await files.write(drawn, await host.images.encodePng(pictureOfRegion(shown)));
  await files.write(table, answersTable(answers));
  const saved = saving ? await saving.end() : [];
  await files.write(record, `${JSON.stringify(report, null, 1)}\n`);
  return { report, files: [record, table, drawn, ...saved] };
}

/** Where a photo of a set is. Sets name theirs from their own folder on: one of the same name elsewhere is another photo. */
function placeOf(name: string, source: string, { files }: Host): string {
  if (name.startsWith(`${source}/`) || /^\d+ photos$/.test(source) || isPicture(source)) return name;
  return files.join(source.replace(/[^/]*\.[^./]+$/, '') || '.', name);
}

async function clustersIn(path: string, { files }: Host): Promise<ClusterReport | undefined> {
  if (!(await files.kindOf(path))) return undefined;
  return parseClusters(await readText(files, path, 'a report on clusters'), path);
}

const pictureOfRegion = ({ width, height, data }: ScalarMap): Image => {
  const drawn = image(width, height);
  for (let i = 0; i < data.length; i++) drawn.data.fill(data[i] > 0 ? 255 : 0, 3 * i, 3 * i + 3);
  return drawn;
};

function answersTable(answers: readonly HiddenAnswer[]): string {
  return [
    csvLine(['photo', 'cluster', 'true class', 'predicted', 'hidden', 'fall', 'elsewhere', 'elsewhere_fall']),
    ...answers.map(({ photo, cluster, hidden, elsewhere }) =>
      csvLine([
        photo.name,
        cluster ?? '',
        photo.truth ?? '',
        photo.predicted ?? '',
        hidden.predicted,
        hidden.fall,
        elsewhere.predicted,
        elsewhere.fall,
      ]),
    ),
  ].join('');
}
