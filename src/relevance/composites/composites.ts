import { fail } from '../../common/error.ts';
import { meant } from '../../common/nearest.ts';
import type { Layer, Model } from '../../graph/index.ts';
import { attentions, infer } from '../../operators/index.ts';
import { knowsBounds } from '../rules/bounds.ts';
import type { Rule } from '../rules/rule.ts';
import { absolute, alphaBeta, epsilon, flat, gamma, wSquare, zBox, zPlus } from '../rules/rules.ts';
import { type Composite, type CompositeEntry, type Handling, type Match, rectifiers } from './composite.ts';
import { checkParameters, sumsBy, type ToolboxOptions, toolbox } from './toolbox.ts';

export const entry = (match: Match, handling: Handling): CompositeEntry => ({ match, handling });

/** What is done wherever a composite says nothing else. */
export const otherwise = ({ sums }: ToolboxOptions = {}): readonly CompositeEntry[] => [
  entry({ linear: 'average' }, absolute()),
  entry({ linear: 'affine' }, 'pass'),
  entry({ role: 'linear' }, epsilon()),
  entry({ role: 'activation' }, 'pass'),
  entry({ role: ['movement', 'softmax', 'index'] }, 'gradient'),
  entry({ role: 'max' }, 'soft-winner'),
  entry({ role: 'normalisation' }, 'lrn-taylor'),
  entry({ role: 'standardisation' }, 'pass'),
  entry({ role: 'sum' }, sumsBy(sums)),
  entry({ role: 'product' }, 'signal'),
];

const convolution: Match = { linear: 'convolution' };
const dense: Match = { linear: 'dense' };

/** One rule for convolutions, one for dense layers, and perhaps another for the layers that see the input. */
function layered(
  name: string,
  options: ToolboxOptions,
  convolutions: Rule,
  denses: Rule,
  first?: Rule,
): Composite {
  const entries = [
    entry(convolution, convolutions),
    entry(dense, denses),
    // A scale and shift that could not be merged into a layer beside it is one, of one cell. On pixels it prepares them.
    entry({ linear: 'affine', raw: false }, convolutions),
    ...otherwise(options),
  ];
  return { name, entries: first ? [entry({ first: true }, first), ...entries] : entries };
}

const withThresholds = (composite: Composite): Composite => ({ ...composite, thresholds: true });

/**
 * For networks with attention: γ in convolutions and dense layers as Achtibat et al. 2024 have it for ViT, the ε-rule at
 * all else that is affine, sums and averages included; normalisations with a fixed scale, activations as they pass.
 */
const attentive = (name: string, options: ToolboxOptions, products: Handling): Composite => ({
  name,
  entries: [
    entry(convolution, gamma(options.gamma ?? 0.25)),
    entry(dense, gamma(options.gamma ?? 0.05)),
    entry({ linear: 'affine', raw: false }, epsilon(options.epsilon ?? 1e-6)),
    entry({ linear: 'average' }, epsilon(options.epsilon ?? 1e-6)),
    entry({ role: 'standardisation' }, 'fixed-scale'),
    entry({ role: 'softmax' }, 'softmax-taylor'),
    entry({ role: 'product' }, products),
    ...otherwise({ ...options, sums: options.sums ?? 'proportional' }),
  ],
});

/** The VJP everywhere but at rectifiers. */
const gradientLike = (name: string, rectifier: Handling): Composite => ({
  name,
  entries: [entry({ op: rectifiers }, rectifier), entry({}, 'gradient')],
});

/**
 * Named composites. `epsilon-plus`, `epsilon-plus-flat`, `epsilon-gamma-box`, `epsilon-alpha2-beta1`,
 * `epsilon-alpha2-beta1-flat`, `guided-backprop`, `deconvnet` and `excitation-backprop` do what Zennit's composites of
 * these names do, with its defaults (ε = 1e-6, γ = 0.25), but for three things: where Zennit has no module for an
 * operation (LRN, products) and so takes its gradient, relevance is passed on conserved; sums and averages share by
 * absolute values rather than in proportion, which explodes where addends nearly cancel (`sums: 'proportional'` is
 * Zennit's rule); and where values of a maximum are nearly equal they share, so that rounding decides nothing. `iccv2017` is the setting of Lapuschkin et al. 2017.
 *
 * `attnlrp` (Achtibat et al. 2024) and `cp-lrp` (Ali et al. 2022) are for transformers. Both take what normalisations
 * divide by for a constant, and have γ = 0.25 for convolutions and 0.05 for dense layers (`gamma: 0` is the ε-rule, which
 * CP-LRP's paper has everywhere). AttnLRP shares the relevance of attention among its weights and its values, and that of
 * the weights through the softmax among queries and keys; CP-LRP takes the weights for constants.
 */
