export { faceApiAgeGender } from './faceapi.ts';
export { readTfjsWeights } from './tfjs.ts';
