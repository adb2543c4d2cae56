import { fail } from '../../common/error.ts';
import { quoted } from '../../common/quoted.ts';
import { type PaperPreprocessing, PREPROCESSINGS } from '../../data/definitions/name.ts';
import { type AdienceTarget, TARGETS } from '../../data/index.ts';
import { CROPS, type Crops } from '../../image/pixels/crops.ts';
import { composites, namedComposite } from '../../relevance/composites/composites.ts';
import { numberList } from '../spec.ts';
import { entriesOf, parseYaml, type YamlEntry, type YamlText, yamlScalar, yamlScalars } from '../yaml.ts';

/** How lists are made of people's photos. */
export interface StudySplit {
  readonly labels: 'repaired' | 'as-published';
  readonly validation: 'by-person' | 'as-published';
  readonly seed: number;
  /** Pixels on a side of the pictures in databases and means. */
  readonly size: number;
}

/** Adience as it is downloaded: folders of fold files and of pictures. */
export interface AdienceFolders extends StudySplit {
  readonly kind: 'adience';
  readonly folds: string;
  readonly aligned: string | undefined;
  readonly faces: string | undefined;
}

/** Any photos with ages and genders, which are divided into folds. */
export interface ManifestOfPhotos extends StudySplit {
  readonly kind: 'manifest';
  readonly manifest: string;
  /** The folder that its paths start from; its own unless given. */
  readonly images: string | undefined;
  /** Columns: who is in a photo, how old, of which gender. Without `person` every photo is somebody else's. */
  readonly person: string | undefined;
  readonly age: string;
  readonly gender: string;
  /** What becomes of ages that no class holds. */
  readonly between: 'drop' | 'nearest';
  readonly folds: number;
  /** Whether faces are found and cut out, aligned and not; else photos are taken as they are. */
  readonly align: boolean;
}

/** On which photos networks are tested, by what they were trained on. */
export type TestSets = Readonly<Partial<Record<PaperPreprocessing, PaperPreprocessing>>>;

/** Heatmaps of the same photos by all networks of a target. */
export interface StudyHeatmaps {
  /** How many photos, evenly over the classes; or the folder of them. */
  readonly photos: number | string;
  readonly composite: string;
  readonly variant: 'faithful' | 'corrected';
  /** Whether figures show each network's mean over its folds. */
  readonly average: boolean;
  /** Whether it is measured where in faces networks look. */
  readonly regions: boolean;
}

/** A study: everything from folders of photos to a report, in one file; paths are as written. */
export interface StudyFile {
  readonly file: string;
  /** The report's title. */
  readonly name: string | undefined;
  readonly data: AdienceFolders | ManifestOfPhotos;
  /** The folder with a folder for each network, named and laid out as the published ones. */
  readonly definitions: YamlText;
  readonly solver: string;
  readonly deploy: string;
  /** Patterns of which a definition must fit one; undefined for all. */
  readonly only: readonly string[] | undefined;
  /** To start from, by the network's part in a definition's name, or `imdbwiki`. */
  readonly weights: ReadonlyMap<string, YamlText>;
  readonly targets: readonly AdienceTarget[];
  readonly preprocessing: readonly PaperPreprocessing[];
  /** Those that are tested; all that there are unless given. */
  readonly folds: readonly number[] | undefined;
  readonly schedule: StudySchedule;
  /** Other values for fields of the solvers. */
  readonly set: readonly (readonly [name: string, value: YamlText])[];
  readonly threads: number | undefined;
  readonly tests: ReadonlyMap<string, TestSets>;
  readonly crops: Crops;
  readonly snapshots: 'last' | 'every';
  readonly heatmaps: StudyHeatmaps | undefined;
  readonly published: boolean;
  readonly version: string;
}

export const studySchedules = ['paper', 'as-committed', 'smoke'] as const;
/** How long networks are trained; `smoke`: two iterations on little data, to see that all goes through. */
export type StudySchedule = (typeof studySchedules)[number];

const fields = [
  ...['name', 'data', 'definitions', 'solver', 'deploy', 'only', 'weights', 'targets', 'preprocessing'],
  ...['folds', 'schedule', 'set', 'threads', 'tests', 'crops', 'snapshots', 'heatmaps', 'report', 'version'],
];

