import {
  accuracyOf,
  adjustedRand,
  byCentrality,
  type Cluster,
  type ClusteredClass,
  type ClusteredPhoto,
  type ClusterReport,
  clusterFindings,
  clusterLimits,
  columnsOfPhoto,
  concentrationOf,
  confidenceOf,
  type Features,
  type GroupAgreement,
  groupColumnsOf,
  groupExcesses,
  meanRowOf,
  type Parting,
  placeColumns,
  separability,
} from '../../clusters/index.ts';
import { csvLine } from '../../common/csv.ts';
import type { ClusterScatter } from '../../report/charts/index.ts';
import type { Collected } from './collected.ts';
import { mapOfRow } from './draw.ts';
import type { ClustersFields } from './request.ts';

/** A class whose photos are parted. */
export interface PartedClass {
  readonly name: string;
  /** Places of its photos among all. */
  readonly places: readonly number[];
  /** Rows of its photos, as they were compared. */
  readonly features: Features;
  readonly parting: Parting;
  /** The number of its first cluster. */
  readonly first: number;
}

/** What a report is made of. */
export interface MadeClusters {
  readonly identity: Pick<ClusterReport, 'model' | 'data' | 'settings' | 'versions'>;
  readonly collected: Collected;
  readonly classes: readonly PartedClass[];
  readonly small: ClusterReport['small'];
  readonly same: NonNullable<ClusterReport['same']>;
  readonly fields: ClustersFields;
}

/** Puts together what the classes came to: clusters, what they have more of, findings. */
export function reportOfClusters({
  identity,
  collected,
  classes,
  small,
  same,
  fields,
}: MadeClusters): ClusterReport {
  const { photos, shape, explanation, skipped } = collected;
  const clusters = classes.flatMap((each) => clustersOf(each, collected, fields));
  const parted = classes.map(
    ({ name, places, parting: { neighbours, parts, eigenvalues, gap, labels } }) => ({
      class: name,
      photos: places.length,
      neighbours,
      parts,
      eigenvalues,
      gap,
      unclustered: labels.filter((label) => label < 0).length,
    }),
  ) satisfies ClusteredClass[];
  const groups = groupExcesses(
    classes.map((each) => ({ photos: each.places.map((i) => photos[i]), clusters: numbersOf(each) })),
  );
  const evidence = { classes: parted, small, ...(same.length > 0 && { same }), clusters, groups };
  return {
    format: 'limn clusters 1',
    ...identity,
    data: {
      ...identity.data,
      photos: photos.length,
      skipped: skipped.map(({ item, error }) => ({ photo: item, error })),
    },
    ...(explanation !== undefined && { explanation }),
    shape,
    ...evidence,
    agreements: classes.flatMap((each) => agreementsOf(each, collected)),
    photos: placesOf(classes, collected),
    findings: clusterFindings(evidence),
    limits: clusterLimits(evidence),
  };
}

/** The number of each photo's cluster. */
const numbersOf = ({ parting: { labels }, first }: PartedClass): (number | undefined)[] =>
  Array.from(labels, (label) => (label < 0 ? undefined : first + label));

function clustersOf(
  { name, places, features, parting, first }: PartedClass,
  { photos, shape }: Collected,
  { exemplars, resamples, seed }: ClustersFields,
): Cluster[] {
  const { labels, spectral } = parting;
  const count = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  return Array.from({ length: count }, (_, label): Cluster => {
    const central = byCentrality(spectral, labels, label);
    const own = central.map((row) => photos[places[row]]);
    const unlike = separability(spectral, labels, label);
    const accuracy = accuracyOf(own);
    const confidence = confidenceOf(own, { resamples, seed });
    const mean = meanRowOf(features, central);
    const map = mapOfRow(mean, shape);
    const names = own.map((photo) => photo.name);
    return {
      number: first + label,
      class: name,
      photos: own.length,
      share: own.length / places.length,
      ...(Number.isFinite(unlike) && { separability: unlike }),
      ...(accuracy && { accuracy }),
      ...(confidence && { confidence }),
      ...(map && { concentration: concentrationOf(map) }),
      mean: Array.from(mean, (value) => Number(value.toPrecision(6))),
      nearest: names.slice(0, exemplars),
      farthest: names.slice(Math.max(exemplars, names.length - exemplars)).reverse(),
    };
  });
}

function agreementsOf(each: PartedClass, { photos }: Collected): GroupAgreement[] {
  const own = each.places.map((i) => photos[i]);
  const numbers = numbersOf(each);
  return [...groupColumnsOf(own)].map(([column, values]) => ({
    class: each.name,
    column,
    adjustedRand: adjustedRand(numbers, values),
  }));
}

function placesOf(classes: readonly PartedClass[], { photos }: Collected): ClusteredPhoto[] {
  const cluster = new Map(
    classes.flatMap((each) => numbersOf(each).map((number, row) => [each.places[row], number] as const)),
  );
  return photos.map(({ name, class: own }, i) => {
    const number = cluster.get(i);
    return { photo: name, class: own, ...(number !== undefined && { cluster: number }) };
  });
}

/** A line for each photo: its class, its cluster, where it lies in every view, and what is known of it. */
export function photosTable({ collected: { photos }, classes }: MadeClusters): string {
  const most = Math.max(0, ...classes.map(({ parting }) => parting.shown.dimensions));
  const known = photos.map(columnsOfPhoto);
  const columns = [...new Set(known.flatMap((each) => Object.keys(each)))];
  const rows = new Map<number, { readonly number: number | undefined; readonly at: readonly number[] }>();
  for (const each of classes) {
    const { shown, pca, umap } = each.parting;
    numbersOf(each).forEach((number, row) => {
      const of = (view: typeof pca, count: number) =>
        Array.from({ length: count }, (_, j) =>
          view && j < view.dimensions ? view.data[row * view.dimensions + j] : Number.NaN,
        );
      rows.set(each.places[row], { number, at: [...of(shown, most), ...of(pca, 2), ...of(umap, 2)] });
    });
  }
  return [
    csvLine([...placeColumns(most), ...columns]),
    ...photos.map(({ name, class: own, confidence }, i) => {
      const row = rows.get(i);
      const at = row?.at ?? new Array<number>(most + 4).fill(Number.NaN);
      return csvLine([
        name,
        own,
        row?.number ?? '',
        confidence ?? '',
        ...at.map((value) => (Number.isFinite(value) ? value : '')),
        ...columns.map((column) => known[i][column] ?? ''),
      ]);
    }),
  ].join('');
}

/** Where the photos of a class lie in each of its views. */
export function scattersOf(each: PartedClass, { photos }: Collected): ClusterScatter[] {
  const { shown, pca, umap } = each.parting;
  const numbers = numbersOf(each);
  const views = [
    // The first eigenvector is the same for all photos of a graph in one part.
    ['spectral', shown, Math.min(1, shown.dimensions - 1)],
    ['pca', pca, 0],
    ['umap', umap, 0],
  ] as const;
  return views.flatMap(([view, embedding, from]) => {
    if (!embedding) return [];
    const at = (row: number, j: number) =>
      j < embedding.dimensions ? embedding.data[row * embedding.dimensions + j] : 0;
    const points = numbers.map((cluster, row) => {
      const { predicted, truth } = photos[each.places[row]];
      const right = predicted === undefined || truth === undefined ? undefined : predicted === truth;
      return { x: at(row, from), y: at(row, from + 1), cluster, right };
    });
    return [{ class: each.name, view, points }];
  });
}
