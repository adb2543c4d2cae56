import { int64, type Model } from '../../src/graph/index.ts';
import { type Composite, toolbox } from '../../src/relevance/index.ts';
import type { ReferenceCase } from '../reference-data.ts';

/** The composite of a case of the reference data: a formula code with its parameters, faithful. */
export function compositeOf(c: ReferenceCase): Composite {
  return toolbox(c.formula, {
    epsilon: c.epsilon,
    beta: c.beta,
    upTo: c.flat_or_w2_up_to_layer,
    variant: 'faithful',
    ...(c.lrn_backward === 'identity' && { lrn: 'identity' }),
  });
}

/** A model whose preprocessing subtracts a case's mean, which the box rule needs. */
export function withMean(model: Model, { mean_values_bgr: mean }: ReferenceCase): Model {
  return mean ? { ...model, info: { ...model.info, preprocessing: { channels: 'bgr', mean } } } : model;
}

export const targetOf = (c: ReferenceCase) => int64([c.classes.length], c.classes);
