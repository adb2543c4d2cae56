import { rows } from '../../classifier/rows.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Completeness } from '../explanation.ts';
import { classWeights, type ResolvedTarget } from '../resolve.ts';

/**
 * Compares the relevance of each image with how its explained score differs from that of the baseline: `away`, the
 * K scores there.
 */
export function completeness(
  relevance: Tensor<'float32'>,
  { scores, targets }: { readonly scores: Tensor<'float32'>; readonly targets: readonly ResolvedTarget[] },
  away: ArrayLike<number>,
): Completeness[] {
  const [images, classes] = scores.shape;
  const chosen = classWeights(targets, classes);
  return Array.from({ length: images }, (_, image) => {
    const row = rows(chosen, image, image + 1).data;
    return {
      attributed: rows(relevance, image, image + 1).data.reduce((sum, r) => sum + r, 0),
      difference: row.reduce(
        (sum, weight, k) => sum + weight * (scores.data[image * classes + k] - away[k]),
        0,
      ),
    };
  });
}
