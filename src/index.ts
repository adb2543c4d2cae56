/**
 * limn, whatever the host: what most programs need. Files, photos and sessions are the host's: `limn/node`, `limn/web`.
 * Everything else is in the rooms: `limn/graph`, `limn/relevance` and so on.
 */
export {
  type ExplainerOptions,
  type Explanation,
  explain,
  explainer,
  type Method,
  methodNames,
  parseTarget,
  type Target,
  targetName,
} from './attribution/index.ts';
export { type CaffeSources, importCaffe } from './caffe/index.ts';
export { LimnError } from './common/error.ts';
export type { Graph, Head, Model, ModelInfo, Preprocessing, Tensor } from './graph/index.ts';
export {
  averageRelevance,
  colormap,
  heatmaps,
  type Image,
  limitOf,
  networkViews,
  overlay,
  preprocess,
  readNpy,
  renderHeatmap,
  writeNpy,
} from './image/index.ts';
export { faceApiAgeGender, readTfjsWeights } from './models/index.ts';
export { readOnnx, writeOnnx } from './onnx/index.ts';
export { type Composite, compileExplanation, namedComposite, toolbox } from './relevance/index.ts';
export type { Runtime, Session, SessionOptions } from './runtime/index.ts';