export const composites: Readonly<
  Record<string, (options: ToolboxOptions, layers: readonly Layer[]) => Composite>
> = {
  epsilon: (o) => layered('epsilon', o, epsilon(o.epsilon ?? 1e-6), epsilon(o.epsilon ?? 1e-6)),
  'epsilon-plus': (o) => withThresholds(layered('epsilon-plus', o, zPlus(), epsilon(o.epsilon ?? 1e-6))),
  'epsilon-plus-flat': (o) =>
    withThresholds(layered('epsilon-plus-flat', o, zPlus(), epsilon(o.epsilon ?? 1e-6), flat())),
  'epsilon-gamma-box': (o) =>
    layered('epsilon-gamma-box', o, gamma(o.gamma ?? 0.25), epsilon(o.epsilon ?? 1e-6), zBox()),
  'epsilon-alpha2-beta1': (o) =>
    layered('epsilon-alpha2-beta1', o, alphaBeta(2, 1), epsilon(o.epsilon ?? 1e-6)),
  'epsilon-alpha2-beta1-flat': (o) =>
    layered('epsilon-alpha2-beta1-flat', o, alphaBeta(2, 1), epsilon(o.epsilon ?? 1e-6), flat()),
  'alpha-beta': (o) =>
    layered(
      'alpha-beta',
      o,
      alphaBeta(1 + (o.beta ?? 1), o.beta ?? 1),
      alphaBeta(1 + (o.beta ?? 1), o.beta ?? 1),
    ),
  gamma: (o) => layered('gamma', o, gamma(o.gamma ?? 0.25), gamma(o.gamma ?? 0.25)),
  'z-plus': (o) => withThresholds(layered('z-plus', o, zPlus(), zPlus())),
  'w-square': (o) => layered('w-square', o, wSquare(), wSquare()),
  'excitation-backprop': (o) => ({
    name: 'excitation-backprop',
    entries: [
      entry({ linear: ['convolution', 'dense'] }, zPlus({ bias: false })),
      entry({ role: 'normalisation' }, 'pass'),
      ...otherwise(o),
    ],
  }),
  attnlrp: (o) => attentive('attnlrp', o, 'uniform'),
  'cp-lrp': (o) => attentive('cp-lrp', o, 'signal'),
  gradient: () => gradientLike('gradient', 'gradient'),
  'guided-backprop': () => gradientLike('guided-backprop', 'guided'),
  deconvnet: () => gradientLike('deconvnet', 'deconvnet'),
  iccv2017: (o, layers) => ({
    ...toolbox(102, { epsilon: 0.1, beta: 1, ...o, upTo: o.upTo ?? flatUpTo(layers) }),
    name: 'iccv2017',
  }),
};

/** How far the paper's flat rule reached: GoogleNet layer 4, VGG16 layer 9, CaffeNet and AdienceNet layer 0. */
function flatUpTo(layers: readonly Layer[]): number {
  if (layers.some((layer) => layer.name.startsWith('inception_'))) return 4;
  return layers.some((layer) => layer.name === 'conv1_1') ? 9 : 0;
}

/**
 * The name of the composite where the caller names none: `epsilon-gamma-box`, or `epsilon-plus-flat` where nothing says what
 * black and white pixels are to the network. Of all, these two order regions best or cannot be told from the best, on every
 * network that was tried, and their maps do not depend on batch or threads: docs/how-to/choose-a-composite.md has the numbers.
 * Where there is attention it is `cp-lrp`, which of those for transformers conserves best. Parameters that only the setting of
 * Lapuschkin et al. 2017 has ask for `iccv2017`.
 */
export function defaultComposite(model: Model, { variant, beta, upTo, lrn }: ToolboxOptions = {}): string {
  if ([variant, beta, upTo, lrn].some((option) => option !== undefined)) return 'iccv2017';
  if (attentions(model.graph, infer(model.graph)).length > 0) return 'cp-lrp';
  return knowsBounds(model) ? 'epsilon-gamma-box' : 'epsilon-plus-flat';
}

/** A composite by name. Errors: an unknown name, with those that exist. */
export function namedComposite(
  name: string,
  options: ToolboxOptions = {},
  layers: readonly Layer[] = [],
): Composite {
  checkParameters(options);
  const make = Object.hasOwn(composites, name) ? composites[name] : undefined;
  return (
    make?.(options, layers) ??
    fail(`composite '${name}'`, 'there is none of this name', meant(name, Object.keys(composites)))
  );
}
