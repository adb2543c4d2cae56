import { csvLine } from '../../common/csv.ts';
import { fail } from '../../common/error.ts';
import { distinct } from '../../common/groups.ts';
import { FACE_REGIONS } from '../../faces/index.ts';
import { layoutGrid } from '../../report/grid.ts';
import { writeCharts } from '../charts.ts';
import type { Host } from '../host.ts';
import { parquetPaths, tableColumns, writeParquet } from '../parquet.ts';
import { checkRequest } from '../request.ts';
import { failItem, type ProgressEvent, type Watch } from '../verb.ts';
import { meansGrid, regionsGrid, sharesChart } from './figure.ts';
import { lookFindings } from './findings.ts';
import { meanOfMaps } from './likeness.ts';
import type { Look } from './looks.ts';
import { byPlace, type MeasuredLooks, openRegions, sourcesOf } from './open.ts';
import {
  MEANS_PICTURE,
  REGIONS_FILE,
  REGIONS_FORMAT,
  REGIONS_PICTURE,
  type RegionsResult,
} from './record.ts';
import { type RegionsFields, type RegionsRequest, regionsRequest } from './request.ts';
import { lookContrasts, lookEstimates, lookLikeness, lookPairs, type Places } from './statistics.ts';

/**
 * Measures where models look in faces: what share of their relevance lies in the eyes, brows, nose, mouth, chin, cheeks, forehead and
 * hair, and in the background, by model and explained class, with intervals over photos; which models, and which of their
 * properties, differ; and how alike heatmaps of two models are, by rank correlation and structural similarity, with the faces
 * upon each other. From folders of explanations; landmarks are found in the photos. Writes `regions.json`, `regions.csv` with a row for
 * each model, photo and region, pictures and charts. Errors: the request's; folders without raw relevance; no photo with a face.
 */
export async function regions(
  request: RegionsRequest,
  host: Host,
  watch: Watch<ProgressEvent> = {},
): Promise<RegionsResult> {
  const fields = checkRequest(regionsRequest, request, watch.signal);
  const { photos, measure } = await openRegions(fields, host);
  await host.files.makeFolder(fields.output);
  await host.files.claim(regionFiles(fields, host));
  return writeRegions(await measure({ from: 0, to: photos.length }, watch), fields, host);
}

/** The record, the table and the pictures that are written, and the table as Parquet. */
export function regionFiles(
  { output, parquet }: Pick<RegionsFields, 'output' | 'parquet'>,
  { files }: Host,
): string[] {
  const written = [REGIONS_FILE, 'regions.csv', REGIONS_PICTURE, MEANS_PICTURE].map((name) =>
    files.join(output, name),
  );
  return [...written, ...parquetPaths(written[1], { parquet })];
}

/** Says what the measurements come to, in files. Errors: there is none. */
export async function writeRegions(
  measured: MeasuredLooks,
  fields: RegionsFields,
  host: Host,
): Promise<RegionsResult> {
  const { explanations, output, pooling, resamples, seed } = fields;
  const { files, images } = host;
  const [json, csv, shown, means] = regionFiles(fields, host);
  const looks = measured.looks.toSorted(byPlace).map(({ look }) => look);
  const without = new Map(
    measured.without.toSorted(byPlace).map(({ failed }) => [failed.item, failed] as const),
  );
  if (looks.length === 0) {
    const [first] = without.values();
    if (first) failItem(first);
    fail(explanations[0], 'there is no explained photo in it', 'explain some');
  }
  const sources = sourcesOf(fields, host);
  const places: Places = new Map(
    sources.flatMap(({ model, place }) => (place ? [[model, place] as const] : [])),
  );
  const drawing = { resamples, seed };
  const estimates = lookEstimates(looks, drawing);
  const models = distinct(sources.map(({ model }) => model));
  const contrasts = lookContrasts(looks, places, drawing);
  const pairs = lookPairs(looks, drawing);
  const charts = await writeCharts(files.join(output, 'charts'), sharesChart(estimates, models), host);
  await files.write(csv, looksTable(looks));
  const columns = await writeParquet(csv, tableColumns.regions, fields, host);
  await files.write(
    shown,
    await images.encodePng(await images.draw(layoutGrid(regionsGrid(measured.shown)))),
  );
  const meanOf = models.flatMap((model) => {
    const sum = measured.maps.get(model);
    return sum ? [{ model, photos: sum.photos, map: meanOfMaps(sum) }] : [];
  });
  await files.write(means, await images.encodePng(await images.draw(layoutGrid(meansGrid(meanOf)))));
  const result: RegionsResult = {
    format: REGIONS_FORMAT,
    ...(fields.title !== undefined && { title: fields.title }),
    models: models.map((name) => ({
      name,
      sources: sources.filter(({ model }) => model === name).map(({ folder }) => folder),
      place: places.get(name),
    })),
    photos: new Set(looks.map(({ photo }) => photo)).size,
    without: [...without.values()],
    findings: lookFindings(contrasts, pairs),
    ...{ estimates, pairs, contrasts },
    likeness: lookLikeness(looks, measured.likeness, drawing),
    settings: { pooling, resamples, seed },
    versions: host.versions,
    files: [json, csv, shown, means, ...columns, ...charts],
  };
  await files.write(json, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** `regions.csv`. */
const looksTable = (looks: readonly Look[]): string =>
  [
    ['model', 'photo', 'target', 'region', 'relevance', 'positive', 'area'],
    ...looks.flatMap(({ model, photo, target, shares }) =>
      shares.map(({ relevance, positive, area }, i) => [
        ...[model, photo, target, FACE_REGIONS[i]],
        ...[relevance ?? '', positive ?? '', area],
      ]),
    ),
  ]
    .map(csvLine)
    .join('');
