/**
 * LRP rules for operations that are affine in their input, and for sums of several values (whose weights are 1, or −1
 * for what is subtracted), as data. A rule is a sum of terms; each term shares an output's relevance R_j among the
 * inputs in proportion to a sum of products of (changed) inputs and weights:
 *
 *     z_j = Σ_p sign_p · (x_p · w_p)_j + bias_j
 *     s_j = R_j / stabilised(z_j)
 *     R_i = coefficient · Σ_p sign_p · x_p,i · (w_pᵀ s)_i
 */
export interface Rule {
  /** As it is printed, parameters included: `alpha2-beta1`, `epsilon 0.1`. */
  readonly name: string;
  readonly terms: readonly Term[];
}

export interface Term {
  readonly coefficient: number;
  readonly products: readonly Product[];
  readonly bias: Bias;
  /** Where z_j comes from; the sum of the products unless given. */
  readonly denominator?: Denominator;
  readonly stabiliser: Stabiliser;
  /** Only outputs of this sign give relevance by this term. */
  readonly outputs?: 'positive' | 'negative';
}

export interface Product {
  readonly sign: 1 | -1;
  readonly input: InputPart;
  readonly weight: WeightPart;
  /** What zero padding counts as; 0 unless given. */
  readonly padding?: number;
}

/** `low` and `high` are the bounds of the network's input: what a black and a white pixel become. */
export type InputPart = 'all' | 'positive' | 'negative' | 'absolute' | 'ones' | 'low' | 'high';

/** `{ gamma, part }` is w + gamma · (its positive or negative part). */
export type WeightPart =
  | 'all'
  | 'positive'
  | 'negative'
  | 'absolute'
  | 'squared'
  | 'ones'
  | { readonly gamma: number; readonly part: 'positive' | 'negative' };

export interface Bias {
  readonly part: 'none' | Exclude<WeightPart, 'squared' | 'ones'>;
  /** The original Caffe code gives every group the first group's bias in some rules. */
  readonly groups?: 'own' | 'first';
}

/**
 * - `window`: Σ of the changed weights over the whole window, cells on padding included.
 * - `cells`: kernel cells per channel (inputs for dense layers), as the original's flat rule divides.
 */
export type Denominator = 'products' | 'window' | 'cells';

/**
 * - `epsilon`: z + ε·sign(z), with sign(0) = 1; `zero: 'pass'` makes s = R where z is exactly 0.
 * - `relative`: the same with ε times the root mean square of z over the layer, image by image: what is small is small
 *   beside its layer, whatever the scale of the network's numbers.
 * - `guard`: s = R/z, and the term vanishes where z = 0; for z that never changes sign.
 * - `threshold`: s = R/z where |z| > t, else R.
 * - `none`: s = R/z.
 */
export type Stabiliser =
  | { readonly kind: 'epsilon'; readonly epsilon: number; readonly zero?: 'pass' }
  | { readonly kind: 'relative'; readonly epsilon: number }
  | { readonly kind: 'guard'; readonly sign: 1 | -1 }
  | { readonly kind: 'threshold'; readonly threshold: number }
  | { readonly kind: 'none' };
