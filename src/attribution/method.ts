import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import type { Tensor } from '../graph/index.ts';
import type { Composite, Start, ToolboxOptions } from '../relevance/index.ts';

/**
 * Layer-wise relevance propagation (Bach et al. 2015) by a composite or by a formula code of the LRP Toolbox, with
 * their parameters; unless given, `epsilon-gamma-box`, or `epsilon-plus-flat` for models that do not say how photos are
 * prepared, or `iccv2017`, the setting of Lapuschkin et al. 2017, where parameters are given that only it has. The variant (`corrected` unless
 * given) is a matter of the formula codes and `iccv2017`.
 */
export interface LrpMethod extends ToolboxOptions {
  readonly method: 'lrp';
  readonly composite?: string | Composite | undefined;
  readonly formula?: number | undefined;
  /** As the original does with auxiliary heads: every other softmax adds its probabilities as relevance. */
  readonly injectAuxiliary?: boolean | undefined;
}

/**
 * One backward pass.
 * - `gradient`: ∂score/∂input (Simonyan et al. 2014, with its sign).
 * - `gradient-x-input`: the same times the input (Shrikumar et al. 2016).
 * - `guided-backprop`: activations pass back only what is positive, where they were (Springenberg et al. 2015).
 * - `deconvnet`: activations pass back only what is positive (Zeiler and Fergus 2014).
 * - `excitation-backprop`: in proportion to excitatory contributions (Zhang et al. 2016).
 */
export interface BackwardMethod {
  readonly method: 'gradient' | 'gradient-x-input' | 'guided-backprop' | 'deconvnet' | 'excitation-backprop';
}

/** SmoothGrad (Smilkov et al. 2017): the mean of the gradients at the input with normal noise added. */
export interface SmoothGradMethod {
  readonly method: 'smoothgrad';
  /** 25 unless given. */
  readonly samples?: number | undefined;
  /** Standard deviation as a fraction of the image's own range, max − min; 0.15 unless given (the paper: 0.1–0.2). */
  readonly noise?: number | undefined;
  /** The same seed gives the same noise, for every image of a batch; 0 unless given. */
  readonly seed?: number | undefined;
}

/**
 * A network input that stands for "nothing there". `zero`: all zeros, the mean image where preprocessing subtracts
 * it. `black`, `gray`, `white`: a photo of that colour (0, 127.5, 255) after preprocessing. A number: everywhere.
 * A tensor: C×H×W or 1×C×H×W.
 */
export type Baseline = 'zero' | 'black' | 'gray' | 'white' | number | Tensor<'float32'>;

/**
 * Integrated gradients (Sundararajan et al. 2017): (x − x′) · ∫ ∂score/∂input along the straight line from the
 * baseline x′ to the input x. The sum of relevance should equal the difference of the scores: see `completeness`.
 */
export interface IntegratedGradientsMethod {
  readonly method: 'integrated-gradients';
  /** Points on the line; 50 unless given. */
  readonly steps?: number | undefined;
  /** `zero` unless given. */
  readonly baseline?: Baseline | undefined;
  /** How the integral is computed: `gauss-legendre` (the default) or the `midpoint` rule. */
  readonly rule?: 'gauss-legendre' | 'midpoint' | undefined;
}

/**
 * Occlusion (Zeiler and Fergus 2014): how far the score drops when a window of the input is covered; every pixel gets
 * the mean over the windows that cover it.
 */
export interface OcclusionMethod {
  readonly method: 'occlusion';
  /** Height and width of the window; a seventh of the input's shorter side unless given. */
  readonly window?: number | readonly [number, number] | undefined;
  /** Steps between windows, down and across; half the window unless given. A last window touches the border. */
  readonly stride?: number | readonly [number, number] | undefined;
  /** What covers; `zero` unless given. */
  readonly fill?: Baseline | undefined;
  /** Whose drop: the score's (the default) or the probability's. */
  readonly of?: 'score' | 'probability' | undefined;
}

/**
 * Grad-CAM (Selvaraju et al. 2017): the positive part of a layer's feature maps, weighed by their mean gradients,
 * enlarged bilinearly to the input. The channels of the result are equal and sum to the map.
 */
export interface GradCamMethod {
  readonly method: 'grad-cam';
  /** The layer whose feature maps are used; the last before pooling and flattening unless given. */
  readonly layer?: string | undefined;
}

/**
 * The tokens that attention looks at, for transformers whose blocks all see the same tokens, drawn back to pixels.
 * - `attention-rollout`: the product of all blocks' weights (Abnar and Zuidema 2020); the same for every class.
 * - `chefer`: weights times their gradients, where that is positive (Chefer et al. 2021).
 */
export interface AttentionMethod {
  readonly method: 'attention-rollout' | 'chefer';
}

export type Method =
  | LrpMethod
  | BackwardMethod
  | SmoothGradMethod
  | IntegratedGradientsMethod
  | OcclusionMethod
  | GradCamMethod
  | AttentionMethod;

/** What every method takes. */
export interface ExplainOptions {
  /** The output to explain; the first with classes unless given. */
  readonly head?: string | undefined;
  /**
   * What the backward pass starts with: the raw score (the default of `lrp`), one (that of the others) or the
   * probability. Not for integrated gradients, occlusion, Grad-CAM and those of attention, whose definitions leave no
   * choice.
   */
  readonly start?: Start | undefined;
  /** Layers whose outputs' relevance is wanted besides the input's; not for methods defined at the input only. */
  readonly at?: readonly string[] | undefined;
  /** Adds a conservation report; for `lrp` and `excitation-backprop`. */
  readonly conservation?: boolean | undefined;
}

export const methodNames = [
  'lrp',
  'gradient',
  'gradient-x-input',
  'guided-backprop',
  'deconvnet',
  'smoothgrad',
  'integrated-gradients',
  'occlusion',
  'grad-cam',
  'excitation-backprop',
  'attention-rollout',
  'chefer',
] as const satisfies readonly Method['method'][];

/** A method's name from text. Errors: there is no such method. */
export function methodName(text: string): Method['method'] {
  const name = methodNames.find((known) => known === text);
  return (
    name ?? fail(`method ${quoted(text)}`, 'there is none of this name', `known: ${methodNames.join(', ')}`)
  );
}

/** The start that is used. Errors: options that a method has no meaning for. */
export function checkOptions(method: Method['method'], options: ExplainOptions): Start {
  const where = `method ${quoted(methodName(method))}`;
  const free = !['integrated-gradients', 'occlusion', 'grad-cam', 'attention-rollout', 'chefer'].includes(
    method,
  );
  if (options.start && !free) fail(where, 'its definition fixes the start', 'leave it out');
  if (options.at?.length && !free) fail(where, 'it is defined at the input only', 'ask for no layers');
  if (options.conservation && method !== 'lrp' && method !== 'excitation-backprop')
    fail(where, 'it does not conserve relevance', 'ask for the report with lrp');
  return options.start ?? (method === 'lrp' ? 'score' : 'one');
}
