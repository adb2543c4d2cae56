import { fail } from '../common/error.ts';
import { meant } from '../common/nearest.ts';
import { quoted } from '../common/quoted.ts';
import type { Composite, Start, ToolboxOptions } from '../relevance/index.ts';
import type { Baseline } from './methods/baseline.ts';
import type { KernelShapMethod, OcclusionMethod, RiseMethod, ScoreCamMethod } from './perturbation.ts';

/**
 * Layer-wise relevance propagation (Bach et al. 2015) by a composite or by a formula code of the LRP Toolbox, with
 * their parameters; unless given, `epsilon-gamma-box`, or `epsilon-plus-flat` for models that do not say how photos are
 * prepared, or `cp-lrp` for networks with attention, or `iccv2017`, the setting of Lapuschkin et al. 2017, where parameters
 * are given that only it has. The variant (`corrected` unless
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
  /** `samplingDefaults.smoothgrad.samples` unless given. */
  readonly samples?: number | undefined;
  /**
   * Standard deviation as a fraction of the image's own range, max − min; `samplingDefaults.smoothgrad.noise` unless given:
   * with the paper's 0.1–0.2 maps of two seeds differ much, unless there are hundreds of samples.
   */
  readonly noise?: number | undefined;
  /** The same seed gives the same noise, for every image of a batch; 0 unless given. */
  readonly seed?: number | undefined;
}

/**
 * Integrated gradients (Sundararajan et al. 2017): (x − x′) · ∫ ∂score/∂input along the straight line from the
 * baseline x′ to the input x. The sum of relevance should equal the difference of the scores: see `completeness`.
 */
export interface IntegratedGradientsMethod {
  readonly method: 'integrated-gradients';
  /** Points on the line; `samplingDefaults['integrated-gradients'].steps` unless given. */
  readonly steps?: number | undefined;
  /** `zero` unless given. */
  readonly baseline?: Baseline | undefined;
  /** How the integral is computed: `gauss-legendre` (the default) or the `midpoint` rule. */
  readonly rule?: 'gauss-legendre' | 'midpoint' | undefined;
}

/**
 * DeepLIFT with the rescale rule (Shrikumar et al. 2017): (x − x′) times a multiplier, which is carried back as a gradient
 * is, but by differences between the input x and the baseline x′ at what is not linear. The sum of relevance is the
 * difference of the scores: see `completeness`.
 */
export interface DeepLiftMethod {
  readonly method: 'deeplift';
  /** `zero` unless given. */
  readonly baseline?: Baseline | undefined;
}

/**
 * Gradient SHAP (Lundberg and Lee 2017; expected gradients, Erion et al. 2021): the mean of (x − x′) · ∂score/∂input at
 * random points between the input and randomly chosen baselines x′.
 */
export interface GradientShapMethod {
  readonly method: 'gradient-shap';
  /** `samplingDefaults['gradient-shap'].samples` unless given. */
  readonly samples?: number | undefined;
  /** What stands for other inputs; of a tensor B×C×H×W each sample draws one. `zero` unless given. */
  readonly baseline?: Baseline | undefined;
  /**
   * Standard deviation of normal noise on the input as a fraction of its range, max − min;
   * `samplingDefaults['gradient-shap'].noise` unless given.
   */
  readonly noise?: number | undefined;
  /** The same seed gives the same samples, for every image of a batch; 0 unless given. */
  readonly seed?: number | undefined;
}

/**
 * Class activation maps by gradients: the positive part of a layer's feature maps, weighed by the gradients there and
 * enlarged bilinearly to the input. The channels of the result are equal and sum to the map.
 * - `grad-cam`: each map by its mean gradient (Selvaraju et al. 2017).
 * - `grad-cam++`: by a mean of its positive gradients that makes up for how much of the map they cover (Chattopadhay et
 *   al. 2018), of e^score.
 * - `layer-cam`: each cell by its own gradient, where that is positive (Jiang et al. 2021); also for lower layers.
 */
export interface CamMethod {
  readonly method: 'grad-cam' | 'grad-cam++' | 'layer-cam';
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

/** Any method of attribution with its parameters; `method` names it. */
export type Method =
  | LrpMethod
  | BackwardMethod
  | SmoothGradMethod
  | IntegratedGradientsMethod
  | DeepLiftMethod
  | GradientShapMethod
  | CamMethod
  | OcclusionMethod
  | RiseMethod
  | ScoreCamMethod
  | KernelShapMethod
  | AttentionMethod;

/** What every method takes. */
export interface ExplainOptions {
  /** The output to explain; the first with classes unless given. */
  readonly head?: string | undefined;
  /**
   * What the backward pass starts with: the raw score (the default of `lrp`), one (that of the others) or the
   * probability. For `lrp` and the methods of plain gradients only: the other definitions leave no choice.
   */
  readonly start?: Start | undefined;
  /** Layers whose outputs' relevance is wanted besides the input's; not for methods defined at the input only. */
  readonly at?: readonly string[] | undefined;
  /** Adds a conservation report; for `lrp` and `excitation-backprop`. */
  readonly conservation?: boolean | undefined;
}

/** The names of all methods, as requests, forms and the command line take them. */
export const methodNames = [
  'lrp',
  'gradient',
  'gradient-x-input',
  'guided-backprop',
  'deconvnet',
  'smoothgrad',
  'integrated-gradients',
  'gradient-shap',
  'deeplift',
  'occlusion',
  'rise',
  'kernel-shap',
  'grad-cam',
  'grad-cam++',
  'layer-cam',
  'score-cam',
  'excitation-backprop',
  'attention-rollout',
  'chefer',
] as const satisfies readonly Method['method'][];

/** A method's name from text. Errors: there is no such method. */
export function methodName(text: string): Method['method'] {
  const name = methodNames.find((known) => known === text);
  return name ?? fail(`method ${quoted(text)}`, 'there is none of this name', meant(text, methodNames));
}

/** The methods of one backward pass from the score that can start with anything and stop at any layer. */
const free: ReadonlySet<Method['method']> = new Set([
  'lrp',
  'gradient',
  'gradient-x-input',
  'guided-backprop',
  'deconvnet',
  'smoothgrad',
  'excitation-backprop',
]);

/** The start that is used. Errors: options that a method has no meaning for. */
export function checkOptions(method: Method['method'], options: ExplainOptions): Start {
  const where = `method ${quoted(methodName(method))}`;
  const isFree = free.has(method);
  if (options.start && !isFree) fail(where, 'its definition fixes the start', 'leave it out');
  if (options.at?.length && !isFree) fail(where, 'it is defined at the input only', 'ask for no layers');
  if (options.conservation && method !== 'lrp' && method !== 'excitation-backprop')
    fail(where, 'it does not conserve relevance', 'ask for the report with lrp');
  return options.start ?? (method === 'lrp' ? 'score' : 'one');
}

/** Whether `layer` names the feature maps that a method is about rather than places to look at. */
export const isCam = (method: Method['method']): method is CamMethod['method'] | 'score-cam' =>
  method.endsWith('-cam') || method === 'grad-cam++';
