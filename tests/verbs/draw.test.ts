import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { float32, type Tensor } from '../../src/graph/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import {
  cannyEdges,
  type Image,
  image,
  readNpy,
  repeatMap,
  writeNpy,
  writeRawHeatmap,
} from '../../src/image/index.ts';
import { decodeBytes } from '../../src/image/pixels/decode.node.ts';
import { encodePng } from '../../src/image/pixels/encode.node.ts';
import { draw } from '../../src/verbs/draw/index.ts';
import { asMaps } from '../../src/verbs/rawheatmaps.ts';
import { filesIn, folder } from '../cli/limn.ts';
import { gradient, savePicture } from '../data/pictures.ts';
import { noise } from '../nets.ts';
import { writeTree } from '../plan/madestudy.ts';

const map = (seed: number, shape: readonly number[] = [1, 3, 6, 8]): Tensor<'float32'> => noise(shape, seed);

it('draws each heatmap, and means over those of one name', async () => {
  const dir = folder();
  const maps = [1, 2, 3, 4].map((seed) => map(seed));
  writeTree(dir, {
    'vgg/0/cat.npy': writeNpy(maps[0]),
    'vgg/1/cat_rawhm.txt': writeRawHeatmap(maps[1]),
    'net/cat.npy': writeNpy(maps[2]),
    // The same heatmap beside itself is no second one.
    'net/cat_rawhm.txt': writeRawHeatmap(maps[2]),
    'net/dog.npz': zipSync({ 'r.npy': writeNpy(maps[3]) }),
  });
  await savePicture(dir, 'photos/cat.png', gradient(20, 20, 1));
  const output = join(dir, 'out');
  const drawn = await draw(
    {
      ...{ maps: ['vgg/0', 'vgg/1', 'net'].map((each) => join(dir, each)), names: ['VGG', 'VGG', 'Net'] },
      ...{ photos: [join(dir, 'photos')], output },
    },
    nodeHost,
  );
  expect(filesIn(output)).toEqual(
    ['Net/cat.png', 'Net/dog.png', 'VGG/cat.npy', 'VGG/cat.png', 'draw.json', 'draw.png', 'draw.svg'].sort(),
  );
  expect(drawn.heatmaps.map(({ model, photo, maps: n }) => [model, photo, n])).toEqual([
    ['VGG', 'cat', 2],
    ['Net', 'cat', 1],
    ['Net', 'dog', 1],
  ]);
  const mean = readNpy(readFileSync(join(output, 'VGG/cat.npy')), 'cat.npy');
  // The text has six digits.
  for (const [i, value] of mean.data.entries())
    expect(Number(value)).toBeCloseTo((maps[0].data[i] + maps[1].data[i]) / 2, 4);
  const { width, height } = await decodeBytes(readFileSync(join(output, 'VGG/cat.png')), 'cat.png');
  expect([width, height]).toEqual([8, 6]);
  expect(JSON.parse(readFileSync(join(output, 'draw.json'), 'utf8'))).toEqual(drawn);
});

it('draws digits in whole pixels', async () => {
  const dir = folder();
  writeTree(dir, { 'digits/7.npy': writeNpy(map(1, [1, 1, 28, 28])) });
  const pictureOf = async (enlarge?: number) => {
    const output = join(dir, `out-${enlarge}`);
    const { heatmaps } = await draw({ maps: [join(dir, 'digits')], output, enlarge }, nodeHost);
    return decodeBytes(readFileSync(heatmaps[0].picture), '7.png');
  };
  const [plain, large] = [await pictureOf(), await pictureOf(5)];
  expect([plain.width, large.width, large.height]).toEqual([28, 140, 140]);
  for (let y = 0; y < 140; y++)
    for (let x = 0; x < 140; x++) {
      const [from, to] = [(Math.floor(y / 5) * 28 + Math.floor(x / 5)) * 3, (y * 140 + x) * 3];
      if (plain.data[from] !== large.data[to]) expect.fail(`pixel ${x}, ${y}`);
    }
});

it('draws what heatmaps are of as outlines, in black, over whole pixels', async () => {
  const dir = folder();
  // Two digits: a bar, and a ring; as rows of numbers, as pictures of their own, and as the batch that networks take.
  const digits = [0, 1].map((which) =>
    Float32Array.from({ length: 784 }, (_, at) => {
      const [y, x] = [Math.floor(at / 28), at % 28];
      const radius = Math.hypot(y - 13, x - 12);
      return (which === 0 ? x > 10 && x < 16 : radius > 5 && radius < 9) ? 1 : -1;
    }),
  );
  const both = Float32Array.from([...digits[0], ...digits[1]]);
  writeTree(dir, {
    'out/digits.npy': writeNpy(map(1, [2, 1, 28, 28])),
    'rows/digits.npy': writeNpy(float32([2, 784], both)),
    'batch/digits.npy': writeNpy(float32([2, 1, 28, 28], both)),
  });
  const photos = digits.map((digit, i): [string, Image] => [
    `photos/digits_${i}.png`,
    image(
      28,
      28,
      Uint8Array.from({ length: 3 * 784 }, (_, at) => (digit[Math.floor(at / 3)] + 1) * 100),
    ),
  ]);
  writeTree(
    dir,
    Object.fromEntries(
      await Promise.all(photos.map(async ([path, photo]) => [path, await encodePng(photo)])),
    ),
  );
  const maps = [join(dir, 'out')];
  const pictures = async (outline?: string[]) => {
    const output = join(dir, `drawn-${outline?.[0].slice(-12).replaceAll('/', '')}`);
    const { heatmaps } = await draw({ maps, output, enlarge: 3, outline }, nodeHost);
    return Promise.all(heatmaps.map(({ picture }) => decodeBytes(readFileSync(picture), picture)));
  };
  const plain = await pictures();
  for (const outline of ['rows', 'batch', 'photos']) {
    const drawn = await pictures([join(dir, outline)]);
    for (const [i, digit] of digits.entries()) {
      const large = repeatMap({ height: 28, width: 28, data: digit }, 84, 84);
      const edges = cannyEdges(large);
      expect(edges.reduce((sum, edge) => sum + edge, 0)).toBeGreaterThan(100);
      for (const [at, edge] of edges.entries()) {
        const own = [...drawn[i].data.slice(3 * at, 3 * at + 3)];
        expect(own).toEqual(edge ? [0, 0, 0] : [...plain[i].data.slice(3 * at, 3 * at + 3)]);
      }
    }
  }
});

