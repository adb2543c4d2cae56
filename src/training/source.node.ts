import { exportWeights, readCaffemodel } from '../caffe/index.ts';
import { readSolverState } from '../caffe/solverstate.ts';
import { fail, LimnError } from '../common/error.ts';
import { readBytes } from '../common/file.node.ts';
import { nodeFiles } from '../common/files.node.ts';
import { fileKindAt } from '../common/files.ts';
import { field, words } from '../common/words.ts';
import { loadModel } from '../onnx/file.node.ts';
import type { TrainedWeights } from './initial.ts';
import { parseRecord } from './run/record.ts';

/**
 * Weights by layer name, of a `.caffemodel` or an ONNX model, whatever their names. Errors: files of other kinds; of those that are the
 * state of a training it says so.
 */
export async function readTrainedWeights(path: string): Promise<TrainedWeights> {
  const isModel = (await fileKindAt(nodeFiles, path)).kind === 'model';
  if (isModel) return { name: path, weights: exportWeights((await loadModel(path)).model) };
  const bytes = await readBytes(path);
  try {
    return { name: path, weights: readCaffemodel(bytes, path) };
  } catch (error) {
    if (!(error instanceof LimnError && isState(bytes, path))) throw error;
    return fail(
      path,
      'it is the state of a training, which holds no weights',
      words`give the .caffemodel beside it, or to go on from it, give it as ${field('snapshot')}`,
    );
  }
}

const isState = (bytes: Uint8Array, path: string): boolean =>
  holds(() => readSolverState(bytes, path)) ||
  holds(() => parseRecord(new TextDecoder().decode(bytes), path));

/** Whether something can be read as what it is tried as. */
export function holds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof LimnError) return false;
    throw error;
  }
}
