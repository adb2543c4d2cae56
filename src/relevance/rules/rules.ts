import type { Bias, Product, Rule, WeightPart } from './rule.ts';

/* The rules of relevance propagation by their names: which products share relevance out, and what keeps the quotient finite. */

const product = (input: Product['input'], weight: WeightPart, sign: 1 | -1 = 1): Product => ({
  sign,
  input,
  weight,
});

/** Products of inputs and weights whose result is positive (or negative): inputs may have both signs. */
const agreeing = [product('positive', 'positive'), product('negative', 'negative')];
const opposing = [product('positive', 'negative'), product('negative', 'positive')];

/** ε-rule (Bach et al. 2015, eq. 58): R_i = Σ_j x_i w_ij R_j / (z_j + ε·sign z_j). The bias takes its share. */
export function epsilon(epsilon = 1e-6, options: { zero?: 'pass' } = {}): Rule {
  return {
    name: `epsilon ${epsilon}`,
    terms: [
      {
        coefficient: 1,
        products: [product('all', 'all')],
        bias: { part: 'all' },
        stabiliser: { kind: 'epsilon', epsilon, ...options },
      },
    ],
  };
}

/**
 * ε-rule with a stabiliser in proportion to the layer: ε times the root mean square of z, as Montavon et al. 2019
 * ("Layer-wise relevance propagation: an overview") choose it, with ε = 0.25.
 */
export function relativeEpsilon(epsilon = 0.25): Rule {
  return {
    name: `relative-epsilon ${epsilon}`,
    terms: [
      {
        coefficient: 1,
        products: [product('all', 'all')],
        bias: { part: 'all' },
        stabiliser: { kind: 'relative', epsilon },
      },
    ],
  };
}

/**
 * Shares in proportion to absolute contributions, |x_i w_ij| of Σ |x_i w_ij| + |b_j|: none is larger than what is shared,
 * so that nothing grows where contributions of both signs nearly cancel. For the two branches of a residual sum the
 * ratio-based splitting of Otsuki et al. 2024 ("Layer-wise relevance propagation with conservation property for
 * ResNet"). Where all inputs and weights are of one sign it is the ε-rule without ε.
 */
export function absolute(): Rule {
  return {
    name: 'absolute',
    terms: [
      {
        coefficient: 1,
        products: [product('absolute', 'absolute')],
        bias: { part: 'absolute' },
        stabiliser: { kind: 'guard', sign: 1 },
      },
    ],
  };
}

/** αβ-rule (Bach et al. 2015, eq. 60), α − β = 1: positive and negative contributions apart. */
export function alphaBeta(alpha: number, beta: number, groups: Bias['groups'] = 'own'): Rule {
  const positive = {
    coefficient: alpha,
    products: agreeing,
    bias: { part: 'positive', groups },
    stabiliser: { kind: 'guard', sign: 1 },
  } as const;
  const negative = {
    coefficient: -beta,
    products: opposing,
    bias: { part: 'negative', groups },
    stabiliser: { kind: 'guard', sign: -1 },
  } as const;
  return { name: `alpha${alpha}-beta${beta}`, terms: beta === 0 ? [positive] : [positive, negative] };
}

/** z⁺-rule (Montavon et al. 2017): αβ with α = 1 and β = 0. Excitation backprop (Zhang et al. 2016) has no bias. */
export function zPlus(options: { bias?: boolean } = {}): Rule {
  const { terms } = alphaBeta(1, 0);
  return options.bias === false
    ? { name: 'z-plus without bias', terms: terms.map((term) => ({ ...term, bias: { part: 'none' } })) }
    : { name: 'z-plus', terms };
}

/**
 * Generalised γ-rule (Andéol et al. 2021; γ-rule: Montavon et al. 2019): positive contributions count γ times more;
 * for outputs below zero, negative ones. Equal to the plain γ-rule where inputs and outputs are not negative.
 */
export function gamma(gamma = 0.25): Rule {
  const stabiliser = { kind: 'epsilon', epsilon: 1e-6 } as const;
  const favour = (part: 'positive' | 'negative') => ({ gamma, part });
  return {
    name: `gamma ${gamma}`,
    terms: [
      {
        coefficient: 1,
        outputs: 'positive',
        products: [product('positive', favour('positive')), product('negative', favour('negative'))],
        bias: { part: favour('positive') },
        stabiliser,
      },
      {
        coefficient: 1,
        outputs: 'negative',
        products: [product('positive', favour('negative')), product('negative', favour('positive'))],
        bias: { part: favour('negative') },
        stabiliser,
      },
    ],
  };
}

/** The plain γ-rule (Montavon et al. 2019): weights w + γ·w⁺ for every input and output. */
export function plainGamma(gamma = 0.25): Rule {
  const part = { gamma, part: 'positive' } as const;
  return {
    name: `plain-gamma ${gamma}`,
    terms: [
      {
        coefficient: 1,
        products: [product('all', part)],
        bias: { part },
        stabiliser: { kind: 'epsilon', epsilon: 1e-6 },
      },
    ],
  };
}

/**
 * Flat rule (Lapuschkin et al. 2017): equal shares for all inputs of a window. The original divides by kh·kw only
 * and so multiplies relevance by the number of input channels (`asOriginal`).
 */
export function flat(asOriginal = false): Rule {
  return {
    name: asOriginal ? 'flat (original)' : 'flat',
    terms: [
      {
        coefficient: 1,
        products: [product('ones', 'ones')],
        bias: { part: 'none' },
        denominator: asOriginal ? 'cells' : 'products',
        stabiliser: { kind: 'none' },
      },
    ],
  };
}

/**
 * w²-rule (Montavon et al. 2017): shares in proportion to w². The original sums w² over the whole window, so that
 * what falls on padding is lost (`asOriginal`); else over the cells inside the image.
 */
export function wSquare(asOriginal = false): Rule {
  return {
    name: asOriginal ? 'w-square (original)' : 'w-square',
    terms: [
      {
        coefficient: 1,
        products: [product('ones', 'squared')],
        bias: { part: 'none' },
        denominator: asOriginal ? 'window' : 'products',
        stabiliser: { kind: 'guard', sign: 1 },
      },
    ],
  };
}

/**
 * z^B, the box rule for pixels (Montavon et al. 2017, eq. 16): relative to the lowest or highest value that a pixel
 * can have. The original lets the positive bias join the denominator and counts padding as a white pixel.
 */
export function zBox(asOriginal = false): Rule {
  return {
    name: asOriginal ? 'z-box (original)' : 'z-box',
    terms: [
      {
        coefficient: 1,
        products: [
          product('all', 'all'),
          product('low', 'positive', -1),
          { ...product('high', 'negative', -1), ...(asOriginal && { padding: 255 }) },
        ],
        bias: asOriginal ? { part: 'positive', groups: 'first' } : { part: 'none' },
        stabiliser: asOriginal ? { kind: 'threshold', threshold: 1e-12 } : { kind: 'epsilon', epsilon: 1e-6 },
      },
    ],
  };
}
