import { type Features, featureShape, featuresOf, type HeatmapPhoto } from '../../clusters/index.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { plural } from '../../common/format.ts';
import { float32, size, type Tensor } from '../../graph/index.ts';
import { openNpy } from '../../image/index.ts';
import { type ExplainRecord, parseExplainRecord, RECORD_FILE } from '../explain/record.ts';
import type { Host } from '../host.ts';
import type { Collected } from './collected.ts';
import type { ClustersFields } from './request.ts';

/** One heatmap, read when it is its turn. */
interface Heatmap {
  readonly photo: HeatmapPhoto;
  relevance(): Promise<Tensor<'float32'>>;
}

/**
 * Heatmaps that were made before: a folder that `explain` wrote, whose record says which class each explains, or files of
 * relevance. Errors: none are there; they are of different sizes; layers that were not written.
 */
export async function collectHeatmaps(
  paths: readonly string[],
  fields: ClustersFields,
  host: Host,
): Promise<Collected & { readonly source: string }> {
  const [first] = paths;
  const isFolder = paths.length === 1 && (await host.files.kindOf(first)) === 'folder';
  const record = isFolder ? await readRecord(first, host) : undefined;
  const all = record ? recorded(record, first, fields, host) : await inFiles(paths, host);
  if (all.length === 0) fail(first, 'it holds no heatmaps');
  const options = { kind: fields.features, side: fields.side };
  let rows: { readonly features: Features; readonly shape: readonly number[] } | undefined;
  for (const [i, { photo, relevance }] of all.entries()) {
    const tensor = await relevance();
    const shape = featureShape(tensor.shape.slice(-3), options);
    const columns = size(shape);
    rows ??= { features: { rows: all.length, columns, data: new Float32Array(all.length * columns) }, shape };
    if (`${shape}` !== `${rows.shape}`)
      fail(photo.name, `its row is ${shape.join('×')}, that of ${all[0].photo.name} ${rows.shape.join('×')}`);
    rows.features.data.set(featuresOf(tensor, options, photo.name), i * columns);
  }
  const skipped = (record?.photos ?? []).flatMap((each) =>
    'error' in each ? [{ item: each.photo, error: each.error }] : [],
  );
  return {
    source: isFolder ? first : plural(paths.length, 'file'),
    photos: all.map(({ photo }) => photo),
    ...rows!,
    explanation: record?.explanation?.summary,
    skipped,
    pictures: async () => new Map(),
  };
}

async function readRecord(folder: string, { files }: Host): Promise<ExplainRecord> {
  const path = files.join(folder, RECORD_FILE);
  if (!(await files.kindOf(path)))
    fail(folder, `there is no ${RECORD_FILE} in it`, 'give a folder that explain wrote');
  return parseExplainRecord(await readText(files, path, 'a record of explanations'), path);
}

/** The heatmaps of a record; they lie beside it, wherever that was brought. */
function recorded(
  { photos }: ExplainRecord,
  folder: string,
  { layer, by }: ClustersFields,
  host: Host,
): Heatmap[] {
  const rowOf = new Map<string, number>();
  let opened: { readonly path: string; readonly file: Promise<HeatmapFile> } | undefined;
  return photos.flatMap((each): Heatmap[] => {
    if ('error' in each) return [];
    const { photo: name, target, scores, probabilities, files: own } = each;
    const file = layer === undefined ? own.relevance : own.layers?.[layer];
    if (file === undefined)
      return fail(
        name,
        layer === undefined ? 'its relevance was not written' : `its relevance at '${layer}' was not written`,
        'explain it anew, with raw relevance',
      );
    const path = host.files.join(folder, host.files.basename(file));
    const row = rowOf.get(path) ?? 0;
    rowOf.set(path, row + 1);
    const best = scores.reduce((most, score) => (score.value > most.value ? score : most), scores[0]);
    return [
      {
        photo: {
          name,
          class: by === 'nothing' ? 'all' : target.name,
          predicted: best.label,
          ...(probabilities && { confidence: best.value }),
          groups: {},
        },
        async relevance() {
          if (opened?.path !== path) opened = { path, file: openHeatmaps(path, host) };
          const { count, relevance } = await opened.file;
          // Of a file for each photo its only one.
          return relevance(count === 1 ? 0 : row);
        },
      },
    ];
  });
}

/** The heatmaps in a file: one, or a batch of them. */
interface HeatmapFile {
  readonly count: number;
  /** One heatmap, 1×C×H×W. */
  relevance(index: number): Promise<Tensor<'float32'>>;
}

/** Opens a file of relevance. Errors: it holds another array. */
async function openHeatmaps(path: string, { files }: Host): Promise<HeatmapFile> {
  const { shape, items } = await openNpy(await files.open(path), path);
  if (shape.length < 2 || shape.length > 4)
    fail(path, `expected relevance N×C×H×W, C×H×W or H×W, got [${shape}]`);
  const isBatch = shape.length === 4;
  const one = isBatch ? shape.slice(1) : shape.length === 3 ? shape : [1, ...shape];
  return {
    count: isBatch ? shape[0] : 1,
    async relevance(index) {
      const { data } = isBatch ? await items(index, index + 1) : await items(0, shape[0]);
      return float32([1, ...one], data instanceof Float32Array ? data : Float32Array.from(data, Number));
    },
  };
}

async function inFiles(paths: readonly string[], host: Host): Promise<Heatmap[]> {
  const all: Heatmap[] = [];
  for (const path of paths) {
    const { count, relevance } = await openHeatmaps(path, host);
    for (let i = 0; i < count; i++)
      all.push({
        photo: { name: count === 1 ? path : `${path}[${i}]`, class: 'all', groups: {} },
        relevance: () => relevance(i),
      });
  }
  return all;
}
