import type { ClusterReport } from '../../clusters/index.ts';
import { toBase64 } from '../../common/base64.ts';
import { colormap } from '../../image/index.ts';
import type { PagePicture } from '../../report/index.ts';
import type { Host } from '../host.ts';
import { contactSheet, mapAt, mapOfRow, meanMapPicture } from './draw.ts';
import type { MadeClusters } from './report.ts';

/** Draws of each cluster its mean heatmap and its photos; files, and the same for the page. */
export async function drawClusters(
  { collected, classes, fields }: MadeClusters,
  report: ClusterReport,
  { files, images }: Host,
): Promise<{
  readonly files: readonly string[];
  readonly pictures: ReadonlyMap<number, readonly PagePicture[]>;
}> {
  const { photos, features, shape } = collected;
  const colours = colormap(fields.colors);
  const place = new Map(photos.map(({ name }, i) => [name, i]));
  const shown = report.clusters.flatMap(({ nearest, farthest }) => [...nearest, ...farthest]);
  const views = await collected.pictures(new Set(shown.map((name) => place.get(name)!)));
  const exemplar = (name: string) => {
    const i = place.get(name)!;
    return { view: views.get(i), map: mapAt(features, i, shape) };
  };
  const written: string[] = [];
  const pictures = new Map<number, PagePicture[]>();
  if (classes.length === 0) return { files: written, pictures };
  const folder = files.join(fields.output, 'clusters');
  const paths = report.clusters.flatMap(({ number }) =>
    ['mean', 'photos'].map((what) => files.join(folder, `${number}-${what}.png`)),
  );
  files.resume(paths);
  await files.claim(paths);
  for (const cluster of report.clusters) {
    const own: PagePicture[] = [];
    const add = async (
      name: string,
      picture: { width: number; height: number },
      png: Uint8Array,
      caption: string,
      alt: string,
    ) => {
      const path = files.join(folder, `${cluster.number}-${name}.png`);
      await files.write(path, png);
      written.push(path);
      const { width, height } = picture;
      own.push({ source: `data:image/png;base64,${toBase64(png)}`, width, height, alt, caption });
    };
    const mean = mapOfRow(cluster.mean, shape);
    if (mean) {
      const picture = meanMapPicture(mean, colours);
      await add(
        'mean',
        picture,
        await images.encodePng(picture),
        'The mean of its heatmaps.',
        `mean heatmap of cluster ${cluster.number}`,
      );
    }
    const rows = [cluster.nearest, cluster.farthest].filter(({ length }) => length > 0);
    const sheet = contactSheet(
      rows.map((names) => names.map(exemplar)),
      colours,
    );
    if (sheet) {
      const short = withoutFolder([...cluster.nearest, ...cluster.farthest]);
      const caption = `Nearest to its middle: ${short.slice(0, cluster.nearest.length).join(', ')}.${rows.length > 1 ? ` Farthest from it, below: ${short.slice(cluster.nearest.length).join(', ')}.` : ''}`;
      await add(
        'photos',
        sheet,
        await images.encodePng(sheet),
        caption,
        `photos and heatmaps of cluster ${cluster.number}`,
      );
    }
    pictures.set(cluster.number, own);
  }
  return { files: written, pictures };
}

/** Names of photos without the folders that all of them are in. */
function withoutFolder(names: readonly string[]): string[] {
  const parts = names.map((name) => name.split('/'));
  const same = (depth: number) =>
    parts.every((each) => each.length > depth + 1 && each[depth] === parts[0][depth]);
  let depth = 0;
  while (same(depth)) depth++;
  return parts.map((each) => each.slice(depth).join('/'));
}
