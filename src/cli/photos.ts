import { stat } from 'node:fs/promises';
import { fail, failRequest, forItem } from '../common/error.ts';
import type { Model, Preprocessing, Tensor } from '../graph/index.ts';
import type { Crops, Image } from '../image/index.ts';
import { checkShape, imageInput, readFloats } from './tensors.ts';

/** A photo, ready for the network. */
export interface PreparedPhoto {
  /** The whole photo. */
  readonly photo: Image;
  /** One row per crop. */
  readonly input: Tensor<'float32'>;
}

/**
 * What a command was given: photos, or one tensor that is already preprocessed. Errors: both or several tensors; a
 * folder. Photos that are missing or damaged show when they are decoded, each on its own.
 */
export async function sourceOf(paths: readonly string[]): Promise<'photos' | 'tensor'> {
  const tensors = paths.filter((path) => /\.npy$/i.test(path));
  if (tensors.length > 0 && paths.length > 1) {
    failRequest(tensors[0]!, 'a prepared tensor goes alone', 'give one .npy file, or photos');
  }
  for (const path of paths) {
    const entry = await stat(path).catch(() => undefined);
    if (entry?.isDirectory()) fail(path, 'is a folder', `name its photos: ${path.replace(/\/+$/, '')}/*.jpg`);
  }
  return tensors.length > 0 ? 'tensor' : 'photos';
}

/** Reads an already preprocessed batch. */
export async function readBatch(path: string, { graph }: Model, file: string): Promise<Tensor<'float32'>> {
  const input = imageInput(graph, file);
  const batch = await readFloats(path);
  checkShape(path, batch, input);
  return batch;
}

/** How a model's photos are prepared. Errors: it does not say. */
export function preprocessingOf({ info, graph }: Model, path: string): Preprocessing {
  imageInput(graph, path);
  return (
    info.preprocessing ??
    fail(path, 'the model does not say how photos are prepared for it', 'add that: limn import onnx --help')
  );
}

/** Decodes and prepares one photo; `sizes` may be free in the input that it is checked against. */
export async function preparePhoto(
  path: string,
  model: Model,
  how: Preprocessing,
  crops: Crops,
): Promise<PreparedPhoto> {
  const [{ decodeFile }, { preprocess }] = await Promise.all([
    import('../image/decode.node.ts'),
    import('../image/preprocess.ts'),
  ]);
  return forItem(path, async () => {
    const photo = await decodeFile(path);
    const input = preprocess([photo], how, { crops, names: [path] });
    checkShape(path, input, {
      ...model.graph.inputs[0]!,
      shape: ['N', ...model.graph.inputs[0]!.shape.slice(1)],
    });
    return { photo, input };
  });
}
