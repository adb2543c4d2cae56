export { blobShape, dimensions } from './blob.ts';
export { type LayerWeights, readCaffemodel, readNet, writeCaffemodel } from './caffemodel.ts';
export { copyWith } from './copy.ts';
export { decodeCaffe } from './decode.ts';
export { type CaffeNet, exportCaffe, exportNet, exportWeights } from './export.ts';
export * from './generated/caffe_pb.ts';
export { type ImportOptions, importNet } from './import.ts';
export { asInputLayer, type NetInput, netInputs } from './inputs.ts';
export { parseLabels } from './labels.ts';
export { inputTypes } from './layers/table.ts';
export { parseMeanValues, readMean, writeMean } from './mean.ts';
export { type CaffeSources, importCaffe, type Source } from './model.ts';
export { type Position, place, positionOf } from './position.ts';
export { caffePreprocessing } from './preprocessing.ts';
export { type LeftOut, leftOutText, type Tell } from './prototxt/message.ts';
export { parsePrototxt, parseSolver, parseText } from './prototxt/parse.ts';
export { writePrototxt, writeSolver, writeText } from './prototxt/write.ts';
export { upgradeSolver } from './solver.ts';
export { caffeLayers, type ListedLayer } from './split.ts';
export { filterNet, type State } from './state.ts';
export { importTraining, type TrainingOptions } from './training/import.ts';
export type {
  BlobRef,
  DataTop,
  LabelRange,
  Mask,
  MovingSum,
  NetOutput,
  Normaliser,
  Parameter,
  TrainingNet,
} from './training/net.ts';
export { upgradeNet } from './upgrade.ts';
