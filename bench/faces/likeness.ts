import sharp from 'sharp';

/** Pixels on a side: enough to tell the same picture, cut or compressed otherwise, from another one. */
const side = 32;

/** The two most similar photos between two sets, and their correlation: 1 for the same picture. */
export interface Pair {
  readonly correlation: number;
  readonly a: string;
  readonly b: string;
}

/**
 * Finds the most similar photos between two sets of files, by the correlation of their grey values at 32×32. Pictures that
 * are in both sets, even rescaled or compressed anew, come out above 0.98.
 */
export async function mostSimilar(a: readonly string[], b: readonly string[]): Promise<Pair> {
  const [as, bs] = [await thumbnails(a), await thumbnails(b)];
  let best: Pair = { correlation: -1, a: '', b: '' };
  for (const [i, x] of as.entries()) {
    for (const [j, y] of bs.entries()) {
      let correlation = 0;
      for (let k = 0; k < x.length; k++) correlation += x[k] * y[k];
      if (correlation > best.correlation) best = { correlation, a: a[i], b: b[j] };
    }
  }
  return best;
}

async function thumbnails(paths: readonly string[]): Promise<Float64Array[]> {
  const made: Float64Array[] = [];
  for (const path of paths) {
    const grey = await sharp(path).greyscale().resize(side, side, { fit: 'fill' }).raw().toBuffer();
    const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
    const centred = Float64Array.from(grey, (value) => value - mean);
    const norm = Math.hypot(...centred) || 1;
    made.push(centred.map((value) => value / norm));
  }
  return made;
}
