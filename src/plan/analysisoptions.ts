/* What a specification may say of photos, heatmaps and analyses of them: the verbs' fields, under the names of their commands' options. */

/** How the value of an option becomes a field. */
export type OptionKind = 'text' | 'texts' | 'number' | 'flag' | 'either';

/** Which faces of photos are asked about, and how they are found. */
const finding = {
  align: 'text',
  margin: 'number',
  'min-size': 'number',
  'min-score': 'number',
  'doubt-score': 'number',
  turned: 'either',
  detector: 'text',
  landmarks: 'text',
} as const;

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
export const analysisFields = {
  classify: {
    crops: 'text',
    top: 'number',
    faces: 'text',
    ...finding,
    threads: 'number',
    provider: 'text',
  },
  explain: {
    target: 'text',
    head: 'text',
    top: 'number',
    method: 'text',
    layer: 'texts',
    composite: 'text',
    formula: 'number',
    variant: 'text',
    epsilon: 'number',
    beta: 'number',
    gamma: 'number',
    'up-to': 'number',
    lrn: 'text',
    sums: 'text',
    samples: 'number',
    noise: 'number',
    seed: 'number',
    steps: 'number',
    rule: 'text',
    window: 'number',
    stride: 'number',
    of: 'text',
    cells: 'number',
    keep: 'number',
    start: 'text',
    colors: 'text',
    pooling: 'text',
    percentile: 'number',
    limit: 'number',
    faces: 'text',
    raw: 'texts',
    figure: 'either',
    density: 'number',
    threads: 'number',
    provider: 'text',
  },
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

/** A verb that asks a model about photos, or makes or analyses its heatmaps. */
export type AnalysisVerb = keyof typeof analysisFields;

export const analysisVerbs = Object.keys(analysisFields) as readonly AnalysisVerb[];

/** The names of a verb's options in a specification. */
export const analysisOptions = (verb: AnalysisVerb): readonly string[] => [
  ...(verb === 'explain' || verb === 'classify' ? ['data', 'shards'] : ['data', 'images', 'shards']),
  ...Object.keys(analysisFields[verb]),
];

/** The options of a search for faces besides `data`, `for`, `largest` and `shards`. */
export const faceSearchOptions = {
  size: 'number',
  ...finding,
  parquet: 'flag',
  threads: 'number',
  provider: 'text',
} as const satisfies Readonly<Record<string, OptionKind>>;

/** The options of what measures where models look besides `explain`, `place` and `shards`. */
export const regionsOptions = {
  title: 'text',
  pooling: 'text',
  resamples: 'number',
  seed: 'number',
  detector: 'text',
  landmarks: 'text',
  parquet: 'flag',
  threads: 'number',
  provider: 'text',
} as const satisfies Readonly<Record<string, OptionKind>>;
