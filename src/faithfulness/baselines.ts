import { fillUniform, nameHash } from '../common/random.ts';
import type { ScalarMap } from '../image/index.ts';
import type { NetworkPhoto } from './replacement.ts';

/**
 * Maps that know nothing of the network. An explanation that is no better than these shows the picture, not the model.
 * - `random`: uniform numbers, the same for one seed.
 * - `sobel`: how steep the photo is, by Sobel's filters over the sum of its channels.
 * - `centre`: what lies nearer to the middle counts more.
 */
export const baselines = ['random', 'sobel', 'centre'] as const;

/** The name of a map that knows nothing of the network. */
export type BaselineMap = (typeof baselines)[number];

/** A map that knows nothing of the network: random numbers, how steep the photo is, nearness to the middle; H×W. */
export function baselineMap(name: BaselineMap, photo: NetworkPhoto, seed: number): ScalarMap {
  const { height, width } = photo;
  const data = new Float32Array(height * width);
  if (name === 'random') fillUniform(data, seed, nameHash(`random order ${photo.index}`), 0, 1);
  else if (name === 'sobel') data.set(sobel(photo));
  else
    for (let i = 0; i < data.length; i++) {
      const [y, x] = [Math.floor(i / width), i % width];
      data[i] = Math.SQRT1_2 - Math.hypot((y + 0.5) / height - 0.5, (x + 0.5) / width - 0.5);
    }
  return { height, width, data };
}

/** √(Gx² + Gy²) of the channels' sum; pixels at the border go on beyond it. */
function sobel({ data, channels, height, width }: NetworkPhoto): Float64Array {
  const plane = height * width;
  const sum = new Float64Array(plane);
  for (let c = 0; c < channels; c++) for (let p = 0; p < plane; p++) sum[p] += data[c * plane + p];
  const at = (y: number, x: number) =>
    sum[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))];
  return Float64Array.from({ length: plane }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    const across = (row: number) => at(row, x + 1) - at(row, x - 1);
    const down = (column: number) => at(y + 1, column) - at(y - 1, column);
    return Math.hypot(across(y - 1) + 2 * across(y) + across(y + 1), down(x - 1) + 2 * down(x) + down(x + 1));
  });
}
