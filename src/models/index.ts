export type { Described } from './described.ts';
export { faceApiAgeGender } from './faceapi/agegender.ts';
export { faceApiLandmarks, LANDMARKS, type LandmarksOptions } from './faceapi/landmarks.ts';
export type { FaceApiWeights } from './faceapi/layers.ts';
export { faceApiSsd } from './faceapi/ssd.ts';
export { faceApiTinyDetector } from './faceapi/tinydetector.ts';
export { type FolderTexts, readHuggingFace } from './huggingface/folder.ts';
export { readTfjsWeights } from './tfjs.ts';
export { torchvisionPreset, torchvisionPresets } from './torchvision.ts';
