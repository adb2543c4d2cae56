import { failRequest } from '../common/error.ts';
import type { ValueInfo } from '../graph/graph.ts';

/** The one input with a shape that is asked for. Errors: one that does not fit it; several inputs. */
export function withInputShape(
  inputs: readonly ValueInfo[],
  shape: readonly number[],
  file: string,
): ValueInfo[] {
  const [input, ...others] = inputs;
  if (!input || others.length > 0)
    return failRequest('input-shape', `${file} has ${inputs.length} inputs, one is needed`);
  const fits =
    shape.length === input.shape.length &&
    input.shape.every((n, i) => typeof n === 'string' || n === shape[i]);
  if (!fits)
    failRequest(
      'input-shape',
      `${shape.join('×')} does not fit input '${input.name}' [${input.shape}] of ${file}`,
    );
  return [{ ...input, shape }];
}

/** The one input with what was open of it filled in, where the number of dimensions fits. */
export function withOpenShape(
  inputs: readonly ValueInfo[],
  shape: readonly (number | undefined)[] | undefined,
): readonly ValueInfo[] {
  const [input, ...others] = inputs;
  if (!input || others.length > 0 || shape?.length !== input.shape.length) return inputs;
  return [
    { ...input, shape: input.shape.map((dim, i) => (typeof dim === 'number' ? dim : (shape[i] ?? dim))) },
  ];
}
