import { exportWeights, readCaffemodel } from '../caffe/index.ts';
import { readBytes } from '../common/file.node.ts';
import { loadModel } from '../onnx/file.node.ts';
import type { WeightSource } from './initial.ts';

/** Weights by layer name, of a `.caffemodel` or an `.onnx` model. Errors: files of other kinds, HDF5 among them. */
export async function readSource(path: string): Promise<WeightSource> {
  const weights = /\.onnx$/i.test(path)
    ? exportWeights((await loadModel(path)).model)
    : readCaffemodel(await readBytes(path), path);
  return { name: path, weights };
}
