import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { picturesUnder } from '../../data/index.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import { type DataJoinRequest, dataJoinRequest } from './request.ts';

export interface DataJoinResult {
  readonly output: string;
  /** Pictures in it. */
  readonly pictures: number;
}

/**
 * Copies the pictures of several folders into one, each under its own path: what networks are trained on that see aligned and
 * unaligned faces. Errors, before anything is written: a folder without pictures, one path in two folders.
 */
export async function dataJoin(
  request: DataJoinRequest,
  { files }: Pick<Host, 'files'>,
  { on, signal }: Watch<ProgressEvent> = {},
): Promise<DataJoinResult> {
  const { folders, output } = checkRequest(dataJoinRequest, request, signal);
  const folderOf = new Map<string, string>();
  for (const folder of folders) {
    const paths = await picturesUnder(files, folder, output);
    if (paths.length === 0)
      failRequest(words`${field('folders')}`, `no pictures under ${folder}`, 'give folders of pictures');
    for (const path of paths) {
      const other = folderOf.get(path);
      if (other !== undefined)
        failRequest(
          words`${field('folders')}`,
          `${path} is in ${other} and in ${folder}`,
          'give folders whose pictures have different names',
        );
      folderOf.set(path, folder);
    }
  }
  const pictures = [...folderOf];
  await files.makeFolder(output);
  files.protect(pictures.map(([path, folder]) => files.join(folder, path)));
  await files.claim(pictures.map(([path]) => files.join(output, path)));
  for (const [i, [path, folder]] of pictures.entries()) {
    signal?.throwIfAborted();
    await files.write(files.join(output, path), await files.read(files.join(folder, path)));
    on?.({ kind: 'progress', what: 'pictures', done: i + 1, total: pictures.length });
  }
  return { output, pictures: pictures.length };
}
