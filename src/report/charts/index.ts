export { type Bar, type BarOptions, barChart } from './bars.ts';
export { targetCharts } from './comparison.ts';
export { type ConfusionOptions, confusionChart } from './confusion.ts';
export { RATE } from './eventrows.ts';
export { progressOf } from './log.ts';
export type { NamedChart } from './named.ts';
export { type ReliabilityBin, reliabilityChart } from './reliability.ts';
export { chartSvg, type RenderOptions } from './render.ts';
export { isShare, type ProgressOptions, type ProgressRow, progressChart } from './training.ts';
