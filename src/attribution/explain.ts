import type { Model, Tensor } from '../graph/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { type ExplainerOptions, type ExplainerRequest, explainer } from './explainer.ts';
import type { Explanation } from './explanation.ts';

/**
 * Explains one batch: an {@link explainer} that is released at once. For more than one batch make an explainer and
 * keep it: loading takes longer than explaining an image.
 *
 * @example
 * ```ts
 * import { explain, heatmaps, preprocess } from 'limn';
 * import { decodeFile, loadModel, nodeRuntime } from 'limn/node';
 *
 * const { model } = await loadModel('models/face-api-age-gender.onnx');
 * const photo = await decodeFile('demo/astronaut-face.png');
 * const input = preprocess([photo], model.info.preprocessing!);
 * const { relevance, scores } = await explain(model, nodeRuntime, input, { method: 'lrp', head: 'gender' });
 * const [map] = heatmaps(relevance);
 * console.log(scores.data, map.width, map.height);
 * ```
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