const split = ['labels', 'validation', 'seed', 'size'];

/** Mixed networks see both kinds of faces, and are tested on those that were only rotated. */
const ownTests: TestSets = { i: 'i', r: 'r', m: 'r' };

/** Reads a study. Errors name line and column: no YAML, unknown fields, values of another kind, what is missing. */
export function readStudyFile(text: string, file: string): StudyFile {
  const { root, at } = parseYaml(text, file);
  const top = readFields(root, at, file, fields);
  const tests = top.fields('tests');
  const heatmaps = top.fields('heatmaps', ['photos', 'composite', 'variant', 'average', 'regions']);
  return {
    file,
    name: top.text('name'),
    data: dataOf(
      top.fields('data') ??
        fail(file, "'data' is missing", 'data: { adience: { folds: folds, aligned: aligned } }'),
    ),
    definitions:
      top.scalar('definitions') ?? fail(file, "'definitions' is missing", 'give the folder of them'),
    solver: top.text('solver') ?? 'solver_test_fold_is_{fold}.prototxt',
    deploy: top.text('deploy') ?? 'deploy.prototxt',
    only: top.scalars('only')?.map((each) => each.text),
    weights: new Map(top.fields('weights')?.pairs()),
    targets: top.choices('targets', TARGETS) ?? TARGETS,
    preprocessing: top.choices('preprocessing', preprocessings) ?? preprocessings,
    folds: top.numbers('folds'),
    schedule: top.choice('schedule', studySchedules) ?? 'as-committed',
    set: top.fields('set')?.pairs() ?? [],
    threads: top.whole('threads', 1),
    tests: new Map(tests ? tests.names.map((name) => [name, testSetsOf(tests, name)]) : [['own', ownTests]]),
    crops: top.choice('crops', CROPS) ?? 'ten',
    snapshots: top.choice('snapshots', ['last', 'every']) ?? 'last',
    heatmaps: heatmaps && heatmapsOf(heatmaps),
    published: top.fields('report', ['published'])?.flag('published') ?? false,
    version: top.text('version') ?? '',
  };
}

const preprocessings = Object.keys(PREPROCESSINGS) as PaperPreprocessing[];

function dataOf(data: Fields): StudyFile['data'] {
  const splitOf = (of: Fields): StudySplit => ({
    labels: of.choice('labels', ['repaired', 'as-published']) ?? 'repaired',
    validation: of.choice('validation', ['by-person', 'as-published']) ?? 'by-person',
    seed: of.whole('seed', 0) ?? 0,
    size: of.whole('size', 1) ?? 256,
  });
  if (data.has('adience')) {
    data.only(['adience', ...split]);
    const folders = data.fields('adience', ['folds', 'aligned', 'faces'])!;
    const [aligned, faces] = [folders.text('aligned'), folders.text('faces')];
    if (aligned === undefined && faces === undefined)
      fail(folders.where, 'no folder of pictures', "give 'aligned', 'faces' or both");
    return { kind: 'adience', folds: folders.required('folds'), aligned, faces, ...splitOf(data) };
  }
  if (!data.has('manifest')) fail(data.where, 'which data?', "give 'adience' or 'manifest'");
  data.only([...['manifest', 'images', 'person', 'age', 'gender', 'between', 'folds', 'align'], ...split]);
  return {
    kind: 'manifest',
    manifest: data.required('manifest'),
    images: data.text('images'),
    person: data.text('person'),
    age: data.text('age') ?? 'age',
    gender: data.text('gender') ?? 'gender',
    between: data.choice('between', ['drop', 'nearest']) ?? 'drop',
    folds: data.whole('folds', 2) ?? 5,
    align: data.flag('align') ?? false,
    ...splitOf(data),
  };
}

function testSetsOf(tests: Fields, name: string): TestSets {
  if (!/^[\w.-]+$/.test(name))
    fail(tests.where, `${quoted(name)} is no name for files`, 'letters, digits, - _ .');
  if (!tests.isMap(name)) {
    const value = tests.required(name);
    return value === 'same' ? ownTests : fail(tests.where, `expected same or { i: r }, got ${quoted(value)}`);
  }
  const sets = tests.fields(name, preprocessings)!;
  return Object.fromEntries(
    sets.names.map((trained) => [trained, sets.choice(trained, ['i', 'r'])]),
  ) as TestSets;
}

