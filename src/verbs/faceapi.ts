import { type FaceApiWeights, readTfjsWeights } from '../models/index.ts';
import { FACE_API } from './facefiles.ts';
import type { Host } from './host.ts';

/** Where one of the package's model files is. Errors: the package is not installed. */
export const faceApiFile = (name: string, host: Host): Promise<string> =>
  host.packageFile(FACE_API, `model/${name}`);

/** The weights of one network, by the names in its manifest, and the bytes that they lie in. Errors: other files. */
export async function readFaceApi(
  manifest: string,
  weights: string,
  { files }: Host,
): Promise<{ readonly tensors: FaceApiWeights; readonly bytes: Uint8Array }> {
  const [text, bytes] = [await files.read(manifest), await files.read(weights)];
  const tensors = readTfjsWeights(new TextDecoder().decode(text), bytes, { manifest, weights });
  return { tensors, bytes };
}