it('turns the figure around', async () => {
  const dir = folder();
  const photos = ['a', 'b', 'c'];
  for (const model of ['x', 'y'])
    for (const [i, photo] of photos.entries())
      writeTree(dir, { [`${model}/${photo}.npy`]: writeNpy(map(i)) });
  const size = async (transpose: boolean) => {
    const output = join(dir, `out-${transpose}`);
    await draw({ maps: [join(dir, 'x'), join(dir, 'y')], output, transpose }, nodeHost);
    return decodeBytes(readFileSync(join(output, 'draw.png')), 'draw.png');
  };
  const [plain, turned] = [await size(false), await size(true)];
  expect(turned.width).toBeGreaterThan(plain.width);
  expect(turned.height).toBeLessThan(plain.height);
});

it('gives the heatmaps of a photo one scale, if it is asked to', async () => {
  const dir = folder();
  writeTree(dir, {
    'x/a.npy': writeNpy(map(1)),
    'y/a.npy': writeNpy(
      float32(
        [1, 3, 6, 8],
        map(1).data.map((value) => 3 * value),
      ),
    ),
  });
  const drawn = await draw(
    { maps: [join(dir, 'x'), join(dir, 'y')], output: join(dir, 'out'), sharedScale: true },
    nodeHost,
  );
  const [first, second] = drawn.heatmaps;
  expect(first.limit).toBe(second.limit);
});

it.each([
  [{ maps: ['none'] }, /none/],
  [{ maps: ['x'], names: ['a', 'b'] }, /names: there are 2 for 1 place of heatmaps/],
  [{ maps: ['x'], outline: ['photos'] }, /outline: none of them is called as a heatmap, such as a/],
  [{ maps: ['x'], photos: ['photos'] }, /photos: none of them is called as a heatmap, such as a/],
  [{ maps: ['bad'] }, /expected relevance N×C×H×W, C×H×W or H×W, got \[7\]/],
  [{ maps: ['x', 'small'], names: ['n', 'n'] }, /shape|small/],
])('says what is wrong: %j', async (asked, message) => {
  const dir = folder();
  writeTree(dir, {
    'x/a.npy': writeNpy(map(1)),
    'small/a.npy': writeNpy(map(1, [1, 3, 2, 2])),
    'bad/a.npy': writeNpy(float32([7], new Float32Array(7))),
  });
  await savePicture(dir, 'photos/other.png', gradient(9, 9, 1));
  const at = (paths: readonly string[] = []) => paths.map((path) => join(dir, path));
  await expect(
    draw(
      {
        ...asked,
        maps: at(asked.maps),
        output: join(dir, 'out'),
        ...('photos' in asked && { photos: at(asked.photos) }),
        ...('outline' in asked && { outline: at(asked.outline) }),
      },
      nodeHost,
    ),
  ).rejects.toThrow(message);
});

it('takes channels first or last, batches and single maps', () => {
  const shapes = (shape: readonly number[]) => asMaps(map(3, shape), 'x').map((each) => each.shape);
  expect(shapes([2, 3, 6, 8])).toEqual([
    [1, 3, 6, 8],
    [1, 3, 6, 8],
  ]);
  expect(shapes([2, 6, 8, 3])).toEqual([
    [1, 3, 6, 8],
    [1, 3, 6, 8],
  ]);
  expect(shapes([6, 8, 3])).toEqual([[1, 3, 6, 8]]);
  expect(shapes([64, 6, 8])).toEqual([[1, 64, 6, 8]]);
  expect(shapes([6, 8])).toEqual([[1, 1, 6, 8]]);
  const last = map(5, [6, 8, 3]);
  const [{ data }] = asMaps(last, 'x');
  for (let y = 0; y < 6; y++)
    for (let x = 0; x < 8; x++)
      for (let c = 0; c < 3; c++) expect(data[(c * 6 + y) * 8 + x]).toBe(last.data[(y * 8 + x) * 3 + c]);
  expect(() => asMaps(float32([1, 2], Float32Array.of(1, Number.NaN)), 'x')).toThrow('x: element 1 is NaN');
});
