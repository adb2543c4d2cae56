export { type ExplainedPhoto, type Explanations, explain, type Heat } from './explain.ts';
export {
  endsOf,
  type FigureStyle,
  figureOf,
  saysNothing,
  scaleName,
  scoresOf,
  sumText,
  titleOf,
} from './figure.ts';
export type { ExplainedTarget, ExplanationReading, NamedClass } from './reading.ts';
export { readExplanation } from './reading.ts';
export {
  type DrawingRecord,
  type ExplainRecord,
  type ExplanationFiles,
  type FailedPhotoRecord,
  type PhotoRecord,
  RECORD_FILE,
} from './record.ts';
export { type OfferedContrast, remarksOn, remarkText } from './remarks.ts';
export {
  type ExplainRequest,
  explainRequest,
  heatmapFields,
  heatmapScaleOf,
  methodFields,
  type SaveExplanationsRequest,
  saveRequest,
} from './request.ts';
export { type SaveEvent, saveExplanations } from './save.ts';
export { readTargetedPhotos, readToolboxRun, type TargetedPhotos, type ToolboxRun } from './toolboxrun.ts';
