/** What each named composite is for, in a sentence. */
export const compositePurposes: Readonly<Record<string, string>> = {
  epsilon: 'ε everywhere. Close to gradient × input; sharp and noisy.',
  'epsilon-plus': 'z⁺ in convolutions, ε in dense layers. Zennit’s EpsilonPlus.',
  'epsilon-plus-flat':
    'z⁺ in convolutions, ε in dense layers, flat where the image enters. Zennit’s EpsilonPlusFlat.',
  'epsilon-gamma-box':
    'γ in convolutions, the box rule where the image enters. Zennit’s EpsilonGammaBox. The default where the model says how photos are prepared.',
  'epsilon-alpha2-beta1': 'αβ with α = 2, β = 1 in convolutions. Zennit’s EpsilonAlpha2Beta1.',
  'epsilon-alpha2-beta1-flat':
    'αβ with α = 2, β = 1 in convolutions, flat where the image enters. Zennit’s EpsilonAlpha2Beta1Flat.',
  'alpha-beta': 'The αβ rule everywhere, β to choose.',
  gamma: 'The γ rule everywhere, γ to choose.',
  'z-plus': 'z⁺ everywhere: no negative relevance from a positive score.',
  'w-square': 'w² everywhere: shares by weights alone, whatever the image.',
  'excitation-backprop': 'Excitation backprop: z⁺ without biases.',
  attnlrp:
    'Transformers, as Achtibat et al. 2024: products shared evenly, softmax by its expansion, normalisation as a fixed scale, γ in layers.',
  'cp-lrp':
    'Transformers, as Ali et al. 2022: attention weights and normalisation are taken for constants. The default where there is attention.',
  gradient: 'The derivative of the score.',
  'guided-backprop': 'The derivative, clipped at rectifiers.',
  deconvnet: 'The derivative, with the rectifiers’ rule of deconvnet.',
  iccv2017:
    'The paper’s setting: formula 102 with ε = 0.1, β = 1 and flat up to the layer that the paper used.',
};
