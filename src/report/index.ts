export {
  barChart,
  chartSvg,
  confusionChart,
  type NamedChart,
  PAPER,
  type ProgressRow,
  progressChart,
  progressOf,
  RATE,
  reliabilityChart,
  targetCharts,
} from './charts/index.ts';
export {
  COMPARISON_FILE,
  type ComparisonReport,
  type NamedTable,
  reportOn,
} from './comparison.ts';
export { parseComparison } from './comparison-file.ts';
export { type ConceptGraph, layoutConceptGraph } from './concept-graph.ts';
export { type ConceptRow, type ConceptSheet, type ConceptTile, layoutConcepts } from './concept-sheet.ts';
export { type Finding, findingsOf } from './findings.ts';
export { foldCharts, placedPoint, type TargetPoint, validationPoints } from './folds.ts';
export type { PageBlock, PageCell, PageExample, PagePicture, PageTable } from './page-blocks.ts';
export { chartBlocks } from './page-chart.ts';
export { type ClustersMaterial, clustersPage } from './page-clusters.ts';
export { comparisonPage, type TargetExamples } from './page-comparison.ts';
export { conceptsPage, type SheetPictures } from './page-concepts.ts';
export { bestEntry } from './page-models.ts';
export type { ReportSection } from './page-report.ts';
export { type TrainingPage, type TrainingRun, trainingPage } from './page-training.ts';
export { readRun, runFiles, runNames } from './runs.ts';
export * from './tables/index.ts';
