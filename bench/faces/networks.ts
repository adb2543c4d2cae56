import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type FaceFinder, openFaceFinder } from '../../src/faces/index.ts';
import {
  type FaceApiWeights,
  faceApiLandmarks,
  faceApiSsd,
  readTfjsWeights,
} from '../../src/models/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';

/** A network's weights in the package @vladmandic/face-api. */
export async function weightsOf(name: string): Promise<FaceApiWeights> {
  const resolve = createRequire(join(process.cwd(), 'package.json')).resolve;
  const at = (ending: string) => resolve(`@vladmandic/face-api/model/${name}_model${ending}`);
  const files = { manifest: at('-weights_manifest.json'), weights: at('.bin') };
  return readTfjsWeights(await readFile(files.manifest, 'utf8'), await readFile(files.weights), files);
}

/** The finder that `limn faces` uses, on one thread. */
export const openBenchFinder = async (): Promise<FaceFinder> =>
  openFaceFinder({
    detector: faceApiSsd(await weightsOf('ssd_mobilenetv1')),
    landmarks: faceApiLandmarks(await weightsOf('face_landmark_68')),
    runtime: nodeRuntime,
    session: { threads: 1 },
  });
