import { csvLine } from '../../common/csv.ts';
import { fail, failRequest } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { field, words } from '../../common/words.ts';
import { FACE_REGIONS } from '../../faces/index.ts';
import { layoutGrid } from '../../report/grid.ts';
import { writeCharts } from '../charts.ts';
import { RECORD_FILE } from '../explain/record.ts';
import { openFinder } from '../faces/open.ts';
import type { Host } from '../host.ts';
import { parquetPaths, tableColumns, writeParquet } from '../parquet.ts';
import { photosNamed } from '../paths.ts';
import { checkRequest } from '../request.ts';
import { type FailedItem, failItem, type ProgressEvent, resultOrFailure, type Watch } from '../verb.ts';
import { meansGrid, regionsGrid, sharesChart } from './figure.ts';
import { lookFindings } from './findings.ts';
import { type Look, readExplained } from './looks.ts';
import { type Measuring, measureLook } from './measure.ts';
import {
  MEANS_PICTURE,
  REGIONS_FILE,
  REGIONS_FORMAT,
  REGIONS_PICTURE,
  type RegionsResult,
} from './record.ts';
import { type RegionsFields, type RegionsRequest, regionsRequest } from './request.ts';
import {
  averageMap,
  lookContrasts,
  lookEstimates,
  lookLikeness,
  lookPairs,
  meanMaps,
  type Places,
} from './statistics.ts';

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
  { on, signal }: Watch<ProgressEvent> = {},
): Promise<RegionsResult> {
  const fields = checkRequest(regionsRequest, request, signal);
  const { explanations, output, pooling, resamples, seed } = fields;
  const { files, images } = host;
  checkCounts(fields);
  if (fields.landmarks === 'five')
    failRequest(words`${field('landmarks')}`, 'regions need all 68', 'give full or tiny');
  const records = await Promise.all(explanations.map((folder) => readExplained(folder, host)));
  const paths = await photoPaths(fields, host);
  await files.makeFolder(output);
  files.protect([...paths.values(), ...explanations.map((folder) => files.join(folder, RECORD_FILE))]);
  const at = (name: string) => files.join(output, name);
  const [json, csv, shown, means] = [REGIONS_FILE, 'regions.csv', REGIONS_PICTURE, MEANS_PICTURE].map(at);
  await files.claim([json, csv, shown, means, ...parquetPaths(csv, fields)]);

  const sources = explanations.map((folder, i) => ({
    folder,
    record: records[i],
    model: fields.names?.[i] ?? (files.basename(folder) || folder),
    place: fields.places?.[i],
  }));
  const finder = await openFinder(fields, host);
  const measuring: Measuring = { fields, host, finder, paths, faces: new Map(), shown: new Map() };
  const looks: Look[] = [];
  const without = new Map<string, FailedItem>();
  const total = records.reduce((sum, { photos }) => sum + photos.length, 0);
  let done = 0;
  try {
    for (const source of sources)
      for (const photo of source.record.photos) {
        signal?.throwIfAborted();
        const look =
          'error' in photo
            ? undefined
            : await resultOrFailure(photo.photo, () => measureLook(photo, source, measuring));
        if (look && 'error' in look) without.set(look.item, look);
        else if (look) looks.push(look);
        on?.({ kind: 'progress', what: 'photos', done: ++done, total });
      }
  } finally {
    await finder.release();
  }
  if (looks.length === 0) {
    const [first] = without.values();
    if (first) failItem(first);
    fail(explanations[0], 'there is no explained photo in it', 'explain some');
  }
  const places: Places = new Map(
    sources.flatMap(({ model, place }) => (place ? [[model, place] as const] : [])),
  );
  const drawing = { resamples, seed };
  const estimates = lookEstimates(looks, drawing);
  const models = [...new Set(sources.map(({ model }) => model))];
  const contrasts = lookContrasts(looks, places, drawing);
  const pairs = lookPairs(looks, drawing);
  const charts = await writeCharts(at('charts'), sharesChart(estimates, models), host);
  await files.write(csv, looksTable(looks));
  const columns = await writeParquet(csv, tableColumns.regions, fields, host);
  await files.write(
    shown,
    await images.encodePng(await images.draw(layoutGrid(regionsGrid([...measuring.shown.values()])))),
  );
  const meanOf = models.flatMap((model) => {
    const maps = [...meanMaps(looks.filter((look) => look.model === model)).values()];
    return maps.length > 0 ? [{ model, photos: maps.length, map: averageMap(maps) }] : [];
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
    likeness: lookLikeness(looks, drawing),
    settings: { pooling, resamples, seed },
    versions: host.versions,
    files: [json, csv, shown, means, ...columns, ...charts],
  };
  await files.write(json, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

function checkCounts({ explanations, names, places }: RegionsFields): void {
  for (const [name, given] of [
    ['names', names],
    ['places', places],
  ] as const) {
    if (given && given.length !== explanations.length)
      failRequest(
        words`${field(name)}`,
        `there are ${given.length} for ${plural(explanations.length, 'folder')} of explanations`,
        'give one for each',
      );
  }
}

/** Where photos are, by the names of their files, where that is said. */
async function photoPaths({ photos, output }: RegionsFields, host: Host): Promise<Map<string, string>> {
  const found = photos ? await photosNamed(photos, host, output) : [];
  return new Map(found.map((path) => [host.files.basename(path), path]));
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
