import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import {
  type AnalysisVerb,
  analysisOptions,
  analysisVerbs,
  faceSearchOptions,
  regionsOptions,
} from './analysisoptions.ts';
import { valueFor } from './pattern.ts';
import { entriesOf, parseYaml, type YamlEntry, type YamlText, yamlScalar, yamlScalars } from './yaml.ts';

/** A value for each definition: the first pattern that fits its name decides; undefined is "none". */
export type Choice = readonly (readonly [pattern: string, value: readonly YamlText[] | undefined])[];

/** The options of one kind of unit, under the names of the command's own options. */
export interface Stage {
  /** Where it stands: `spec.yaml:12:3`. */
  readonly where: string;
  readonly options: ReadonlyMap<string, Choice>;
  /** `map`, `set`, `place`: names with a value each. */
  readonly pairs: ReadonlyMap<string, readonly (readonly [name: string, value: YamlText])[]>;
}

/** What is to be trained, imported and evaluated; paths are as written. */
export interface Spec {
  readonly file: string;
  /** The folder with a folder for each definition; absent where nothing is asked of networks. */
  readonly definitions: YamlText | undefined;
  /** Patterns of which a definition must fit one. */
  readonly only: readonly string[];
  /** Undefined where there are none. */
  readonly folds: readonly number[] | undefined;
  /** Undefined where each solver's own counts. */
  readonly seeds: readonly number[] | undefined;
  /** Where units work, from the plan's folder on. */
  readonly folder: string;
  /** Part of every id: another one makes everything anew. */
  readonly version: string;
  readonly variables: ReadonlyMap<string, Choice>;
  readonly train: Stage | undefined;
  readonly import: Stage | undefined;
  /** By their names. */
  readonly evaluate: ReadonlyMap<string, Stage>;
  /** Heatmaps and analyses of them: by verbs, and by their names. */
  readonly analyses: ReadonlyMap<AnalysisVerb, ReadonlyMap<string, Stage>>;
  /** Searches for faces, which need no network, by their names. */
  readonly faces: ReadonlyMap<string, Stage>;
  /** Where all networks look in faces, by their names. */
  readonly regions: ReadonlyMap<string, Stage>;
}

const stages = {
  train: {
    options: ['solver', 'weights', 'schedule', 'data-root', 'shuffle', 'threads', 'keep'],
    pairs: ['map', 'set'],
  },
  import: {
    options: [
      ...[
        'prototxt',
        'weights',
        'mean',
        'labels',
        'resize',
        'crop',
        'channels',
        'scale',
        'input-shape',
        'name',
      ],
    ],
    pairs: [],
  },
  evaluate: {
    options: [
      ...['data', 'images', 'target', 'head', 'crops', 'as', 'between', 'ordered', 'batch', 'skip-bad'],
      ...['person-column', 'fold-column', 'threads', 'provider', 'shards'],
    ],
    pairs: ['place'],
  },
  classify: { options: analysisOptions('classify'), pairs: [] },
  explain: { options: analysisOptions('explain'), pairs: [] },
  faithfulness: { options: analysisOptions('faithfulness'), pairs: [] },
  clusters: { options: analysisOptions('clusters'), pairs: [] },
  concepts: { options: analysisOptions('concepts'), pairs: [] },
  faces: { options: ['data', 'for', 'largest', 'shards', ...Object.keys(faceSearchOptions)], pairs: [] },
  regions: { options: ['explain', 'shards', ...Object.keys(regionsOptions)], pairs: ['place'] },
} as const;

const known = [
  'definitions',
  'only',
  'folds',
  'seeds',
  'folder',
  'version',
  'variables',
  ...Object.keys(stages),
];

/** The most units of a plan: a few weeks of work for a hundred machines, and a file that can be read. */
export const MOST_UNITS = 20_000;

/**
 * Reads a specification. Errors name line and column: no YAML, unknown fields, values of another kind, what is missing.
 *
 * @example
 * ```ts
 * import { readSpec } from 'limn/plan';
 *
 * const spec = readSpec('definitions: nets\nimport: {prototxt: deploy.prototxt, weights: net.caffemodel}\n', 'spec.yaml');
 * console.log(Object.keys(spec));
 * ```
 */
