import { csvLine } from '../../common/csv.ts';
import { bootstrapMeans, clustered, percentileInterval } from '../../evaluation/statistics/bootstrap.ts';
import {
  type AnalysisOptions,
  baselines,
  comparisons,
  curveName,
  curvesOf,
  estimates,
  type FaithfulnessMeasure,
  type FaithfulnessReport,
  findings,
  goneAt,
  limitsOf,
  type MeanCurve,
  measuresOf,
  type PhotoValues,
  type RandomisedLayer,
} from '../../faithfulness/index.ts';
import type { PhotoSet } from '../photoset.ts';
import type { NamedMethod } from './methods.ts';
import type { FaithfulnessFields } from './request.ts';
import { isWhole, type LayerLikeness } from './sanity.ts';
import { type AnalysisEntry, METHODS } from './work.ts';

/** What a report is made of. */
export interface Made {
  readonly identity: Pick<FaithfulnessReport, 'model' | 'data' | 'settings' | 'versions'>;
  readonly methods: readonly Pick<NamedMethod, 'name'>[];
  readonly photos: Pick<PhotoSet, 'names'>;
  readonly options: AnalysisOptions;
  readonly fields: Pick<FaithfulnessFields, 'metrics' | 'resamples' | 'seed' | 'charts' | 'parquet'>;
  readonly entries: ReadonlyMap<number, AnalysisEntry>;
}

/** Puts together what all photos came to: means, intervals, tests, curves, findings. */
export function reportOf(made: Made): FaithfulnessReport {
  const { identity, methods, fields, entries } = made;
  const { resamples, seed } = fields;
  const how = entries.get(METHODS);
  const descriptions = how?.kind === 'methods' ? how.descriptions : {};
  const analysed = [
    ...methods.map(({ name }) => ({ name, kind: 'method' as const, description: descriptions[name] })),
    ...baselines.map((name) => ({ name, kind: 'baseline' as const })),
  ];
  const isBaseline = (name: string) =>
    analysed.some((each) => each.name === name && each.kind === 'baseline');
  const layers = [...entries.values()].flatMap((entry) => (entry.kind === 'layer' ? [entry.layer] : []));
  const asked = measuresOf(fields.metrics);
  const columns = new Map(asked.map((measure) => [measure, columnsOf(measure, made, layers)]));
  const known = asked.filter((measure) => columns.get(measure)!.size > 0);
  const ranking = { resamples, seed };
  const evidence = {
    methods: analysed,
    measures: known,
    estimates: known.flatMap((measure) => estimates(measure, columns.get(measure)!, ranking)),
    comparisons: known.flatMap((measure) =>
      measure.better === 'neither' ? [] : comparisons(measure, columns.get(measure)!, isBaseline, ranking),
    ),
  };
  const skipped = [...entries.values()].flatMap((entry) =>
    entry.kind === 'failed' ? [{ photo: entry.failed.item, error: entry.failed.error }] : [],
  );
  const photos = analysedPhotos(made).length;
  return {
    format: 'limn faithfulness 1',
    ...identity,
    data: { ...identity.data, photos, skipped },
    ...evidence,
    randomisation: layers.flatMap(layerRows),
    curves: meanCurves(made),
    findings: findings(evidence),
    limits: limitsOf({ measures: known, photos, sparing: identity.settings.sparing }),
  };
}

/** The photos that were analysed, in their order. */
function analysedPhotos({ photos, entries }: Pick<Made, 'photos' | 'entries'>) {
  return photos.names.flatMap((name, i) => {
    const entry = entries.get(i);
    return entry?.kind === 'photo' ? [{ name, ...entry }] : [];
  });
}

/** A measure's values by method, photo by photo; methods that have none are left out. */
function columnsOf(
  measure: FaithfulnessMeasure,
  made: Made,
  layers: readonly LayerLikeness[],
): ReadonlyMap<string, PhotoValues> {
  const names = [...made.methods.map(({ name }) => name), ...(measure.ofBaselines ? baselines : [])];
  const finite = (value: number | undefined) => (Number.isFinite(value) ? value : undefined);
  const whole = layers.find(isWhole);
  const columns = names.map((name): [string, PhotoValues] => {
    const likeness = whole?.methods[name];
    if (measure.name === 'randomisation') return [name, likeness?.rank.map(finite) ?? []];
    if (measure.name === 'smooth-randomisation') return [name, likeness?.smooth?.map(finite) ?? []];
    if (measure.name === 'complexity-rise') return [name, likeness?.rise.map(finite) ?? []];
    return [name, analysedPhotos(made).map(({ values }) => finite(values[measure.name]?.[name]))];
  });
  return new Map(columns.filter(([, values]) => values.some((value) => value !== undefined)));
}

function layerRows({ layer, kind, share, methods }: LayerLikeness): RandomisedLayer[] {
  return Object.entries(methods).map(([method, { rank, similarity }]) => ({
    method,
    kind,
    layer,
    share,
    photos: rank.length,
    rankCorrelation: meanOf(rank.filter((value) => !Number.isNaN(value))),
    similarity: meanOf(similarity),
  }));
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function meanCurves(made: Made): MeanCurve[] {
  const { fields, options } = made;
  const photos = analysedPhotos(made);
  const each = photos.map((_, i) => i);
  return curvesOf(options).flatMap((plan) => {
    const name = curveName(plan);
    return Object.keys(photos[0]?.curves[name] ?? {}).map((method): MeanCurve => {
      const steps = Array.from({ length: plan.steps + 1 }, (_, k) => k);
      const columns = steps.map((k) =>
        clustered(
          photos.map(({ curves }) => curves[name][method][k]),
          each,
        ),
      );
      const drawn = bootstrapMeans(columns, photos.length, {
        resamples: fields.resamples,
        seed: fields.seed,
      });
      const mean = columns.map(({ sums }) => meanOf([...sums]));
      const ends = drawn.map(percentileInterval);
      return {
        metric: plan.metric,
        order: plan.order,
        method,
        // Regions are whole: of a thousand, a share is known to a thousandth.
        shares: steps.map((k) => goneAt(k, 1000, plan) / 1000),
        mean,
        low: ends.map((end, k) => (photos.length > 1 ? (end?.low ?? mean[k]) : mean[k])),
        high: ends.map((end, k) => (photos.length > 1 ? (end?.high ?? mean[k]) : mean[k])),
      };
    });
  });
}

/** Every number of every photo, a line for each photo and method. */
export function valuesTable(made: Made): string {
  const photos = analysedPhotos(made);
  const names = Object.keys(photos[0]?.values ?? {});
  const methods = [...made.methods.map(({ name }) => name), ...baselines];
  return [
    csvLine(['photo', 'method', ...names]),
    ...photos.flatMap(({ name, values }) =>
      methods.map((method) =>
        csvLine([
          name,
          method,
          ...names.map((measure) => {
            const value = values[measure][method];
            // Without −0, whose sign is lost where entries are kept.
            return Number.isFinite(value) ? value + 0 : '';
          }),
        ]),
      ),
    ),
  ].join('');
}
