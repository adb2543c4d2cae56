import { fail } from '../../common/error.ts';
import { addExact, type ExactSums, exactSums, exactTotals, mergeExact } from '../../common/exactsum.ts';
import { firstNotFinite } from '../../common/finite.ts';
import { float32, type Tensor } from '../../graph/tensor.ts';

/** Sums over raw relevance maps of one shape: exact, so that neither their order nor how they were divided matters. */
export interface RelevanceSums {
  readonly shape: readonly number[];
  /** The first map, as errors call it. */
  readonly first: string;
  readonly sums: ExactSums;
  maps: number;
}

/** Adds a map to sums, or begins them with it. Errors name the map that does not fit. */
export function addRelevance(
  before: RelevanceSums | undefined,
  { shape, data }: Tensor<'float32'>,
  name: string,
): RelevanceSums {
  const sums = before ?? { shape, first: name, sums: exactSums(data.length), maps: 0 };
  checkShapes(sums, shape, name);
  const bad = firstNotFinite(data);
  if (bad >= 0) fail(name, `element ${bad} is ${data[bad]}`, 'leave this map out');
  addExact(sums.sums, data);
  sums.maps++;
  return sums;
}

/** Adds what other maps came to. Errors: they are of another shape. */
export function mergeRelevance(sums: RelevanceSums, other: RelevanceSums): void {
  checkShapes(sums, other.shape, other.first);
  mergeExact(sums.sums, other.sums);
  sums.maps += other.maps;
}

function checkShapes({ shape, first }: RelevanceSums, other: readonly number[], name: string): void {
  if (other.length === shape.length && other.every((d, i) => d === shape[i])) return;
  fail(name, `its shape is [${other}], that of ${first} [${shape}]`, 'average maps of one shape');
}

/** The element-wise mean, whose sums are rounded once. */
export const meanRelevance = ({ shape, sums, maps }: RelevanceSums): Tensor<'float32'> =>
  float32(
    shape,
    Float32Array.from(exactTotals(sums), ({ high }) => high / maps),
  );

/**
 * The element-wise mean of raw relevance maps of one shape, as the paper averages the heatmaps of the models of
 * several folds. Sums are exact. Errors name the map that does not fit.
 */
export function averageRelevance(
  maps: readonly Tensor<'float32'>[],
  names: readonly string[] = maps.map((_, i) => `map ${i + 1}`),
): Tensor<'float32'> {
  let sums: RelevanceSums | undefined;
  maps.forEach((map, i) => {
    sums = addRelevance(sums, map, names[i]);
  });
  return meanRelevance(sums ?? fail('average', 'no relevance maps given'));
}
