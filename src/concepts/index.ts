export { addMoments, type ExactMoments, noMoments } from '../common/exactmoments.ts';
export { relevanceExtent, squared } from './extent.ts';
export { type FieldSite, type PixelWindow, receptiveField } from './field.ts';
export { conceptFindings, conceptLimits } from './findings.ts';
export {
  type ChannelGraph,
  type ChannelLayer,
  type ConceptOptions,
  channelGraph,
  channelOutputs,
  conditionalGraph,
} from './graph.ts';
export { layersOnAllWays, usualLayers } from './layers.ts';
export {
  byMean,
  type MeanEstimate,
  meanOfChannel,
  sumOfChannel,
  sumsOfChannels,
} from './moments.ts';
export {
  type AnalysedLayer,
  type ChannelShare,
  CONCEPTS_FILE,
  type Concept,
  type ConceptEdge,
  type ConceptReport,
  type ExplainedByConcepts,
  parseConcepts,
  type ShownReference,
} from './record.ts';
export {
  addPhoto,
  type ChannelReading,
  type ChannelTally,
  type LayerSurvey,
  mergeSurvey,
  noSurvey,
  type ReferenceKind,
  type ReferencePhoto,
  type SurveyedPhoto,
  sharesOf,
} from './survey.ts';
export {
  type ConceptSurvey,
  parseSurvey,
  SURVEY_FILE,
  type SurveyRecord,
  surveyOf,
  surveyRecord,
  surveyText,
  type UnreadPhoto,
} from './surveyfile.ts';
export { keepBest, type Ranked } from './top.ts';
