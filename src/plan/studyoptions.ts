/* What a specification may say of studies of heatmaps: the verbs' fields, under the names of their commands' options. */

/** How the value of an option becomes a field. */
type OptionKind = 'text' | 'texts' | 'number' | 'flag';

const common = {
  photos: 'number',
  target: 'text',
  head: 'text',
  batch: 'number',
  'skip-bad': 'flag',
  threads: 'number',
  provider: 'text',
} as const;

/** The options of each verb besides `data`, `images` and `shards`. */
export const studyFields = {
  faithfulness: {
    ...common,
    methods: 'texts',
    metrics: 'texts',
    measured: 'text',
    region: 'number',
    steps: 'number',
    until: 'number',
    replacement: 'text',
    subsets: 'number',
    copies: 'number',
    stops: 'number',
    seed: 'number',
    resamples: 'number',
  },
  clusters: {
    ...common,
    method: 'text',
    layer: 'text',
    features: 'text',
    side: 'number',
    norm: 'text',
    by: 'text',
    'truth-column': 'text',
    neighbours: 'number',
    weights: 'text',
    clustering: 'text',
    clusters: 'number',
    most: 'number',
    radius: 'number',
    views: 'texts',
    exemplars: 'number',
    seed: 'number',
    resamples: 'number',
  },
  concepts: {
    ...common,
    layers: 'texts',
    composite: 'text',
    formula: 'number',
    epsilon: 'number',
    beta: 'number',
    gamma: 'number',
    channels: 'number',
    references: 'number',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, OptionKind>>>>;

/** A verb that studies the heatmaps of a model. */
export type StudyVerb = keyof typeof studyFields;

export const studyVerbs = Object.keys(studyFields) as readonly StudyVerb[];

/** The names of a verb's options in a specification. */
export const studyOptions = (verb: StudyVerb): readonly string[] => [
  ...['data', 'images', 'shards'],
  ...Object.keys(studyFields[verb]),
];
