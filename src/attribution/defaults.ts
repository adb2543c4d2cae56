/**
 * How much is drawn where nothing is said: so much that maps of two seeds are alike. `npm run sampling` measures it;
 * docs/how-to/choose-a-method.md has what came out.
 */
export const samplingDefaults = {
  smoothgrad: { samples: 100, noise: 0.05 },
  'integrated-gradients': { steps: 50 },
  'gradient-shap': { samples: 50, noise: 0 },
  rise: { samples: 1000, cells: 7, keep: 0.5 },
  /** Two coalitions more for each square; a square is one of `across` parts of the shorter side. */
  'kernel-shap': { samples: 1000, across: 5 },
} as const;
