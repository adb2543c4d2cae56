import { fail } from '../../common/error.ts';
import { quoted } from '../../common/quoted.ts';
import { floats, type Preprocessing, type Shape, size } from '../../graph/index.ts';
import { inputBounds } from '../../relevance/index.ts';
import type { Baseline } from '../method.ts';

const levels = { black: 0, gray: 0.5, white: 1 } as const;

/**
 * A baseline as C·H·W numbers for an input N×C×H×W.
 * Errors: a tensor of another shape; a colour for a model whose preprocessing is not known.
 */
export function baselineValues(
  baseline: Baseline,
  input: Shape,
  preprocessing: Preprocessing | undefined,
): Float32Array {
  const dims = input.slice(1).map(Number);
  const out = new Float32Array(size(dims));
  if (baseline === 'zero') return out;
  if (typeof baseline === 'number') {
    return Number.isFinite(baseline) ? out.fill(baseline) : fail('baseline', `${baseline} is no number`);
  }
  if (typeof baseline === 'object') {
    const data = floats(baseline, 'baseline');
    const shape = baseline.shape.length === 4 ? baseline.shape.slice(1) : baseline.shape;
    if (shape.join() !== dims.join() || data.length !== out.length)
      fail(
        'baseline',
        `its shape is [${baseline.shape}], the input's [${dims}]`,
        'give one image of that shape',
      );
    return data;
  }
  const level =
    levels[baseline] ??
    fail(`baseline ${quoted(baseline)}`, 'there is none of this name', 'known: zero, black, gray, white');
  const { low, high } = inputBounds(
    preprocessing ??
      fail(
        `baseline ${quoted(baseline)}`,
        "the model's preprocessing is not known",
        "use 'zero' or a number",
      ),
    input,
  );
  const perChannel = out.length / dims[0];
  return out.map((_, i) => {
    const at = low.data.length === out.length ? i : Math.floor(i / perChannel);
    return low.data[at] + level * (high.data[at] - low.data[at]);
  });
}
