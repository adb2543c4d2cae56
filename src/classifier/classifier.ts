import { fail } from '../common/error.ts';
import { field, words } from '../common/words.ts';
import type { Graph, Head, Model, Preprocessing, Tensor, ValueInfo } from '../graph/index.ts';
import { type Crops, type Image, preprocessShown } from '../image/index.ts';
import { type Link, lower } from '../operators/index.ts';
import { headOf, linkOf } from '../relevance/scores.ts';
import { checkShape, imageInput } from './input.ts';

/** A model of which it is known what is asked of it. Plain data; {@link openClassifier} makes it answer. */
export interface Classifier {
  /** What messages call it: its file. */
  readonly name: string;
  readonly model: Model;
  readonly head: Head;
  /** How many values the head has for an image: its classes, or 1. */
  readonly classes: number;
  /** What makes probabilities of scores: `softmax`, `log-softmax`, `sigmoid`; none if scores stay scores. */
  readonly link: Link | undefined;
  /** The network with the head's output alone, ready for the runtime. */
  readonly graph: Graph;
  /** The input that photos go into, float32 N×C×H×W. */
  readonly input: ValueInfo;
  /** How photos are prepared, if the model says so. */
  readonly preprocessing: Preprocessing | undefined;
}

/** Which output of a model is asked, and how. */
export interface ClassifierOptions {
  /** What messages call it; `model` unless given. */
  readonly name?: string | undefined;
  /** The output that is asked; unless given the one named `target`, or that with classes which most layers lead to. */
  readonly head?: string | undefined;
  /** What is asked for: an output of this name is taken before others. */
  readonly target?: string | undefined;
}

/** Finds what a model is asked. Errors: no such head; an input that takes no photos; shapes that do not fit. */
export function classifierOf(model: Model, options: ClassifierOptions = {}): Classifier {
  const known = knownOf(model, options);
  return { ...known, graph: lower({ ...model.graph, outputs: outputsOf(model, known.head) }) };
}

/** The same without the network, whose shapes need not fit. */
export function knownOf(
  model: Model,
  { name = 'model', head: wanted, target }: ClassifierOptions = {},
): Omit<Classifier, 'graph'> {
  const head = headOf(model, wanted ?? model.info.heads.find((each) => each.name === target)?.name);
  return {
    name,
    model,
    head,
    classes: classCount(outputsOf(model, head), head),
    link: linkOf(model.graph, head.output)?.kind,
    input: imageInput(model.graph, name),
    preprocessing: model.info.preprocessing,
  };
}

const outputsOf = ({ graph }: Model, head: Head): readonly ValueInfo[] =>
  graph.outputs.filter(({ name }) => name === head.output);

/** The values for one image, or as many as there are labels where the graph leaves that open. */
function classCount(outputs: readonly ValueInfo[], { labels }: Head): number {
  const dims = outputs[0]?.shape.slice(1).filter((dim): dim is number => typeof dim === 'number') ?? [];
  return Math.max(
    dims.reduce((product, n) => product * n, 1),
    labels?.length ?? 1,
  );
}

/** Whether the head's values are probabilities. */
export const isProbability = ({ link }: Pick<Classifier, 'link'>): boolean => link !== undefined;

/** How the model's photos are prepared. Errors: it does not say. */
export function preprocessingOf({
  name,
  preprocessing,
}: Pick<Classifier, 'name' | 'preprocessing'>): Preprocessing {
  return (
    preprocessing ??
    fail(
      name,
      'the model does not say how photos are prepared for it',
      words`import it anew with ${field('channels')}, ${field('resize')} and ${field('mean')}`,
    )
  );
}

/** What photos are prepared as where the model does not say: stretched to its input, in its number of channels. */
export function assumedPreprocessing({ input }: Pick<Classifier, 'input'>): Preprocessing {
  const [, depth, height, width] = input.shape;
  const size = typeof height === 'number' && typeof width === 'number' ? { height, width } : undefined;
  const channels = depth === 1 ? 'gray' : 'rgb';
  return { ...(size && { resize: { ...size, mode: 'stretch' } }), channels };
}

/**
 * A photo as the network takes it, a row per crop. Errors name the photo: crops larger than it, an input of another size
 * than the network takes.
 */
export function prepare(
  classifier: Classifier,
  photo: Image,
  { crops = 'center', name = 'photo' }: { readonly crops?: Crops; readonly name?: string } = {},
): Tensor<'float32'> {
  return prepareShown(classifier, photo, { crops, name }).input;
}

/** As {@link prepare}, and what the network sees of the photo, as pictures to show: one per crop. */
export function prepareShown(
  classifier: Classifier,
  photo: Image,
  { crops = 'center', name = 'photo' }: { readonly crops?: Crops; readonly name?: string } = {},
): { readonly input: Tensor<'float32'>; views(): Image[] } {
  const shown = preprocessShown(photo, preprocessingOf(classifier), crops, name);
  checkShape(name, shown.input, { ...classifier.input, shape: ['N', ...classifier.input.shape.slice(1)] });
  return shown;
}

/** Errors: a head of a single value, which is no choice between classes. */
export function checkChoice({ name, head, classes }: Classifier): void {
  if (head.kind !== 'classes' || classes >= 2) return;
  fail(
    `${name}: output '${head.name}'`,
    'one value is no choice between classes',
    words`choose another ${field('head')}`,
  );
}
