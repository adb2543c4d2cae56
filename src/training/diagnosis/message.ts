import { LimnError } from '../../common/error.ts';
import { isOrAre } from '../../common/format.ts';
import { field, words } from '../../common/words.ts';
import { size } from '../../graph/index.ts';
import type { NonFinite } from './nonfinite.ts';

/**
 * The error that ends a training: `iteration 132: loss is NaN: first at layer 'conv2' (Conv): …`. `symptom` is what
 * showed: `loss is NaN`. `found` is undefined where the step computed finite values only. `snapshot` is the last one,
 * from which one can go on.
 */
export function nonFiniteError(
  iteration: number,
  symptom: string,
  found: NonFinite | undefined,
  snapshot?: string,
): LimnError {
  const what = found
    ? describe(found)
    : 'every value and gradient is finite: it is the update that overflows';
  const fix = fixes[found?.stage ?? 'update'];
  return new LimnError(
    `iteration ${iteration}`,
    `${symptom}: ${what}`,
    snapshot === undefined ? fix : words`${fix}, and go on with ${field('snapshot', snapshot)}`,
  );
}

const fixes: Readonly<Record<NonFinite['stage'] | 'update', string>> = {
  input: 'check the data',
  parameter: 'lower base_lr',
  forward: 'lower base_lr, or check the data',
  backward: 'lower base_lr, or set clip_gradients',
  update: 'lower base_lr',
};

/** Where it is, how much, and what led to it, in one line. */
function describe(found: NonFinite): string {
  const { stage, layer, op, value, shape, count, first, inputReach, weightReach } = found;
  const place = first.length > 0 ? `, the first (${found.found}) at [${first}]` : ` (${found.found})`;
  const much = `${count} of ${size(shape)} values ${isOrAre(count)} not finite${place}`;
  const reach = (what: string, most: number | undefined) =>
    most === undefined ? '' : `, ${what} ${short(most)}`;
  switch (stage) {
    case 'input':
      return `input '${value}' of layer '${layer}': ${much}`;
    case 'parameter':
      return `parameter '${value}' of layer '${layer}': ${much}`;
    case 'forward':
      return `first at layer '${layer}' (${op}): ${much}${reach('its input reaches', inputReach)}${reach('its weights', weightReach)}`;
    case 'backward':
      return `first in the gradient of '${value}' at layer '${layer}' (${op}): ${much}${reach('what arrives reaches', inputReach)}${reach('its weights', weightReach)}`;
  }
}

const short = (x: number): string => String(Number(x.toPrecision(2)));
