import { type ExplainOptions, type Method, samplingDefaults } from '../../attribution/index.ts';

/** The methods whose map is a mean over draws: with fewer there is more chance in it, and nothing else. */
const drawing = ['smoothgrad', 'gradient-shap', 'rise'] as const;

/** The method with a quarter of the samples that are drawn by default, where it takes more. */
export function withFewerSamples(method: Method & ExplainOptions): Method & ExplainOptions {
  const name = drawing.find((each) => each === method.method);
  if (!name) return method;
  const few = Math.ceil(samplingDefaults[name].samples / 4);
  return samplesOf(method) > few ? ({ ...method, samples: few } as typeof method) : method;
}

/** How many draws the map of a method is the mean of; 0 where it draws none. */
export function samplesOf(method: Method): number {
  const name = drawing.find((each) => each === method.method);
  const { samples } = method as { readonly samples?: number | undefined };
  return name ? (samples ?? samplingDefaults[name].samples) : 0;
}
