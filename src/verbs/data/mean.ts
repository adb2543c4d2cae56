import { writeMean } from '../../caffe/index.ts';
import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { channelMeans, datasetMean, meanPicture } from '../../data/index.ts';
import { extentOf } from '../../graph/index.ts';
import { openPictures } from '../dataset.ts';
import type { Host } from '../host.ts';
import { checkMissing } from '../labelled.ts';
import { checkRequest, inFold } from '../request.ts';
import type { FailedEvent, ProgressEvent, Watch } from '../verb.ts';
import { type DataMeanRequest, type DataMeansRequest, dataMeanRequest, dataMeansRequest } from './request.ts';

/** The mean of pictures: its files, and what it is the mean of. */
export interface DataMeanResult {
  readonly output: string;
  /** The same as a picture. */
  readonly picture?: string;
  /** How many pictures were averaged, and how many could not be read. */
  readonly pictures: number;
  readonly skipped: number;
  /** C×H×W. */
  readonly shape: readonly number[];
  /** The mean of each channel: blue, green, red; one of grey pictures. */
  readonly channels: readonly number[];
}

/**
 * Averages labelled pictures pixel by pixel, as Caffe's `compute_image_mean` does with its databases, and writes the mean
 * for Caffe: float32, blue, green, red. Errors: the request's; pictures of several sizes; one that is missing or cannot be
 * read, unless it may be skipped.
 */
export async function dataMean(
  request: DataMeanRequest,
  host: Host,
  { on, signal }: Watch<ProgressEvent | FailedEvent> = {},
): Promise<DataMeanResult> {
  const { data, output, resize, gray, png, skipBad, ...place } = checkRequest(
    dataMeanRequest,
    request,
    signal,
  );
  const { files, images } = host;
  const picture = png ? `${output.replace(/(?<=[^/\\])\.[^./\\]*$/, '')}.png` : undefined;
  const dataset = await openPictures(data, place, host);
  await files.claim(picture === undefined ? [output] : [output, picture]);
  await checkMissing(dataset, skipBad, (failed) => on?.({ kind: 'failed', failed }));
  const { mean, count, skipped } = await datasetMean(dataset, images.decode, {
    resize: resize === undefined ? undefined : extentOf(resize),
    gray,
    skipBad,
    progress(done, total) {
      signal?.throwIfAborted();
      on?.({ kind: 'progress', what: 'pictures', done, total });
    },
  });
  for (const { where, message } of skipped) on?.({ kind: 'failed', failed: { item: where, error: message } });
  await files.write(output, writeMean(mean));
  if (picture !== undefined) await files.write(picture, await images.encodePng(meanPicture(mean, output)));
  return {
    output,
    ...(picture !== undefined && { picture }),
    pictures: count,
    skipped: skipped.length,
    shape: mean.shape,
    channels: channelMeans(mean),
  };
}

/**
 * {@link dataMean} of several folds, one after the other. Errors: as there; paths in which nothing stands for the fold.
 */
export async function dataMeans(
  request: DataMeansRequest,
  host: Host,
  watch: Watch<ProgressEvent | FailedEvent> = {},
): Promise<readonly DataMeanResult[]> {
  const { folds, ...fields } = checkRequest(dataMeansRequest, request, watch.signal);
  for (const name of ['data', 'output'] as const)
    if (!fields[name].includes('{fold}'))
      failRequest(
        words`${field(name)}`,
        `'${fields[name]}' is the same for all folds`,
        'write {fold} where their number stands',
      );
  const made: DataMeanResult[] = [];
  for (const fold of folds) {
    const [data, output] = [inFold(fields.data, fold), inFold(fields.output, fold)];
    made.push(await dataMean({ ...fields, data, output }, host, watch));
  }
  return made;
}
