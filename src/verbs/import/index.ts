export { importFromCaffe } from './caffe.ts';
export { importFaceApi } from './faceapi.ts';
export { importFromHuggingFace } from './hf.ts';
export { importFromOnnx } from './onnx.ts';
export {
  type ImportCaffeRequest,
  type ImportFaceApiRequest,
  type ImportHuggingFaceRequest,
  type ImportOnnxRequest,
  type ImportTfjsRequest,
  type ImportToolboxRequest,
  importCaffeRequest,
  importFaceApiRequest,
  importHuggingFaceRequest,
  importOnnxRequest,
  importTfjsRequest,
  importToolboxRequest,
} from './request.ts';
export type { ImportResult } from './result.ts';
export { importFromTfjs } from './tfjs.ts';
export { importFromToolbox } from './toolbox.ts';
