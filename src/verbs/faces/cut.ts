import type { FaceCutting } from '../../faces/index.ts';
import type { Model } from '../../graph/index.ts';
import type { FacesFields } from './request.ts';

/** Pixels on a side of Adience's aligned faces. */
const adienceSize = 816;

/**
 * How faces are cut out: as the fields say, or as the model was trained to see them, or as Adience's. Another alignment than the
 * model's has the usual margin.
 */
export function cuttingFor(
  { align, margin, size }: Pick<FacesFields, 'align' | 'margin'> & { readonly size?: number | undefined },
  model: Model | undefined,
): FaceCutting & Required<Pick<FaceCutting, 'align'>> {
  const trained = model?.info.faces;
  const chosen = align ?? trained?.align ?? 'similarity';
  return {
    align: chosen,
    margin: margin ?? (trained?.align === chosen ? trained.margin : undefined),
    size: size ?? (model ? sizeFor(model) : chosen === 'similarity' ? adienceSize : undefined),
  };
}

/** Pixels on a side of the photos that a model takes; undefined where it says nothing. */
function sizeFor({ graph, info }: Model): number | undefined {
  const { resize, crop } = info.preprocessing ?? {};
  const input = graph.inputs[0]?.shape.slice(2).filter((dim): dim is number => typeof dim === 'number');
  const size = resize ?? crop;
  const sides = size ? [size.height, size.width] : (input ?? []);
  return sides.length > 0 ? Math.max(...sides) : undefined;
}
