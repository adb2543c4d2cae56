import { fail } from '../../common/error.ts';
import { float32, type Tensor } from '../../graph/tensor.ts';

/**
 * The element-wise mean of raw relevance maps of one shape, as the paper averages the heatmaps of the models of
 * several folds. Sums are kept in float64. Errors name the map that does not fit.
 */
export function averageRelevance(
  maps: readonly Tensor<'float32'>[],
  names: readonly string[] = maps.map((_, i) => `map ${i + 1}`),
): Tensor<'float32'> {
  const first = maps[0] ?? fail('average', 'no relevance maps given');
  const sums = new Float64Array(first.data.length);
  maps.forEach((map, n) => {
    if (map.shape.length !== first.shape.length || map.shape.some((d, i) => d !== first.shape[i])) {
      fail(
        names[n],
        `its shape is [${map.shape}], that of ${names[0]} [${first.shape}]`,
        'average maps of one shape',
      );
    }
    for (let i = 0; i < sums.length; i++) {
      const value = map.data[i];
      if (!Number.isFinite(value)) fail(names[n], `element ${i} is ${value}`, 'leave this map out');
      sums[i] += value;
    }
  });
  return float32(
    first.shape,
    Float32Array.from(sums, (sum) => sum / maps.length),
  );
}
