import { fail } from '../../common/error.ts';
import { fillNormal, fillUniform } from '../../common/random.ts';

/** Normal numbers. Errors: a standard deviation that is not above 0. */
export function fillGaussian(
  out: Float32Array,
  { mean, std }: { readonly mean: number; readonly std: number },
  seed: number,
  stream: number,
  where: string,
): void {
  if (!(std > 0)) fail(where, `a filler's std is ${std}`, 'give one above 0, or a constant filler');
  fillNormal(out, seed, stream);
  for (let i = 0; i < out.length; i++) out[i] = mean + std * out[i];
}

/**
 * Leaves each number with the probability sparse / outputs and writes 0 over the others, so that each input of an
 * inner product goes into about `sparse` outputs. Errors: more than there are outputs.
 */
export function thinOut(
  out: Float32Array,
  sparse: number,
  outputs: number,
  seed: number,
  stream: number,
  where: string,
): void {
  if (sparse < 0 || sparse > outputs) {
    fail(where, `a filler's sparse is ${sparse}, the layer has ${outputs} outputs`);
  }
  const draws = new Float32Array(out.length);
  fillUniform(draws, seed, stream, 0, 1);
  const probability = sparse / outputs;
  for (let i = 0; i < out.length; i++) if (!(draws[i] <= probability)) out[i] = 0;
}
