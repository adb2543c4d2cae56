import { type Image, image } from '../image.ts';

/** How many tiles there are along the longer side, and which part of a tile's pixels one level may have. */
const usual = { tiles: 4, limit: 0.02 } as const;

const levels = 256;

/**
 * A picture in which every part uses all of the light: contrast-limited adaptive histogram equalisation (Pizer et al. 1987;
 * Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994) of luma (ITU-R BT.601), which leaves
 * differences between the channels. Each tile's levels are spread by how many pixels have them, none counting for more than
 * `limit` of the tile's pixels, whose rest counts for all levels alike; between the middles of tiles what they say is interpolated.
 * `tiles` is how many there are along the longer side, 4 unless given.
 */
export function equaliseLocally(
  picture: Image,
  { tiles = usual.tiles, limit = usual.limit }: { readonly tiles?: number; readonly limit?: number } = {},
): Image {
  const { width, height, data } = picture;
  const luma = lumaOf(picture);
  const side = Math.max(width, height) / tiles;
  const [across, down] = [width, height].map((own) => Math.min(own, Math.max(1, Math.round(own / side))));
  const spread = Array.from({ length: across * down }, (_, tile) => {
    const [column, row] = [tile % across, Math.floor(tile / across)];
    const [left, right] = [column, column + 1].map((at) => Math.round((at * width) / across));
    const [top, bottom] = [row, row + 1].map((at) => Math.round((at * height) / down));
    return spreadOf(luma, width, { left, right, top, bottom }, limit);
  });
  const columns = placesBetween(width, across);
  const rows = placesBetween(height, down);
  const made = new Uint8ClampedArray(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    const { from: above, to: below, part: low } = rows[y];
    for (let x = 0; x < width; x++, i++) {
      const { from: before, to: behind, part: far } = columns[x];
      const level = luma[i];
      const over = mix(spread[above * across + before][level], spread[above * across + behind][level], far);
      const under = mix(spread[below * across + before][level], spread[below * across + behind][level], far);
      const change = mix(over, under, low) - level;
      for (let channel = 3 * i; channel < 3 * i + 3; channel++) made[channel] = data[channel] + change;
    }
  }
  return image(width, height, made);
}

const mix = (a: number, b: number, part: number): number => a + part * (b - a);

function lumaOf({ width, height, data }: Image): Uint8Array {
  const luma = new Uint8Array(width * height);
  for (let i = 0; i < luma.length; i++)
    luma[i] = Math.round(0.299 * data[3 * i] + 0.587 * data[3 * i + 1] + 0.114 * data[3 * i + 2]);
  return luma;
}

interface Tile {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** To which level each level of a tile goes: how many of its pixels are as dark, of all the light. */
function spreadOf(luma: Uint8Array, width: number, tile: Tile, limit: number): Float64Array {
  const counts = new Float64Array(levels);
  for (let y = tile.top; y < tile.bottom; y++)
    for (let i = y * width + tile.left; i < y * width + tile.right; i++) counts[luma[i]]++;
  const pixels = (tile.bottom - tile.top) * (tile.right - tile.left);
  const most = Math.max(1, limit * pixels);
  let rest = 0;
  for (const [level, count] of counts.entries()) {
    rest += Math.max(0, count - most);
    counts[level] = Math.min(count, most);
  }
  let sum = 0;
  return counts.map((count) => {
    sum += count + rest / levels;
    return ((levels - 1) * sum) / pixels;
  });
}

/** For each pixel along a side, the two tiles whose middles it lies between, and how far it is on its way to the second. */
function placesBetween(length: number, tiles: number) {
  return Array.from({ length }, (_, at) => {
    const place = ((at + 0.5) * tiles) / length - 0.5;
    const from = Math.min(tiles - 1, Math.max(0, Math.floor(place)));
    const to = Math.min(tiles - 1, from + 1);
    return { from, to, part: Math.min(1, Math.max(0, place - from)) };
  });
}
