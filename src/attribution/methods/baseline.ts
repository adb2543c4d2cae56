import { fail } from '../../common/error.ts';
import { quoted } from '../../common/quoted.ts';
import { float32, floats, type Preprocessing, type Shape, size, type Tensor } from '../../graph/index.ts';
import { inputBounds } from '../../relevance/index.ts';

/**
 * A network input that stands for "nothing there". `zero`: all zeros, the mean image where preprocessing subtracts
 * it. `black`, `gray`, `white`: a photo of that colour (0, 127.5, 255) after preprocessing. A number: everywhere.
 * A tensor: C×H×W or 1×C×H×W.
 */
export type Baseline = 'zero' | 'black' | 'gray' | 'white' | number | Tensor<'float32'>;

/** A baseline as descriptions have it. */
export const baselineName = (baseline: Baseline): string | number =>
  typeof baseline === 'object' ? 'given' : baseline;

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

/** Baselines as a batch: a tensor B×C×H×W is B of them. Errors: as of {@link baselineValues}. */
export function baselineBatch(
  baseline: Baseline,
  input: Shape,
  preprocessing: Preprocessing | undefined,
): Tensor<'float32'> {
  const dims = input.slice(1).map(Number);
  const several = typeof baseline === 'object' && baseline.shape.length === 4 && baseline.shape[0] > 1;
  if (!several) return float32([1, ...dims], baselineValues(baseline, input, preprocessing));
  const data = floats(baseline, 'baseline');
  const count = baseline.shape[0];
  if (baseline.shape.slice(1).join() !== dims.join() || data.length !== count * size(dims))
    fail('baseline', `its shape is [${baseline.shape}], the input's [${dims}]`, 'give images of that shape');
  return float32([count, ...dims], data);
}
