export type { Described } from './described.ts';
export { faceApiAgeGender } from './faceapi.ts';
export { type FolderTexts, readHuggingFace } from './huggingface/folder.ts';
export { readTfjsWeights } from './tfjs.ts';
export { torchvisionPreset, torchvisionPresets } from './torchvision.ts';
