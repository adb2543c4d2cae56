import { toBase64 } from '../../common/base64.ts';
import { readText } from '../../common/files.ts';
import { PIXELS_PER_UNIT } from '../../image/figure/spec.ts';
import type { PagePicture } from '../../report/index.ts';
import { GRID_FILE, GRID_PICTURE, readGridRecord } from '../grid/record.ts';
import type { Host } from '../host.ts';

/** Folders that hold a file of this name: this one and those in it. */
export async function foldersWith(file: string, folder: string, { files }: Host): Promise<string[]> {
  const entries = await files.list(folder);
  const folders = entries.filter(({ kind }) => kind === 'folder').map(({ name }) => files.join(folder, name));
  const found: string[] = [];
  for (const each of [folder, ...folders]) {
    if (await files.kindOf(files.join(each, file))) found.push(each);
  }
  return found;
}

/** A grid as a picture in a page. Errors: it is none of limn's. */
export async function gridPicture(
  folder: string,
  photosBy: string | undefined,
  host: Host,
): Promise<PagePicture> {
  const { files } = host;
  const path = files.join(folder, GRID_FILE);
  const { kind, title, subtitle, models } = readGridRecord(
    await readText(files, path, 'the record of a grid'),
    path,
  );
  const by = photosBy && kind === 'photos' ? ` Photos: ${photosBy}.` : '';
  return figurePicture(
    files.join(folder, GRID_PICTURE),
    { alt: `${title}: ${models.map(({ name }) => name).join(', ')}`, caption: `${title}. ${subtitle}.${by}` },
    host,
  );
}

/** A figure's file as a picture in a page, as large as the figure is. */
export async function figurePicture(
  file: string,
  texts: Pick<PagePicture, 'alt' | 'caption'>,
  { files, images }: Host,
): Promise<PagePicture> {
  const png = await files.read(file);
  const { width, height } = await images.decode(png, file);
  return {
    source: `data:image/png;base64,${toBase64(png)}`,
    width: Math.round(width / PIXELS_PER_UNIT),
    height: Math.round(height / PIXELS_PER_UNIT),
    ...texts,
  };
}
