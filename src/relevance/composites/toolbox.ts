import { fail } from '../../common/error.ts';
import { absolute, alphaBeta, epsilon, flat, wSquare, zBox, zPlus } from '../rules/rules.ts';
import {
  type Composite,
  type CompositeEntry,
  type Handling,
  type Match,
  rectifiers,
  type Variant,
} from './composite.ts';

/** Parameters of the formula codes, named as the command line names them. */
export interface ToolboxOptions {
  readonly epsilon?: number | undefined;
  readonly beta?: number | undefined;
  readonly gamma?: number | undefined;
  /** "Up to layer k": the flat or w² rule (codes 54–60, 102, 104) or the αβ rule (114) below, k included. */
  readonly upTo?: number | undefined;
  /** `faithful` computes what the original Caffe code does, `corrected` what its papers say. */
  readonly variant?: Variant | undefined;
  /** LRN by the original Taylor rule, the conserving one, or identity; by the variant unless given. */
  readonly lrn?: 'taylor' | 'original' | 'identity' | undefined;
  /**
   * How the branches that a sum adds up share its relevance: by their `absolute` values (the default), by their
   * `positive` parts, or `proportional` to what each adds, as Zennit does: unbounded where they nearly cancel.
   */
  readonly sums?: 'absolute' | 'positive' | 'proportional' | undefined;
}

/** What is done at sums. */
export function sumsBy(sums: ToolboxOptions['sums'] = 'absolute'): Handling {
  if (sums === 'proportional') return sums;
  return sums === 'positive' ? zPlus() : absolute();
}

/** Rules of one formula code, as a function of the kind of layer. */
type Plan = (rules: Rules) => readonly CompositeEntry[];

interface Rules {
  readonly epsilon: Handling;
  readonly alphaBeta: Handling;
  /** αβ with β = 0, for code 22. */
  readonly alphaOnly: Handling;
  readonly flat: Handling;
  readonly wSquare: Handling;
  readonly zBox: Handling;
  readonly upTo: number;
}

const both: Match = { linear: ['convolution', 'dense'] };
const convolution: Match = { linear: 'convolution' };
const dense: Match = { linear: 'dense' };
const at = (match: Match, handling: Handling): CompositeEntry => ({ match, handling });

/** Code 22 uses β = 0 above this layer. */
const layer22 = 15;
const byDepth = (r: Rules, match = both): readonly CompositeEntry[] => [
  at({ ...match, from: layer22 + 1 }, r.alphaOnly),
  at(match, r.alphaBeta),
];
const firstBox = (r: Rules): CompositeEntry => at({ ...both, first: true }, r.zBox);

const plans: Readonly<Record<number, Plan>> = {
  0: (r) => [at(both, r.epsilon)],
  2: (r) => [at(both, r.alphaBeta)],
  54: (r) => [at({ ...both, upTo: r.upTo }, r.flat), at(both, r.epsilon)],
  56: (r) => [at({ ...both, upTo: r.upTo }, r.wSquare), at(both, r.epsilon)],
  58: (r) => [at({ ...both, upTo: r.upTo }, r.flat), at(both, r.alphaBeta)],
  60: (r) => [at({ ...both, upTo: r.upTo }, r.wSquare), at(both, r.alphaBeta)],
  100: (r) => [at(convolution, r.alphaBeta), at(dense, r.epsilon)],
  102: (r) => [at({ ...both, upTo: r.upTo }, r.flat), at(convolution, r.alphaBeta), at(dense, r.epsilon)],
  104: (r) => [at({ ...both, upTo: r.upTo }, r.wSquare), at(convolution, r.alphaBeta), at(dense, r.epsilon)],
  114: (r) => [at({ ...both, upTo: r.upTo }, r.alphaBeta), at(both, r.epsilon)],
  22: (r) => byDepth(r),
  6: (r) => [firstBox(r), at(convolution, r.alphaBeta), ...byDepth(r, dense)],
  8: (r) => [firstBox(r), at(convolution, r.epsilon), ...byDepth(r, dense)],
  18: (r) => [firstBox(r), ...byDepth(r)],
};

