export { importFromCaffe } from './caffe.ts';
export { importFaceApi } from './faceapi.ts';
export { importFromHuggingFace } from './hf.ts';
export { importFromOnnx } from './onnx.ts';
export {
  type ImportCaffeRequest,
  type ImportFaceApiRequest,
  type ImportHuggingFaceRequest,
  type ImportOnnxRequest,
  importCaffeRequest,
  importFaceApiRequest,
  importHuggingFaceRequest,
  importOnnxRequest,
} from './request.ts';
export type { ImportResult } from './result.ts';