function heatmapsOf(heatmaps: Fields): StudyHeatmaps {
  const photos = heatmaps.text('photos') ?? '40';
  const composite = heatmaps.choice('composite', Object.keys(composites)) ?? 'iccv2017';
  // What would end each explanation after hours of training ends here.
  const isFaithful = namedComposite(composite, { variant: 'faithful' }).variant === 'faithful';
  const variants = isFaithful ? (['faithful', 'corrected'] as const) : (['corrected'] as const);
  return {
    photos: /^\d+$/.test(photos) ? Number(photos) : photos,
    composite,
    variant: heatmaps.choice('variant', variants) ?? variants[0],
    average: (heatmaps.choice('average', ['folds', 'none']) ?? 'folds') === 'folds',
    regions: heatmaps.flag('regions') ?? true,
  };
}

/** The fields of a mapping, read by what they should be. Errors name line and column. */
interface Fields {
  readonly where: string;
  readonly names: readonly string[];
  has(name: string): boolean;
  isMap(name: string): boolean;
  /** Errors: fields besides these. */
  only(known: readonly string[]): void;
  scalar(name: string): YamlText | undefined;
  scalars(name: string): YamlText[] | undefined;
  text(name: string): string | undefined;
  required(name: string): string;
  flag(name: string): boolean | undefined;
  whole(name: string, least: number): number | undefined;
  numbers(name: string): number[] | undefined;
  choice<T extends string>(name: string, known: readonly T[]): T | undefined;
  choices<T extends string>(name: string, known: readonly T[]): T[] | undefined;
  fields(name: string, known?: readonly string[]): Fields | undefined;
  pairs(): (readonly [name: string, value: YamlText])[];
}

function readFields(
  node: unknown,
  at: (node: unknown) => string,
  where: string,
  known?: readonly string[],
): Fields {
  const entries = new Map(entriesOf(node, at, where, known).map((entry) => [entry.name, entry]));
  const present = (name: string): YamlEntry | undefined => {
    const entry = entries.get(name);
    return entry?.isNone ? undefined : entry;
  };
  const scalar = (name: string) => {
    const entry = present(name);
    return entry && yamlScalar(entry.value, at);
  };
  const scalars = (name: string) => {
    const entry = present(name);
    return entry && yamlScalars(entry.value, at);
  };
  const text = (name: string) => scalar(name)?.text;
  const among = <T extends string>({ text: given, where: place }: YamlText, all: readonly T[]): T =>
    all.find((each) => each === given) ??
    fail(place, `there is no ${quoted(given)}`, `there are ${all.join(', ')}`);
  const choice = <T extends string>(name: string, all: readonly T[]) => {
    const given = scalar(name);
    return given && among(given, all);
  };
  return {
    where,
    names: [...entries.keys()],
    has: (name) => present(name) !== undefined,
    isMap: (name) => present(name)?.isMap ?? false,
    only: (all) => void entriesOf(node, at, where, all),
    scalar,
    scalars,
    text,
    required: (name) => text(name) ?? fail(where, `${quoted(name)} is missing`),
    flag(name) {
      const given = choice(name, ['true', 'false']);
      return given && given === 'true';
    },
    whole(name, least) {
      const given = scalar(name);
      if (!given) return undefined;
      const value = /^\d{1,9}$/.test(given.text) ? Number(given.text) : Number.NaN;
      return value >= least
        ? value
        : fail(given.where, `expected a whole number from ${least} on, got ${quoted(given.text)}`);
    },
    numbers(name) {
      const given = scalars(name);
      return given && numberList(given);
    },
    choice,
    choices: (name, all) => scalars(name)?.map((each) => among(each, all)),
    fields(name, allowed) {
      const entry = present(name);
      return entry && readFields(entry.value, at, entry.where, allowed);
    },
    pairs: () => [...entries.values()].map((entry) => [entry.name, yamlScalar(entry.value, at)] as const),
  };
}