/**
 * Codes that are not relevance but gradients: what they do at activations. 99 is 11 drawn in another way (the L2 norm
 * over the channels, see `heatmaps`): what the original writes as raw relevance is the same for both.
 */
const gradients: Readonly<Record<number, Handling>> = {
  11: 'gradient',
  99: 'gradient',
  26: 'deconvnet',
  166: 'guided',
};

/** The formula codes of the LRP Toolbox's Caffe extension. */
export const formulaCodes = [...Object.keys(plans), ...Object.keys(gradients)].map(Number);

/** The codes by the names that the LRP Toolbox's Python interface has for them. */
export const formulaNames: Readonly<Record<string, number>> = {
  epsilon: 0,
  alphabeta: 2,
  eps_n_flat: 54,
  eps_n_wsquare: 56,
  ab_n_flat: 58,
  ab_n_wsquare: 60,
  layer_dep: 100,
  eps_n_ab: 114,
};

/**
 * The composite of a formula code. Errors: an unknown code, with those that exist; β below 0, ε not above 0.
 *
 * @example
 * ```ts
 * import { toolbox } from 'limn';
 *
 * const { name, entries } = toolbox(102, { upTo: 0, variant: 'faithful' });
 * console.log(name, entries.length);
 * ```
 */
export function toolbox(code: number, options: ToolboxOptions = {}): Composite {
  const faithful = options.variant === 'faithful';
  const name = `formula ${code}`;
  const variant = options.variant ?? 'corrected';
  checkParameters(options);
  const activation = gradients[code];
  const lrn = options.lrn ?? (faithful ? 'original' : 'taylor');
  const normalisation = at({ role: 'normalisation' }, lrn === 'identity' ? 'pass' : `lrn-${lrn}`);
  if (activation) {
    // The original's deconvnet and guided backprop pass LRN and average pooling by its relevance rules.
    const relevant = faithful && activation !== 'gradient' ? [normalisation, averageAsOriginal] : [];
    return { name, variant, entries: [at({ op: rectifiers }, activation), ...relevant, at({}, 'gradient')] };
  }
  const plan =
    plans[code] ?? fail(`formula ${code}`, 'there is no such code', `known: ${formulaCodes.join(', ')}`);
  const beta = options.beta ?? 1;
  const groups = faithful ? 'first' : 'own';
  const rules: Rules = {
    epsilon: epsilon(options.epsilon ?? 0.1, faithful ? { zero: 'pass' } : {}),
    alphaBeta: alphaBeta(1 + beta, beta, groups),
    alphaOnly: alphaBeta(1, 0, groups),
    flat: flat(faithful),
    wSquare: wSquare(faithful),
    zBox: zBox(faithful),
    upTo: options.upTo ?? 0,
  };
  return {
    name,
    variant,
    entries: [
      ...plan(rules),
      normalisation,
      faithful ? averageAsOriginal : at({ linear: 'average' }, absolute()),
      at({ linear: 'affine' }, 'pass'),
      at({ role: 'linear' }, rules.epsilon),
      at({ role: 'sum' }, faithful ? 'proportional' : sumsBy(options.sums)),
      ...rest,
    ],
  };
}

const averageAsOriginal = at({ linear: 'average' }, 'average-original');

const rest: readonly CompositeEntry[] = [
  at({ role: 'activation' }, 'pass'),
  at({ role: ['movement', 'softmax', 'index'] }, 'gradient'),
  at({ role: 'max' }, 'winner'),
  at({ role: 'standardisation' }, 'pass'),
  at({ role: 'product' }, 'signal'),
];

/** Errors: parameters for which the rules are not defined. */
export function checkParameters({ epsilon, beta, gamma, upTo }: ToolboxOptions): void {
  const check = (name: string, value: number | undefined, holds: (n: number) => boolean, expected: string) =>
    value === undefined || holds(value) || fail(name, `${value} is not ${expected}`);
  check('epsilon', epsilon, (n) => n > 0 && Number.isFinite(n), 'a number above 0');
  check('beta', beta, (n) => n >= 0 && Number.isFinite(n), 'a number from 0 on');
  check('gamma', gamma, (n) => n >= 0 && Number.isFinite(n), 'a number from 0 on');
  check('up-to', upTo, (n) => Number.isInteger(n), 'the index of a layer');
}
