export { importFromCaffe } from './caffe.ts';
export { importFaceApi } from './faceapi.ts';
export { importFromOnnx } from './onnx.ts';
export {
  type ImportCaffeRequest,
  type ImportFaceApiRequest,
  type ImportOnnxRequest,
  importCaffeRequest,
  importFaceApiRequest,
  importOnnxRequest,
} from './request.ts';
export type { ImportResult } from './result.ts';
