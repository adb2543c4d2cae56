import { methodNames } from '../../src/attribution/method.ts';
import { COLORMAPS } from '../../src/image/index.ts';
import { composites } from '../../src/relevance/composites/composites.ts';
import { code, page } from './markdown.ts';

/** What the network of face-api has no layers for. */
const needAttention: readonly string[] = ['attention-rollout', 'chefer', 'attnlrp', 'cp-lrp'];

const drawable = (names: Iterable<string>): string[] =>
  [...names].filter((name) => !needAttention.includes(name));

/** What the pictures show, in their order. */
export const galleryNames = {
  methods: drawable(methodNames),
  composites: drawable(Object.keys(composites)),
  colours: drawable(COLORMAPS.keys()),
} as const;

const listed = (names: readonly string[]): string => names.map(code).join(', ');

/** The gallery: the pictures are drawn by `npm run docs`, of everything that there is. */
export function galleryPage(): string {
  const picture = (name: string, alt: string) => `![${alt}](../images/gallery/${name}.png)`;
  const { methods, composites: rules, colours } = galleryNames;
  return page(
    'Gallery',
    "One face, NASA's portrait of Eileen Collins (public domain), and one network, face-api's guess of gender: what there is to see with limn. " +
      'Colours end at the 99.5th percentile of |relevance|; red speaks for the class, blue against it.',
    '## A figure',
    '`limn explain MODEL PHOTO` writes one for each photo: what the network saw, the heatmap, the two over each other, and the scores.',
    picture('figure', 'The photo, its heatmap, the heatmap over the photo, and a bar for each score'),
    '## A grid',
    '`limn grid MODEL… --photos PHOTO…`: photos down, models across. Here one model, and the photo with its mirror image.',
    picture('grid', 'The portrait and its mirror image, each with its heatmap and scores'),
    '## A mean',
    '`limn average`: the mean of heatmaps, of two or three with these beside it. [How to](../how-to/average-heatmaps.md).',
    picture('mean', 'The mean of two heatmaps, and both of them, with their scales'),
    '## Methods',
    `\`--method NAME\`, in this order: ${listed(methods)}. [Which when](../how-to/choose-a-method.md). For transformers there are also \`attention-rollout\` and \`chefer\`.`,
    picture('methods', `The same face explained by ${methods.length} methods`),
    '## Composites',
    `Rules of relevance propagation, \`--composite NAME\`: ${listed(rules)}. [Which when](../how-to/choose-a-composite.md). For transformers there are also \`attnlrp\` and \`cp-lrp\`.`,
    picture('composites', `The same face explained by ${rules.length} composites`),
    '## Colour maps',
    `\`--colors NAME\`: ${listed(colours)}.`,
    picture('colours', `One heatmap in ${colours.length} colour maps`),
    '## Faces',
    '`limn faces` finds faces, cuts them out in place, and shows them on a sheet.',
    picture('faces', 'A sheet with the face that was found in a portrait'),
    '## Is it true?',
    '`limn faithfulness` draws how far the answer falls when what a map calls relevant is taken away, beside maps that know nothing of the network. ' +
      'One photo shows the chart, not the truth: [how to measure](../how-to/is-my-heatmap-faithful.md).',
    picture(
      'curves',
      'Curves of a probability that falls as more of the photo is taken away, one for each method',
    ),
    picture(
      'ranking',
      'Bars of how far the answer falls by each method, beside maps that know nothing of the network',
    ),
    '## Evaluations and comparisons',
    '`limn evaluate`, `limn compare` and `limn report` draw how good models are, for whom they are worse, what they take for what, and whether ' +
      'they are as often right as they say. The numbers here are made up: [evaluate](../how-to/evaluate-a-model.md), [compare](../how-to/compare-models.md).',
    picture('models', 'Bars of two models with intervals'),
    picture('groups', 'The same by groups of photos, with the gap to all'),
    picture('confusion', 'A confusion matrix of six classes of age'),
    picture('reliability', 'How often answers of a probability are right, of two models'),
    "## A study as the paper's",
    '`limn report` has it where networks have an architecture, an initialisation and a preprocessing ([compare](../how-to/compare-models.md)), as those of ' +
      '`limn study` do ([the study file](study.md)). The numbers are made up; the dashed lines are earlier results on Adience.',
    picture('paper', 'Bars of accuracy, one-off accuracy in grey, by architecture and initialisation'),
    picture('folds', 'Accuracy over iterations, means over folds, by architecture'),
    '## Strategies and channels',
    '`limn clusters` shows [what heatmaps have in common](../tutorial-clever-hans.md), `limn concepts` [what channels stand ' +
      'for](../how-to/what-a-channel-stands-for.md).',
    '![Clusters of heatmaps on a plane, with their mean heatmaps and photos](../images/clusters.png)',
    '![Reference photos of the channels that carry an answer](../images/concepts.png)',
    picture(
      'graph',
      'Channels of two layers with crops of photos, and curves from those that feed to those that are fed',
    ),
    '## Trainings',
    '`limn plot` draws how trainings went.',
    '![Loss and accuracy of a training of gender](../images/trained-gender.svg)',
  );
}
