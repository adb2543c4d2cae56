export { faceApiAgeGender } from './faceapi/agegender.ts';
export { faceApiLandmarks, LANDMARKS, type LandmarksOptions } from './faceapi/landmarks.ts';
export type { FaceApiWeights } from './faceapi/layers.ts';
export { faceApiSsd } from './faceapi/ssd.ts';
export { faceApiTinyDetector } from './faceapi/tinydetector.ts';
export { readTfjsWeights } from './tfjs.ts';