export function readSpec(text: string, file: string): Spec {
  const { root, at } = parseYaml(text, file);
  const top = new Map(entriesOf(root, at, file, known).map((entry) => [entry.name, entry]));
  const optional = <T>(name: string, read: (entry: YamlEntry) => T): T | undefined => {
    const entry = top.get(name);
    return entry && read(entry);
  };
  const stage = (name: keyof typeof stages) => (entry: YamlEntry) => stageOf(entry, at, stages[name]);
  const named = (name: keyof typeof stages): Map<string, Stage> =>
    new Map(
      optional(name, (entry) =>
        entriesOf(entry.value, at, entry.where).map((each): [string, Stage] => [
          each.name,
          stage(name)(each),
        ]),
      ),
    );
  const spec: Spec = {
    file,
    definitions: optional('definitions', (entry) => yamlScalar(entry.value, at)),
    only: optional('only', (entry) => yamlScalars(entry.value, at).map((each) => each.text)) ?? ['*'],
    folds: optional('folds', (entry) => numberList(yamlScalars(entry.value, at))),
    seeds: optional('seeds', (entry) => numberList(yamlScalars(entry.value, at))),
    folder: optional('folder', (entry) => yamlScalar(entry.value, at).text) ?? 'units',
    version: optional('version', (entry) => yamlScalar(entry.value, at).text) ?? '',
    variables: new Map(
      optional('variables', (entry) =>
        entriesOf(entry.value, at, entry.where).map((each): [string, Choice] => [
          each.name,
          choiceOf(each, at),
        ]),
      ),
    ),
    train: optional('train', stage('train')),
    import: optional('import', stage('import')),
    evaluate: named('evaluate'),
    analyses: new Map(analysisVerbs.map((verb) => [verb, named(verb)])),
    faces: named('faces'),
    regions: named('regions'),
  };
  check(spec);
  return spec;
}

function check({
  file,
  definitions,
  train,
  import: imported,
  evaluate,
  analyses,
  faces,
  regions,
}: Spec): void {
  const ofPhotos = [...evaluate, ...[...analyses.values()].flatMap((each) => [...each])];
  const asking = [...ofPhotos, ...regions];
  const ofNetworks = train ?? imported ?? asking.at(0)?.[1];
  if (!ofNetworks && faces.size === 0) fail(file, 'it asks for nothing', "give 'train', 'import' or 'faces'");
  if (ofNetworks && !definitions)
    fail(file, "'definitions' is missing", 'docs/reference/units.md says what a specification holds');
  if (train) need(train, 'solver');
  if (imported) {
    need(imported, 'prototxt');
    if (!train) need(imported, 'weights');
    else if (imported.options.has('weights')) {
      fail(imported.where, "'weights' beside 'train'", 'what was trained is imported: leave it out');
    }
  }
  for (const [, stage] of asking)
    if (!imported) fail(stage.where, 'nothing is imported to ask', "give 'import'");
  for (const [name, stage] of [...asking, ...faces])
    if (!/^[\w.-]+$/.test(name))
      fail(stage.where, `${quoted(name)} is no name for files`, 'letters, digits, - _ .');
  for (const [, stage] of [...ofPhotos, ...faces]) need(stage, 'data');
  const explained = [...(analyses.get('explain') ?? new Map<string, Stage>()).keys()];
  for (const stage of regions.values()) {
    need(stage, 'explain');
    const wanted = chosen(stage.options.get('explain'), '')?.map(({ text }) => text) ?? [];
    const [none] = wanted.filter((name) => !explained.includes(name));
    if (wanted.length !== 1 || none !== undefined)
      fail(
        stage.where,
        `'explain': expected a name under 'explain', got ${quoted(wanted.join(', '))}`,
        explained.length > 0 ? `there are ${explained.join(', ')}` : "give 'explain'",
      );
  }
}

function need({ where, options }: Stage, name: string): void {
  if (!options.has(name)) fail(where, `${quoted(name)} is missing`);
}

function stageOf(
  entry: YamlEntry,
  at: (node: unknown) => string,
  { options, pairs }: { readonly options: readonly string[]; readonly pairs: readonly string[] },
): Stage {
  const found = entriesOf(entry.value, at, entry.where, [...options, ...pairs]);
  return {
    where: entry.where,
    options: new Map(
      found.filter(({ name }) => options.includes(name)).map((each) => [each.name, choiceOf(each, at)]),
    ),
    pairs: new Map(
      found
        .filter(({ name }) => pairs.includes(name))
        .map((each) => [
          each.name,
          entriesOf(each.value, at, each.where).map(
            (pair) => [pair.name, yamlScalar(pair.value, at)] as const,
          ),
        ]),
    ),
  };
}

/** A value for all, or one for each pattern. */
function choiceOf(entry: YamlEntry, at: (node: unknown) => string): Choice {
  if (entry.isNone) return [['*', undefined]];
  if (!entry.isMap) return [['*', yamlScalars(entry.value, at)]];
  return entriesOf(entry.value, at, entry.where).map((each) => [
    each.name,
    each.isNone ? undefined : yamlScalars(each.value, at),
  ]);
}

/** What a choice says for a definition. */
export const chosen = (choice: Choice | undefined, definition: string): readonly YamlText[] | undefined =>
  choice && valueFor(definition, choice);

/** `0-4`, or `0` and `2`. */
export function numberList(texts: readonly YamlText[]): number[] {
  const numbers = new Set<number>();
  for (const { text, where } of texts) {
    const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === undefined || last < first || last - first > 999)
      fail(where, `expected whole numbers, as 0-4 or [0, 2], got ${quoted(text)}`);
    for (let n = first; n <= last; n++) numbers.add(n);
    if (numbers.size > MOST_UNITS) fail(where, `more than ${MOST_UNITS} numbers`, 'make several plans');
  }
  return [...numbers];
}
