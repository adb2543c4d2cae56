import type { Model, Tensor } from '../graph/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { type ExplainerOptions, type ExplainerRequest, explainer } from './explainer.ts';
import type { Explanation } from './explanation.ts';

/**
 * Explains one batch: an {@link explainer} that is released at once. For more than one batch make an explainer and
 * keep it: loading takes longer than explaining an image.
 */
export async function explain(
  model: Model,
  runtime: Runtime,
  input: Tensor,
  options: ExplainerOptions & ExplainerRequest,
): Promise<Explanation> {
  const { target, onProgress, signal, ...rest } = options;
  const made = explainer(model, runtime, rest as ExplainerOptions);
  try {
    return await made.explain(input, { target, onProgress, signal });
  } finally {
    await made.release();
  }
}
