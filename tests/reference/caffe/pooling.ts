import { at, build, type NdArray } from '../array.ts';

export interface CaffePooling {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number];
  readonly ceil: boolean;
}

/** Caffe's number of windows on both axes. */
export function pooledSize([height, width]: readonly number[], { kernel, stride, pad, ceil }: CaffePooling) {
  const round = ceil ? Math.ceil : Math.floor;
  let pooledHeight = round((height + 2 * pad[0] - kernel[0]) / stride[0]) + 1;
  let pooledWidth = round((width + 2 * pad[1] - kernel[1]) / stride[1]) + 1;
  if (pad[0] || pad[1]) {
    if ((pooledHeight - 1) * stride[0] >= height + pad[0]) pooledHeight--;
    if ((pooledWidth - 1) * stride[1] >= width + pad[1]) pooledWidth--;
  }
  return [pooledHeight, pooledWidth];
}

/** Maximum or average over each window, the window first clipped to the padded image, then to the image. */
export function caffePooling(x: NdArray, p: CaffePooling, method: 'MAX' | 'AVE'): NdArray {
  const [batch, channels, height, width] = x.shape;
  return build([batch, channels, ...pooledSize([height, width], p)], ([n, c, ph, pw]) => {
    let [hstart, wstart] = [ph * p.stride[0] - p.pad[0], pw * p.stride[1] - p.pad[1]];
    let hend = Math.min(hstart + p.kernel[0], height + p.pad[0]);
    let wend = Math.min(wstart + p.kernel[1], width + p.pad[1]);
    const size = (hend - hstart) * (wend - wstart);
    [hstart, wstart] = [Math.max(hstart, 0), Math.max(wstart, 0)];
    [hend, wend] = [Math.min(hend, height), Math.min(wend, width)];
    let most = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let h = hstart; h < hend; h++) {
      for (let w = wstart; w < wend; w++) {
        const value = at(x, [n, c, h, w]);
        most = Math.max(most, value);
        sum += value;
      }
    }
    return method === 'MAX' ? most : sum / size;
  });
}
