import { exportWeights, readCaffemodel } from '../caffe/index.ts';
import { readBytes } from '../common/file.node.ts';
import { fileKindAt } from '../common/filekind.node.ts';
import { loadModel } from '../onnx/file.node.ts';
import type { WeightSource } from './initial.ts';

/**
 * Weights by layer name, of a `.caffemodel` or an ONNX model, whatever their names. Errors: files of other kinds, HDF5
 * among them.
 */
export async function readSource(path: string): Promise<WeightSource> {
  const isModel = (await fileKindAt(path))?.kind === 'model';
  const weights = isModel
    ? exportWeights((await loadModel(path)).model)
    : readCaffemodel(await readBytes(path), path);
  return { name: path, weights };
}
