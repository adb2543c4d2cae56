import { blobAxis } from './axes.ts';
import type { Converter } from './converter.ts';

/** Scores to probabilities; of a loss, which needs labels that a photo does not bring, this is what is left. */
export const softmax: Converter = (c) => {
  const axis = blobAxis(c.where, c.layer.softmaxParam?.axis ?? 1, c.bottoms[0].shape.length);
  c.result('Softmax', [c.bottoms[0].value], { axis });
};
