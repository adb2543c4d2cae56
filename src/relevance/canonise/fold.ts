import { type Attributes, float32, type Tensor } from '../../graph/index.ts';
import { type ChannelAffine, type Foldable, operatorOf, type Site } from '../../operators/index.ts';

/** A linear operation with changed weights and bias. */
export interface Folding {
  readonly op: string;
  readonly domain?: string;
  readonly attributes: Attributes;
  readonly weight: Tensor<'float32'>;
  readonly bias?: Tensor<'float32'>;
  /** What is to be put around the input first, by numbers per channel, in the place of the operation's own zeros. */
  readonly padding?: { readonly pads: readonly number[]; readonly fill: Tensor<'float32'> };
}

/** The operation followed by a scale and shift per output channel; undefined where it cannot be one. */
export function foldAfter(site: Site, affine: ChannelAffine): Folding | undefined {
  const linear = foldableOf(site);
  if (!linear || (affine.axis !== undefined && affine.axis !== linear.outputAxis)) return undefined;
  const { weight, bias, outputs, outputOf, factor } = linear;
  const [scale, shift] = [perChannel(affine.scale, outputs), perChannel(affine.shift, outputs)];
  if (!scale || !shift) return undefined;
  // Weights that stay as they are are not looked at: large ones may still be in their file.
  const isKept = factor === 1 && scale.every((s) => s === 1);
  return folding(
    linear,
    isKept
      ? weight
      : float32(
          weight.shape,
          weight.data.map((w, i) => w * factor * scale[outputOf(i)]),
        ),
    shift.map((t, k) => (bias?.[k] ?? 0) * scale[k] + t),
  );
}

/**
 * A scale and shift per input channel followed by the operation. Where it pads with zeros, which the shift does not reach, the input
 * is padded with what the scale and shift make zero of, −shift/scale; undefined where there is no such number.
 */
export function foldBefore(site: Site, affine: ChannelAffine): Folding | undefined {
  const linear = foldableOf(site);
  if (!linear || (affine.axis !== undefined && affine.axis !== linear.inputAxis)) return undefined;
  const { weight, bias, inputs, outputs, inputOf, outputOf, factor, padding } = linear;
  const [scale, shift] = [perChannel(affine.scale, inputs), perChannel(affine.shift, inputs)];
  if (!scale || !shift) return undefined;
  const isPadded = !linear.uniform && shift.some((t) => t !== 0);
  if (isPadded && (!padding || scale.some((s, i) => s === 0 && shift[i] !== 0))) return undefined;
  const sums = Array.from({ length: outputs }, (_, k) => bias?.[k] ?? 0);
  const changed = weight.data.map((w, i) => {
    sums[outputOf(i)] += w * factor * shift[inputOf(i)];
    return w * factor * scale[inputOf(i)];
  });
  const folded = folding(linear, float32(weight.shape, changed), sums);
  if (!isPadded || !folded || !padding) return folded;
  const fill = float32([inputs], thresholdsOf({ scale, shift }));
  return { ...folded, attributes: padding.attributes, padding: { pads: padding.pads, fill } };
}

/** What a scale and shift make zero of. */
export const thresholdsOf = ({ scale, shift }: Pick<ChannelAffine, 'scale' | 'shift'>): Float32Array =>
  Float32Array.from(scale, (s, i) => (shift[i] === 0 ? 0 : -shift[i] / s));

/** The operation without factors of its own (Gemm's alpha and beta); undefined where it has none. */
export function foldFactors(site: Site): Folding | undefined {
  return foldableOf(site)?.hasFactors ? foldAfter(site, { input: 0, scale: [1], shift: [0] }) : undefined;
}

const foldableOf = (site: Site): Foldable | undefined => operatorOf(site.node).foldable?.(site);

/** One number per channel from one per channel or one for all; undefined if there are more. */
function perChannel(values: readonly number[], channels: number): readonly number[] | undefined {
  if (values.length === channels) return values;
  return values.length === 1 ? Array.from({ length: channels }, () => values[0]) : undefined;
}

function folding(
  { bias: own, rebuild }: Foldable,
  weight: Tensor<'float32'>,
  bias: readonly number[],
): Folding | undefined {
  const biased = own !== undefined || bias.some((b) => b !== 0);
  const form = rebuild(biased);
  return (
    form && {
      ...form,
      weight,
      ...(biased && { bias: float32([bias.length], bias) }),
    }
  );
}
