import { type Description, parseTarget, type ResolvedTarget } from '../../attribution/index.ts';
import type { Classifier } from '../../classifier/index.ts';
import { below, drawAt } from '../../common/random.ts';
import {
  type AnalysisOptions,
  analyse,
  baselineMap,
  baselines,
  type NamedMap,
  nearby,
  type PhotoAnalysis,
  type Probe,
  type Regions,
  robustness,
  spearman,
  squares,
  usualSide,
  type Values,
} from '../../faithfulness/index.ts';
import { type BatchMaps, inputOfCopies, inputOfPhotos, type Mapper } from './maps.ts';
import type { PassCounter } from './passes.ts';
import type { ReadyPhoto } from './photos.ts';
import type { FaithfulnessFields } from './request.ts';

/** What makes a method's maps, and those of metrics that call for many; the same where it need not be sparing. */
export interface MapperPair {
  readonly own: Mapper;
  readonly sparing: Mapper;
}

/** What photos are analysed with. */
export interface Workbench {
  readonly classifier: Classifier;
  readonly mappers: readonly MapperPair[];
  readonly probe: Probe;
  readonly fields: FaithfulnessFields;
  readonly options: AnalysisOptions;
  readonly passes: PassCounter;
}

/** What some photos came to, and how each method made its maps. */
export interface AnalysedPhotos {
  readonly analyses: readonly PhotoAnalysis[];
  readonly descriptions: Readonly<Record<string, Description>>;
}

/** Analyses some photos together: each method explains them, then all their changed copies are asked about in full runs. */
export async function analysePhotos(
  photos: readonly ReadyPhoto[],
  bench: Workbench,
): Promise<AnalysedPhotos> {
  const { fields, options, probe, passes } = bench;
  const mappers = bench.mappers.map(({ own }) => own);
  const explained = await explainAll(photos, bench);
  const regionsOf = regionsBySize(fields);
  const analyses = photos.map(({ photo, mask }, i) => {
    const maps: NamedMap[] = [
      ...mappers.map(({ name }, m) => ({ method: name, map: explained[m].maps[i] })),
      ...baselines.map((name) => ({ method: name, map: baselineMap(name, photo, fields.seed) })),
    ];
    return analyse({ photo, target: explained[0].targets[i], maps, mask }, regionsOf(photo), options);
  });
  function* questions() {
    for (const each of analyses) yield* each.questions;
  }
  await probe.ask(questions(), passes);
  return {
    analyses: analyses.map((each, i) => {
      const { values, curves } = each.result();
      const more = mappers.map(({ name }, m) => [name, explained[m].values[i]] as const);
      return { values: withMore(values, more), curves };
    }),
    descriptions: Object.fromEntries(mappers.map(({ name }, m) => [name, explained[m].description])),
  };
}

/** A method's maps of some photos, and the measures that other explanations take. */
type Explained = BatchMaps & { readonly values: readonly Readonly<Record<string, number>>[] };

async function explainAll(photos: readonly ReadyPhoto[], bench: Workbench): Promise<Explained[]> {
  const { classifier, mappers, fields, passes } = bench;
  const { metrics, seed } = fields;
  const input = inputOfPhotos(photos.map(({ photo }) => photo));
  const target = parseTarget(fields.target);
  const found: Explained[] = [];
  for (const { own, sparing } of mappers) {
    const made = await own.explain(input, found[0]?.targets ?? target, passes);
    const values = photos.map((): Record<string, number> => ({}));
    if (metrics.includes('completeness'))
      for (const i of photos.keys()) values[i].completeness = made.incompleteness[i];
    if (metrics.includes('random-logit') && classifier.classes > 1) {
      const others = photos.map(({ photo }, i) =>
        otherClass(made.targets[i], classifier.classes, seed, photo.index),
      );
      const { maps } = await own.explain(input, others, passes);
      for (const i of photos.keys()) values[i]['random-logit'] = spearman(made.maps[i].data, maps[i].data);
    }
    // One network of a method at a time: together they would take gigabytes.
    if (sparing !== own) await own.release();
    if (metrics.includes('robustness')) {
      const before = sparing === own ? made : await sparing.explain(input, made.targets, passes);
      const steady = await robustnessOf(photos, before, sparing, bench);
      for (const i of photos.keys()) Object.assign(values[i], steady[i]);
    }
    found.push({ ...made, values });
    await sparing.release();
  }
  return found;
}

/** How the maps of photos change with them. */
async function robustnessOf(
  photos: readonly ReadyPhoto[],
  before: BatchMaps,
  mapper: Mapper,
  { fields: { copies, seed }, passes }: Workbench,
): Promise<Readonly<Record<string, number>>[]> {
  const found: Record<string, number>[] = [];
  for (const [i, { photo }] of photos.entries()) {
    const near = nearby(photo, copies, seed);
    const same = near.map(() => before.targets[i]);
    const { maps } = await mapper.explain(inputOfCopies(photo, near), same, passes);
    const { maxSensitivity, lipschitz } = robustness(
      before.maps[i],
      photo.data,
      maps.map((map, k) => ({ map, photo: near[k] })),
    );
    found.push({ 'max-sensitivity': maxSensitivity, lipschitz });
  }
  return found;
}

/** A class that is none of the target's, drawn anew for each photo. */
function otherClass(
  { classes, against }: ResolvedTarget,
  count: number,
  seed: number,
  photo: number,
): ResolvedTarget {
  const free = Array.from({ length: count }, (_, i) => i).filter(
    (i) => !classes.includes(i) && !against.includes(i),
  );
  const random = new Uint32Array(4);
  drawAt(seed, 'another class', photo, random);
  return { classes: [free[below(random[0], free.length)] ?? classes[0]], against: [] };
}

/** Values with those that methods have besides. */
function withMore(
  values: Values,
  more: readonly (readonly [method: string, values: Readonly<Record<string, number>>])[],
): Values {
  const all: Values = { ...values };
  for (const [method, each] of more)
    for (const [measure, value] of Object.entries(each)) all[measure] = { ...all[measure], [method]: value };
  return all;
}

/** The squares of photos of each size. */
function regionsBySize({ region }: FaithfulnessFields) {
  const known = new Map<string, Regions>();
  return ({ height, width }: { readonly height: number; readonly width: number }): Regions => {
    const key = `${height}×${width}`;
    const found = known.get(key) ?? squares(height, width, region ?? usualSide(height, width));
    known.set(key, found);
    return found;
  };
}
