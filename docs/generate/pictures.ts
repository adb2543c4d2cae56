import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { colormap, type Image, mirrorImage, renderHeatmap, repeatImage } from '../../src/image/index.ts';
import { type GridCell, layoutGrid } from '../../src/report/grid.ts';
import { chartSvg, PAPER } from '../../src/report/index.ts';
import {
  average,
  concepts,
  type ExplainedPhoto,
  type ExplainRequest,
  explain,
  faces,
  faithfulness,
  grid,
  importFaceApi,
  saveExplanations,
} from '../../src/verbs/index.ts';
import { exampleCharts } from './example-results.ts';
import { galleryNames } from './gallery.ts';

const photo = 'demo/astronaut-face.png';
const columns = 5;
const { images } = nodeHost;

/** Where pictures are drawn, and of what. */
interface Studio {
  /** A folder for what is needed on the way. */
  readonly work: string;
  /** What every picture's request says: the portrait, the model, and, the bundle of this script having no workers beside it, one thread. */
  readonly about: {
    readonly model: string;
    readonly photos: readonly string[];
    readonly head: string;
    readonly threads: number;
  };
  /** Where the picture of a name goes. */
  place(name: string): string;
}

/** Draws the pictures of the gallery into a folder. One that looks as it did stays: processors round differently. */
export async function drawGallery(folder: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'limn-gallery-'));
  const drawn = join(work, 'drawn');
  for (const each of [drawn, folder]) mkdirSync(each, { recursive: true });
  try {
    const { output: model } = await importFaceApi({ output: work }, nodeHost);
    const about = { model, photos: [photo], head: 'gender', threads: 1 };
    const studio: Studio = { work, about, place: (name) => join(drawn, `${name}.png`) };
    await drawSheets(studio);
    await drawFigures(studio);
    await drawCharts(studio);
    for (const name of readdirSync(drawn)) await keep(join(drawn, name), join(folder, name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Every method, composite and colour map. */
async function drawSheets({ about, place }: Studio): Promise<void> {
  const explained = async (request: Partial<ExplainRequest>): Promise<ExplainedPhoto> => {
    const { photos } = await explain({ ...about, ...request }, nodeHost);
    for await (const each of photos) if (!('error' in each)) return each;
    throw new Error(`${JSON.stringify(request)}: the portrait cannot be explained`);
  };
  const heatmap = ({ heat }: ExplainedPhoto, colours = 'black-firered'): Image => {
    const small = renderHeatmap(heat.map, colormap(colours), heat.limit);
    return repeatImage(small, 2 * small.height, 2 * small.width);
  };
  const sheet = async (name: string, titles: readonly string[], make: (title: string) => Promise<Image>) => {
    const cells: GridCell[] = [];
    for (const title of titles) cells.push({ title, image: await make(title), enlarge: 'pixels' });
    await drawSheet(place(name), cells);
  };
  const { methods, composites, colours } = galleryNames;
  await sheet('methods', methods, async (method) => {
    // Masks at random, fewer than usual.
    const request = { method, ...(method === 'rise' && { samples: 400 }) } as Partial<ExplainRequest>;
    return heatmap(await explained(request));
  });
  await sheet('composites', composites, async (composite) => heatmap(await explained({ composite })));
  const one = await explained({});
  await sheet('colours', colours, async (name) => heatmap(one, name));
}

/** What commands draw of photos. */
async function drawFigures({ work, about, place }: Studio): Promise<void> {
  const at = (...names: readonly string[]) => join(work, ...names);
  await saveExplanations({ ...about, density: 1, output: at('lrp') }, nodeHost);
  await copyFile(at('lrp/astronaut-face.png'), place('figure'));
  await saveExplanations(
    { ...about, method: 'smoothgrad', figure: false, output: at('smoothgrad') },
    nodeHost,
  );
  const names = ['lrp', 'smoothgrad'];
  const maps = names.map((name) => at(name, 'astronaut-face.npy'));
  const output = at('mean.png');
  await average({ maps, names, output, normalise: true, channels: 'rgb', density: 1 }, nodeHost);
  await copyFile(output, place('mean'));
  const face = await images.decode(await readFile(photo), photo);
  await writeFile(at('mirrored.png'), await images.encodePng(mirrorImage(face)));
  const { model, head, threads } = about;
  const rows = { models: [model], names: ['face-api'], photos: [photo, at('mirrored.png')] };
  await grid({ ...rows, head, threads, output: at('grid') }, nodeHost);
  await copyFile(at('grid/grid.png'), place('grid'));
  const layers = ['mid0/sum', 'mid1/sum'];
  const carried = { model, head, threads, layers, channels: 4, references: 1, output: at('concepts') };
  const { report } = await concepts(
    { ...carried, data: [photo, at('mirrored.png')], explain: [photo] },
    nodeHost,
  );
  const graph = await readFile(at('concepts', report.photos[0].graph!), 'utf8');
  await writeFile(place('graph'), await images.encodePng(await images.drawSvg(graph, 1)));
  await faces({ photos: ['demo/astronaut.jpg'], threads, output: at('faces') }, nodeHost);
  await copyFile(at('faces/faces.png'), place('faces'));
}

/** Charts: of how true explanations of one photo are, and of a comparison whose numbers are made up. */
async function drawCharts({ work, about, place }: Studio): Promise<void> {
  const { model, photos, head, threads } = about;
  const output = join(work, 'true');
  const methods = ['lrp', 'gradient', 'gradient-x-input', 'grad-cam'];
  const asked = { model, data: photos, head, threads, methods, metrics: ['pixel-flipping'] as const, output };
  await faithfulness(asked, nodeHost);
  const charts = readdirSync(join(output, 'charts'));
  for (const kind of ['curves', 'ranking']) {
    const file = charts.find((name) => name.startsWith(kind) && name.endsWith('.png'));
    if (file === undefined) throw new Error(`no chart of ${kind}`);
    await copyFile(join(output, 'charts', file), place(kind));
  }
  for (const { kind, spec } of exampleCharts()) {
    const svg = await chartSvg(spec, { background: PAPER });
    await writeFile(place(kind), await images.encodePng(await images.drawSvg(svg, 2)));
  }
}

async function drawSheet(path: string, cells: readonly GridCell[]): Promise<void> {
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) =>
    Array.from({ length: columns }, (_, column) => cells[row * columns + column]),
  );
  const layout = layoutGrid({ columns: Array.from({ length: columns }, () => ({ title: '' })), rows });
  await writeFile(path, await images.encodePng(await images.draw(layout)));
}

/** Differences of a channel, of 255, that come of rounding and that nobody sees. */
const UNSEEN = 4;

/** Puts a picture in its place, unless one is there that looks the same. */
async function keep(made: string, place: string): Promise<void> {
  if (existsSync(place)) {
    const [now, before] = await Promise.all(
      [made, place].map(async (path) => images.decode(await readFile(path), path)),
    );
    const isSame =
      now.width === before.width &&
      now.height === before.height &&
      now.data.every((value, i) => Math.abs(value - before.data[i]) <= UNSEEN);
    if (isSame) return;
  }
  await copyFile(made, place);
}
