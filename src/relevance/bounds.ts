import { float32, type Preprocessing, type Shape, size, type Tensor } from '../graph/index.ts';

export interface Bounds {
  readonly low: Tensor<'float32'>;
  readonly high: Tensor<'float32'>;
}

/**
 * What a black (0) and a white (255) pixel become in preprocessing: 1×C×1×1, or 1×C×H×W under a mean image, which is
 * cut to the centre of the input's size as the photo is.
 */
export function inputBounds(preprocessing: Preprocessing, input: Shape): Bounds {
  const [channels, height, width] = input.slice(1).map(Number);
  const { mean = Array.from({ length: channels }, () => 0), scale = 1, std } = preprocessing;
  const factor = (c: number) => scale / (std?.[c] ?? 1);
  const at = (level: number): Tensor<'float32'> => {
    if (!('data' in mean))
      return float32(
        [1, channels, 1, 1],
        mean.map((m, c) => (level - m) * factor(c)),
      );
    const [, rows, columns] = mean.shape;
    const [top, left] = [Math.floor((rows - height) / 2), Math.floor((columns - width) / 2)];
    const shape = [1, channels, height, width];
    const data = new Float32Array(size(shape));
    for (let c = 0, i = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          data[i] = (level - mean.data[(c * rows + y + top) * columns + x + left]) * factor(c);
        }
      }
    }
    return float32(shape, data);
  };
  return { low: at(0), high: at(255) };
}
