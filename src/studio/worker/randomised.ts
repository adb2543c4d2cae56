import { type Randomised, randomised, spearman, weightedLayers } from '../../faithfulness/index.ts';
import type { Model } from '../../graph/index.ts';
import type { Host } from '../../verbs/host.ts';
import type { ShownExplanation } from '../protocol/index.ts';
import { withModel } from './substitute.ts';

/** A host that reads a model with the weights of its upper layers drawn anew: what verbs make of it, they make of that. */
export async function randomisedHost(
  path: string,
  { share, seed }: { readonly share: number; readonly seed: number },
  host: Host,
): Promise<{ readonly host: Host; readonly layers: number; readonly of: number }> {
  const { model } = await host.files.readModel(path);
  const of = weightedLayers(model.graph).length;
  const drawn = share > 0 ? cascadeTo(share, model, of, seed) : { model, share: 0 };
  return { host: withModel(drawn.model, host), layers: Math.round(drawn.share * of), of };
}

/** The first of the models that are drawn anew from the scores down, layer by layer, of which at least such a share is. */
function cascadeTo(
  share: number,
  model: Model,
  layers: number,
  seed: number,
): Pick<Randomised, 'model' | 'share'> {
  for (const each of randomised(model, layers, seed))
    if (each.kind === 'cascading' && each.share >= Math.min(1, share)) return each;
  return { model, share: 0 };
}

/** Spearman's rank correlation of two maps. */
export const likenessOf = (a: ShownExplanation, b: ShownExplanation): number =>
  spearman(a.map.data, b.map.data);
