import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { colormap, type Image, renderHeatmap, repeatImage } from '../../src/image/index.ts';
import { type GridCell, layoutGrid } from '../../src/report/grid.ts';
import {
  type ExplainedPhoto,
  type ExplainRequest,
  explain,
  faces,
  faithfulness,
  importFaceApi,
  saveExplanations,
} from '../../src/verbs/index.ts';
import { galleryNames } from './gallery.ts';

const photo = 'demo/astronaut-face.png';
const columns = 5;

/** Draws the pictures of the gallery into a folder. */
export async function drawGallery(folder: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'limn-gallery-'));
  mkdirSync(folder, { recursive: true });
  try {
    await importFaceApi({ output: work }, nodeHost);
    const model = join(work, 'face-api-age-gender.onnx');
    // In this thread: the bundle of this script has no workers beside it.
    const about = { model, photos: [photo], head: 'gender', threads: 1 };
    const explained = async (request: Partial<ExplainRequest>): Promise<ExplainedPhoto> => {
      const { photos } = await explain({ ...about, ...request }, nodeHost);
      for await (const each of photos) if (!('error' in each)) return each;
      throw new Error(`${JSON.stringify(request)}: the portrait cannot be explained`);
    };
    const drawn = ({ heat }: ExplainedPhoto, colours = 'black-firered'): Image => {
      const small = renderHeatmap(heat.map, colormap(colours), heat.limit);
      return repeatImage(small, 2 * small.height, 2 * small.width);
    };
    const { methods, composites, colours } = galleryNames;
    const cells = async (names: readonly string[], make: (name: string) => Promise<Image>) => {
      const all: GridCell[] = [];
      for (const title of names) all.push({ title, image: await make(title), enlarge: 'pixels' });
      return all;
    };
    const byMethod = (method: string) =>
      // Masks at random, fewer than usual.
      explained({ method, ...(method === 'rise' && { samples: 400 }) } as Partial<ExplainRequest>);
    await drawSheet(
      join(folder, 'methods.png'),
      await cells(methods, async (name) => drawn(await byMethod(name))),
    );
    const byRules = (composite: string) => explained({ composite });
    await drawSheet(
      join(folder, 'composites.png'),
      await cells(composites, async (name) => drawn(await byRules(name))),
    );
    const one = await explained({});
    await drawSheet(join(folder, 'colours.png'), await cells(colours, async (name) => drawn(one, name)));
    await saveExplanations({ ...about, density: 1, output: join(work, 'out') }, nodeHost);
    copyFileSync(join(work, 'out/astronaut-face.png'), join(folder, 'figure.png'));
    await faces({ photos: ['demo/astronaut.jpg'], threads: 1, output: join(work, 'faces') }, nodeHost);
    copyFileSync(join(work, 'faces/faces.png'), join(folder, 'faces.png'));
    const methodsMeasured = ['lrp', 'gradient', 'gradient-x-input', 'grad-cam'];
    await faithfulness(
      {
        model,
        data: [photo],
        head: 'gender',
        threads: 1,
        methods: methodsMeasured,
        metrics: ['pixel-flipping'],
        output: join(work, 'true'),
      },
      nodeHost,
    );
    const charts = join(work, 'true/charts');
    const curves = readdirSync(charts).find((name) => /^curves.*\.png$/.test(name));
    if (curves === undefined || !existsSync(join(charts, curves))) throw new Error('no chart of curves');
    copyFileSync(join(charts, curves), join(folder, 'flipping.png'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function drawSheet(path: string, cells: readonly GridCell[]): Promise<void> {
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) =>
    Array.from({ length: columns }, (_, column) => cells[row * columns + column]),
  );
  const layout = layoutGrid({ columns: Array.from({ length: columns }, () => ({ title: '' })), rows });
  await writeFile(path, await nodeHost.images.encodePng(await nodeHost.images.draw(layout)));
}
