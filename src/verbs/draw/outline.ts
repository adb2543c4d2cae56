import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { isPicture } from '../../data/index.ts';
import {
  type ChannelOrder,
  cannyEdges,
  heatmaps,
  type Image,
  repeatMap,
  type ScalarMap,
  toGrey,
} from '../../image/index.ts';
import type { Host } from '../host.ts';
import type { Wanted } from '../paths.ts';
import { photoKey, rawHeatmaps, readRawHeatmaps } from '../rawheatmaps.ts';

type MapSize = Pick<ScalarMap, 'height' | 'width'>;

/** What has an outline: photos, and arrays of them as networks take them. */
export const outlined: Wanted = {
  what: 'photos or arrays',
  is: (path) => isPicture(path) || rawHeatmaps.is(path),
};

/**
 * What heatmaps are of, by the names of `sizes`, as values from −1 to 1; digits may be rows of H·W numbers. Errors: nothing is called as
 * a heatmap.
 */
export async function readOutlines(
  paths: readonly string[],
  sizes: ReadonlyMap<string, MapSize>,
  channels: ChannelOrder,
  host: Host,
): Promise<Map<string, ScalarMap>> {
  const { files, images } = host;
  const found = new Map<string, ScalarMap>();
  const take = (name: string, map: ScalarMap): void => {
    const key = photoKey(name);
    if (sizes.has(key) && !found.has(key)) found.set(key, spread(map));
  };
  for (const path of paths) {
    if (isPicture(path)) {
      const { height, width, data } = toGrey(await images.decode(await files.read(path), path));
      const grey = Float32Array.from({ length: height * width }, (_, i) => data[3 * i]);
      take(files.basename(path).replace(/(?<=.)\.[^.]*$/, ''), { height, width, data: grey });
    } else {
      for (const { name, relevance } of await readRawHeatmaps(path, channels, host)) {
        const map = heatmaps(relevance, 'mean')[0];
        const size = sizes.get(`${name}_0`) ?? sizes.get(name);
        if (!size || map.width !== size.height * size.width) take(name, map);
        else
          for (const [i, row] of rowsOf(map, size).entries())
            take(map.height === 1 ? name : `${name}_${i}`, row);
      }
    }
  }
  if (paths.length > 0 && found.size === 0) {
    const what = `none of them is called as a heatmap, such as ${[...sizes.keys()][0]}`;
    failRequest(words`${field('outline')}`, what, 'give what was explained');
  }
  return found;
}

/** Each row of a map as a map of its own. */
const rowsOf = ({ width, height, data }: ScalarMap, size: MapSize): ScalarMap[] =>
  Array.from({ length: height }, (_, i) => ({
    height: size.height,
    width: size.width,
    data: data.subarray(i * width, (i + 1) * width),
  }));

/** The least value becomes −1, the largest 1. */
function spread({ data, ...size }: ScalarMap): ScalarMap {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { ...size, data: data.map((value) => (high > low ? (2 * (value - low)) / (high - low) - 1 : 0)) };
}

/** Blackens the edges of what a heatmap is of, stretched to the picture's size, pixel by pixel. */
export function drawOutline(picture: Image, of: ScalarMap): void {
  const edges = cannyEdges(repeatMap(of, picture.height, picture.width));
  for (const [at, edge] of edges.entries()) if (edge === 1) picture.data.fill(0, 3 * at, 3 * at + 3);
}
