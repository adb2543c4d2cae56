import { exportWeights, readCaffemodel } from '../caffe/index.ts';
import { readBytes } from '../common/file.node.ts';
import { loadModel } from '../graph/onnx/file.node.ts';
import type { WeightSource } from './initial.ts';

/**
 * Weights by layer name, of `.caffemodel` files and `.onnx` models. Errors: files that are not there or of another kind,
 * HDF5 among them.
 */
export const readWeightSources = (paths: readonly string[]): Promise<WeightSource[]> =>
  Promise.all(paths.map(readSource));

async function readSource(path: string): Promise<WeightSource> {
  const weights = /\.onnx$/i.test(path)
    ? exportWeights((await loadModel(path)).model)
    : readCaffemodel(await readBytes(path), path);
  return { name: path, weights };
}
