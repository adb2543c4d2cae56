import type { Planes } from '../../../src/data/pictures/content.ts';

/** What the parameters of a transformation say, as Caffe has them. */
export interface Parameters {
  readonly crop: number;
  readonly scale: number;
  /** C×H×W numbers, row by row. */
  readonly meanImage?: readonly number[];
  readonly meanValues?: readonly number[];
}

/** The DataTransformer of Caffe, number by number in float64, its random choices given. */
export function transformed(
  { channels, height, width, data }: Planes,
  { crop, scale, meanImage, meanValues = [] }: Parameters,
  top: number,
  left: number,
  mirror: boolean,
): number[] {
  const outHeight = crop || height;
  const outWidth = crop || width;
  const out: number[] = Array(channels * outHeight * outWidth).fill(Number.NaN);
  for (let c = 0; c < channels; c++) {
    for (let h = 0; h < outHeight; h++) {
      for (let w = 0; w < outWidth; w++) {
        const from = (c * height + top + h) * width + left + w;
        const to = (c * outHeight + h) * outWidth + (mirror ? outWidth - 1 - w : w);
        let mean = 0;
        if (meanImage) mean = meanImage[from];
        else if (meanValues.length === 1) mean = meanValues[0];
        else if (meanValues.length > 1) mean = meanValues[c];
        out[to] = (data[from] - mean) * scale;
      }
    }
  }
  return out;
}
