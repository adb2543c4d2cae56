import type { Attributes, Shape, Tensor } from '../graph/index.ts';

/** y = x·scale + shift, element by element, with one scale and shift per channel or one for all. */
export interface ChannelAffine {
  /** Which of the node's inputs is x. */
  readonly input: number;
  /** The axis of the channels; undefined where there is one scale and one shift for all. */
  readonly axis?: number | undefined;
  /** One number per channel, or one. */
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** A linear operation taken apart: its numbers, and which channels each weight connects. */
export interface Foldable {
  readonly weight: Tensor<'float32'>;
  /** One number per output channel; undefined where there is none. */
  readonly bias?: readonly number[];
  readonly inputs: number;
  readonly outputs: number;
  /** The axes of the channels in the input and in the output. */
  readonly inputAxis: number;
  readonly outputAxis: number;
  readonly inputOf: (weight: number) => number;
  readonly outputOf: (weight: number) => number;
  /** A factor that the operation itself has on its weights; `bias` is with its own already. */
  readonly factor: number;
  /** Whether it has factors of its own, on weights or bias, which are better part of these. */
  readonly hasFactors: boolean;
  /** Whether a constant added to the input adds the same to every output of a channel. */
  readonly uniform: boolean;
  /** Of one that pads with zeros: how much, as ONNX's Pad has it for all axes but the first two, and itself without. */
  readonly padding?: { readonly pads: readonly number[]; readonly attributes: Attributes };
  /** The operation with other weights, without factors, and with a bias or none; undefined where it has no room for one. */
  readonly rebuild: (
    biased: boolean,
  ) => { readonly op: string; readonly domain?: string; readonly attributes: Attributes } | undefined;
}

/** The one axis along which a constant of this shape differs when it is broadcast to a rank. */
export function channelAxis(shape: Shape, rank: number): number | undefined | 'several' {
  const axes = shape.flatMap((n, i) => (n === 1 ? [] : [i + rank - shape.length]));
  return axes.length > 1 ? 'several' : axes[0];
}

/** Of maxima: the largest stays the largest where nothing is turned over. */
export const keepsOrder = (_: unknown, affine: ChannelAffine): readonly ChannelAffine[] | undefined =>
  affine.scale.every((s) => s > 0) ? [affine] : undefined;
