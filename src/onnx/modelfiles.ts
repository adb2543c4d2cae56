import type { FileData } from '../common/bytes.ts';
import type { Model } from '../graph/model.ts';
import { writeOnnx } from './write.ts';

/** What was written of a model. */
export interface WrittenModel {
  /** The model's file and, if need be, that of its weights. */
  readonly files: readonly string[];
  /** The size of all of them. */
  readonly bytes: number;
}

/** How a host writes a model's files. */
export interface ModelFiles {
  basename(path: string): string;
  /** The path of a file of this name in the folder of `path`. */
  beside(path: string, name: string): string;
  /** Writes a file whole or not at all, its folder made if need be. */
  write(path: string, data: FileData): Promise<unknown>;
}

/** Writes a model as `.onnx`; where the weights do not fit into one file, they go beside it, as `.weights`. */
export async function writeModelFiles(
  path: string,
  model: Model,
  { basename, beside, write }: ModelFiles,
): Promise<WrittenModel> {
  const stem = basename(path).replace(/(?<=.)\.[^.]*$/, '');
  const { bytes, externalData } = writeOnnx(model, { externalDataPath: `${stem}.weights` });
  const { path: name, parts } = externalData ?? { path: '', parts: [] };
  const files = externalData ? [path, beside(path, name)] : [path];
  // The weights first: a model without them would be half a model.
  if (externalData) await write(files[1], parts);
  await write(path, bytes);
  return { files, bytes: parts.reduce((sum, part) => sum + part.length, bytes.length) };
}
