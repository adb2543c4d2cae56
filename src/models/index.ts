export type { Described } from './described.ts';
export { faceApiAgeGender } from './faceapi.ts';
export { type FolderTexts, readHuggingFace } from './huggingface/folder.ts';
export type { TfGraphOptions } from './tfjs/graph.ts';
export { readTfjsModel, type TfjsFiles, tfjsShards } from './tfjs/model.ts';
export { readTeachableMachine } from './tfjs/teachable.ts';
export { readTfjsWeights } from './tfjs/weights.ts';
export { torchvisionPreset, torchvisionPresets } from './torchvision.ts';
