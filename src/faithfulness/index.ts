export {
  type AnalysedPhoto,
  type AnalysisOptions,
  analyse,
  byMethod,
  type CurvePlan,
  type Curves,
  curveName,
  curvesOf,
  type NamedMap,
  type PhotoAnalysis,
  questionsPerPhoto,
  type Values,
} from './analysis.ts';
export { type BaselineMap, baselineMap, baselines } from './baselines.ts';
export { entropy, sparseness } from './complexity.ts';
export {
  aopc,
  areaBetween,
  areaUnder,
  type CurveOptions,
  curveQuestions,
  goneAt,
  monotonicity,
  type Removal,
} from './curves.ts';
export { type FaithfulnessEvidence, findings, limitsOf, roundedFigure } from './findings.ts';
export { type ImputationOptions, imputer } from './imputation.ts';
export { type Localisation, localisation } from './localisation.ts';
export {
  type FaithfulnessMeasure,
  type MeasureName,
  type Metric,
  measures,
  measuresOf,
  metrics,
} from './measures.ts';
export { type Measured, openProbe, type Probe, type ProbeOptions, type ProbeQuestion } from './probe.ts';
export { noisyCopies, type Randomised, randomised, weightedLayers } from './randomise.ts';
export {
  comparisons,
  estimates,
  type MethodComparison,
  type MethodEstimate,
  type PhotoValues,
  type RankingOptions,
} from './ranking.ts';
export {
  type AnalysedMethod,
  FAITHFULNESS_FILE,
  type FaithfulnessReport,
  type MeanCurve,
  parseFaithfulness,
  type RandomisedLayer,
} from './record.ts';
export { type Regions, type RemovalOrder, ranks, squares, usualSide } from './regions.ts';
export { fillBy, type NetworkPhoto, type Replacement, replaced, replacements } from './replacement.ts';
export { nearby, type Robustness, robustness } from './robustness.ts';
export { pearson, spearman, structuralSimilarity } from './similarity.ts';
export {
  attributed,
  correlation,
  drawSubsets,
  infidelity,
  type Subset,
  sensitivityN,
  subsetQuestions,
  subsetShares,
} from './subsets.ts';
