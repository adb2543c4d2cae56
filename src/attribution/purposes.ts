import type { Method } from './method.ts';

/** What each method asks, in a sentence. */
export const methodPurposes: Readonly<Record<Method['method'], string>> = {
  lrp: 'Shares the score among the pixels, layer by layer, by the rules of a composite.',
  gradient: 'What would change the score, if it changed a little?',
  'gradient-x-input': 'Where do gradient and input agree?',
  'guided-backprop': 'What activates the layers that activate the class? Only what is positive passes back.',
  deconvnet: 'What activates the layers that activate the class? Rectifiers as in deconvolution.',
  smoothgrad: 'What would change the score, on average over a noisy neighbourhood?',
  'integrated-gradients': 'Which pixels make the difference from a baseline, all the way there?',
  'gradient-shap': 'Which pixels make the difference from a baseline, at random points on the way?',
  deeplift: 'Which pixels make the difference from a baseline, by differences instead of gradients?',
  occlusion: 'How far does the score fall when a square is covered?',
  rise: 'Where does the network have to look to be sure?',
  'kernel-shap': 'What does each square of a grid add, whatever others are covered?',
  'grad-cam': 'Which feature maps raise the class, each weighed by its mean gradient?',
  'grad-cam++': 'Which feature maps raise the class, each weighed by its positive gradients?',
  'layer-cam': 'Which cells of feature maps raise the class?',
  'score-cam': 'Which feature maps, used as masks, keep the class?',
  'excitation-backprop': 'Which excitations lead to the class?',
  'attention-rollout': 'Which tokens does attention look at, whatever the class?',
  chefer: 'Which tokens does attention look at for this class?',
};
