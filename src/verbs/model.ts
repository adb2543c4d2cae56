import { version } from '../common/version.ts';
import { isMeanImage, type Model, type Preprocessing } from '../graph/index.ts';
import { writeOnnx } from '../onnx/index.ts';
import type { Host } from './host.ts';

/** What the provenance of every model that limn makes ends with. */
export const converter = `limn ${version}`;

/** A file as a model's provenance names it: without its folder, which means nothing elsewhere. */
export const sourceNote = (path: string, bytes: Uint8Array, host: Host): string =>
  `${host.files.basename(path)}, sha256 ${host.sha256().update(bytes).digest()}`;

/** What was written of a model. */
export interface WrittenModel {
  /** The model's file and, if need be, that of its weights. */
  readonly files: readonly string[];
  /** The size of all of them. */
  readonly bytes: number;
}

/** Writes a model as `.onnx`; where the weights do not fit into one file, they go beside it. */
export async function writeModel(path: string, model: Model, { files }: Host): Promise<WrittenModel> {
  const stem = files.basename(path).replace(/(?<=.)\.[^.]*$/, '');
  const { bytes, externalData } = writeOnnx(model, { externalDataPath: `${stem}.weights` });
  const beside = externalData && `${path.replace(/[^/\\]*$/, '')}${externalData.path}`;
  // The weights first: a model without them would be half a model.
  if (externalData && beside) await files.write(beside, externalData.parts);
  await files.write(path, bytes);
  return {
    files: beside ? [path, beside] : [path],
    bytes: (externalData?.parts ?? []).reduce((sum, part) => sum + part.length, bytes.length),
  };
}

/** How photos are prepared, in a record: a mean image is told by its shape. */
export interface PreprocessingRecord extends Omit<Preprocessing, 'mean'> {
  readonly mean?: readonly number[] | { readonly image: readonly number[] } | undefined;
}

export const preprocessingRecord = ({ mean, ...rest }: Preprocessing): PreprocessingRecord => ({
  ...rest,
  mean: isMeanImage(mean) ? { image: mean.shape } : mean,
});
