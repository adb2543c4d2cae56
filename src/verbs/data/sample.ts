import { type ListedImage, parseImageList, readList, shuffled, writeImageList } from '../../data/index.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { type DataSampleRequest, dataSampleRequest } from './request.ts';

export interface DataSampleResult {
  readonly output: string;
  /** Pictures that were chosen: the list's, when it has no more. */
  readonly pictures: number;
  /** How many of each class, by its number. */
  readonly classes: Readonly<Record<string, number>>;
}

/** The list of a sample, in its folder. */
export const SAMPLE_LIST = 'sample.txt';

/**
 * Copies so many pictures of a list into a folder, as evenly over its classes as can be and else at random, with a list of them,
 * `sample.txt`. Slashes in their paths become underscores. Errors: the request's; a picture that is not there.
 */
export async function dataSample(
  request: DataSampleRequest,
  { files }: Pick<Host, 'files'>,
  { signal }: Watch<never> = {},
): Promise<DataSampleResult> {
  const { list, images, count, seed, output } = checkRequest(dataSampleRequest, request, signal);
  const chosen = evenly(parseImageList(await readList(list, files), list), count, seed);
  const pictures = chosen.map(({ path, label }) => ({ path, label, name: path.replaceAll('/', '_') }));
  await files.makeFolder(output);
  files.protect([list, ...pictures.map(({ path }) => files.join(images, path))]);
  const record = files.join(output, SAMPLE_LIST);
  await files.claim([record, ...pictures.map(({ name }) => files.join(output, name))]);
  const classes: Record<string, number> = {};
  for (const { path, label, name } of pictures) {
    signal?.throwIfAborted();
    await files.write(files.join(output, name), await files.read(files.join(images, path)));
    classes[label] = (classes[label] ?? 0) + 1;
  }
  await files.write(record, writeImageList(pictures.map(({ name, label }) => ({ path: name, label }))));
  return { output, pictures: pictures.length, classes };
}

/** So many images, class by class in turn until one has no more. */
export function evenly(images: readonly ListedImage[], count: number, seed: number): ListedImage[] {
  const byClass = new Map<number, ListedImage[]>();
  for (const image of shuffled(images, seed)) {
    const same = byClass.get(image.label);
    if (same) same.push(image);
    else byClass.set(image.label, [image]);
  }
  const classes = [...byClass].sort(([a], [b]) => a - b).map(([, each]) => each);
  const most = Math.max(...classes.map(({ length }) => length));
  const turns = Array.from({ length: most }, (_, i) => classes.flatMap((each) => each.slice(i, i + 1)));
  return turns.flat().slice(0, count);
}
