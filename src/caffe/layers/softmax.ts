import { fail } from '../../common/error.ts';
import type { Converter } from './converter.ts';

export const softmax: Converter = (c) => {
  const axis = c.layer.softmaxParam?.axis ?? 1;
  const rank = c.bottoms[0].shape.length;
  if (axis >= rank || axis < -rank) fail(c.where, `axis ${axis} is not one of the ${rank} of '${c.bottoms[0].value}'`);
  c.result('Softmax', [c.bottoms[0].value], { axis });
};

/** A loss needs labels, which a photo to classify does not bring: what is left of it is its softmax. */
export const softmaxWithLoss: Converter = (c) => {
  const axis = c.layer.softmaxParam?.axis ?? 1;
  c.result('Softmax', [c.bottoms[0].value], { axis });
};
