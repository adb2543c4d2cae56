import type { Model } from '../graph/index.ts';

export function canonise(model: Model): Model {
  return model;
}
