/** What can be asked for: groups of measures that come from the same questions. */
export const metrics = [
  'pixel-flipping',
  'deletion',
  'insertion',
  'road',
  'subsets',
  'robustness',
  'complexity',
  'completeness',
  'localisation',
  'randomisation',
  'smooth-randomisation',
  'random-logit',
] as const;

/** The name of a metric that an analysis may be asked for; some give several measures. */
export type Metric = (typeof metrics)[number];

/** A number of one map of one photo. */
export interface FaithfulnessMeasure {
  readonly name: string;
  /** As tables and sentences call it. */
  readonly title: string;
  readonly metric: Metric;
  /** Which way is better; `neither` where it only describes. */
  readonly better: 'higher' | 'lower' | 'neither';
  /** Whether maps that know nothing of the network have it, too. */
  readonly ofBaselines: boolean;
  /** Where it is from. */
  readonly paper: string;
}

const measure = (
  metric: Metric,
  name: string,
  title: string,
  better: FaithfulnessMeasure['better'],
  paper: string,
  ofBaselines = true,
): FaithfulnessMeasure => ({ name, title, metric, better, ofBaselines, paper });

/** All measures, in the order of tables. */
export const measures = [
  measure('pixel-flipping', 'abpc', 'area between curves', 'higher', 'Schulz et al. 2020'),
  measure('pixel-flipping', 'aopc-morf', 'AOPC, most relevant first', 'higher', 'Samek et al. 2017'),
  measure('pixel-flipping', 'aopc-lerf', 'AOPC, least relevant first', 'lower', 'Samek et al. 2017'),
  measure('pixel-flipping', 'monotonicity', 'monotonicity', 'higher', 'Arya et al. 2019'),
  measure('deletion', 'deletion', 'deletion', 'lower', 'Petsiuk et al. 2018'),
  measure('insertion', 'insertion', 'insertion', 'higher', 'Petsiuk et al. 2018'),
  measure('road', 'road', 'ROAD', 'higher', 'Rong et al. 2022'),
  measure('subsets', 'correlation', 'faithfulness correlation', 'higher', 'Bhatt et al. 2020'),
  measure('subsets', 'sensitivity-n', 'sensitivity-n', 'higher', 'Ancona et al. 2018'),
  measure('subsets', 'infidelity', 'infidelity', 'lower', 'Yeh et al. 2019'),
  measure('robustness', 'max-sensitivity', 'max-sensitivity', 'lower', 'Yeh et al. 2019', false),
  measure(
    'robustness',
    'lipschitz',
    'local Lipschitz estimate',
    'lower',
    'Alvarez-Melis and Jaakkola 2018',
    false,
  ),
  measure('complexity', 'sparseness', 'sparseness', 'neither', 'Chalasani et al. 2020'),
  measure('complexity', 'entropy', 'entropy', 'neither', 'Bhatt et al. 2020'),
  measure('completeness', 'completeness', 'completeness error', 'lower', 'Sundararajan et al. 2017', false),
  measure('localisation', 'pointing-game', 'pointing game', 'higher', 'Zhang et al. 2018'),
  measure('localisation', 'mass-accuracy', 'relevance mass accuracy', 'higher', 'Arras et al. 2022'),
  measure('localisation', 'rank-accuracy', 'relevance rank accuracy', 'higher', 'Arras et al. 2022'),
  measure(
    'randomisation',
    'randomisation',
    'likeness after randomising all weights',
    'lower',
    'Adebayo et al. 2018',
    false,
  ),
  measure(
    'randomisation',
    'complexity-rise',
    'rise of entropy after randomising all weights',
    'higher',
    'Hedström et al. 2024',
    false,
  ),
  measure(
    'smooth-randomisation',
    'smooth-randomisation',
    'likeness of denoised maps after randomising all weights',
    'lower',
    'Hedström et al. 2024',
    false,
  ),
  measure(
    'random-logit',
    'random-logit',
    'likeness to the map of another class',
    'lower',
    'Sixt et al. 2020',
    false,
  ),
] as const satisfies readonly FaithfulnessMeasure[];

/** The name of a measure of faithfulness. */
export type MeasureName = (typeof measures)[number]['name'];

/** The measures of the metrics that are asked for. */
export const measuresOf = (asked: readonly Metric[]): readonly FaithfulnessMeasure[] =>
  measures.filter(({ metric }) => asked.includes(metric));
