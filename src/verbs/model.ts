import { version } from '../common/version.ts';
import { isMeanImage, type Preprocessing } from '../graph/index.ts';
import type { LoadedModel } from '../onnx/index.ts';
import type { Host } from './host.ts';

/** What the provenance of every model that limn makes ends with. */
export const converter = `limn ${version}`;

/** A file as a model's provenance names it: without its folder, which means nothing elsewhere. */
export const sourceNote = async (path: string, bytes: Uint8Array, host: Host): Promise<string> =>
  noteOf(path, await host.sha256Of([bytes]), host);

/** The same of a model. */
export const modelNote = async (loaded: LoadedModel, host: Host): Promise<string> =>
  noteOf(loaded.path, await fileHash(loaded, host), host);

const noteOf = (path: string, sha256: string, { files }: Host): string =>
  `${files.basename(path)}, sha256 ${sha256}`;

/** The SHA-256 of a model's file. Errors: it was changed after it was read. */
export const fileHash = ({ parts }: Pick<LoadedModel, 'parts'>, host: Host): Promise<string> =>
  host.sha256Of(parts());

/** How photos are prepared, in a record: a mean image is told by its shape. */
export interface PreprocessingRecord extends Omit<Preprocessing, 'mean'> {
  readonly mean?: readonly number[] | { readonly image: readonly number[] } | undefined;
}

export const preprocessingRecord = ({ mean, ...rest }: Preprocessing): PreprocessingRecord => ({
  ...rest,
  mean: isMeanImage(mean) ? { image: mean.shape } : mean,
});
