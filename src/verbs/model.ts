import { version } from '../common/version.ts';
import { isMeanImage, type Preprocessing } from '../graph/index.ts';
import type { Host } from './host.ts';

/** What the provenance of every model that limn makes ends with. */
export const converter = `limn ${version}`;

/** A file as a model's provenance names it: without its folder, which means nothing elsewhere. */
export const sourceNote = (path: string, bytes: Uint8Array, host: Host): string =>
  `${host.files.basename(path)}, sha256 ${host.sha256().update(bytes).digest()}`;

/** How photos are prepared, in a record: a mean image is told by its shape. */
export interface PreprocessingRecord extends Omit<Preprocessing, 'mean'> {
  readonly mean?: readonly number[] | { readonly image: readonly number[] } | undefined;
}

export const preprocessingRecord = ({ mean, ...rest }: Preprocessing): PreprocessingRecord => ({
  ...rest,
  mean: isMeanImage(mean) ? { image: mean.shape } : mean,
});
