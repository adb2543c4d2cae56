import { parseLabels, readMean } from '../../caffe/index.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { firstNotFinite } from '../../common/finite.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Host } from '../host.ts';
import { readFloats } from '../photos.ts';
import type { Completion } from './complete.ts';
import type { Preparation } from './request.ts';

/** The files among the fields that say how photos are prepared, so that none is written over. */
export const preparationFiles = ({ mean, labels }: Preparation): string[] =>
  [mean, labels].filter((each) => typeof each === 'string');

/** What the fields of a request say, their files read. Errors: files that are not there or hold something else. */
export async function readPreparation(
  { mean, labels, ...rest }: Preparation,
  host: Host,
): Promise<Pick<Completion, 'fields' | 'meanName' | 'labels'>> {
  const fields = { ...rest, mean: typeof mean === 'string' ? await meanImage(mean, host) : mean };
  const meanName = typeof mean === 'string' ? mean : undefined;
  if (labels === undefined) return { fields, meanName };
  if (typeof labels !== 'string') return { fields, meanName, labels: { list: labels, file: 'labels' } };
  const list = parseLabels(await readText(host.files, labels, 'a list of class names'), labels);
  return { fields, meanName, labels: { list, file: labels } };
}

async function meanImage(path: string, host: Host): Promise<Tensor<'float32'>> {
  const mean = /\.npy$/i.test(path)
    ? await readFloats(path, host)
    : readMean(await host.files.read(path), path);
  const bad = firstNotFinite(mean.data);
  if (bad >= 0) fail(path, `element ${bad} is ${mean.data[bad]}`);
  return mean.shape.length === 4 && mean.shape[0] === 1 ? { ...mean, shape: mean.shape.slice(1) } : mean;
}
