import type { Explainer, Target } from '../attribution/index.ts';
import { explainer, parseTarget } from '../attribution/index.ts';
import { findLabel } from '../classifier/labels.ts';
import { fail } from '../common/error.ts';
import type { Head, Model, Preprocessing } from '../graph/index.ts';
import { headOf, linkOf } from '../relevance/scores.ts';
import { usage } from './errors.ts';
import type { GridOptions, NamedModel } from './grid-options.ts';
import { hostFor } from './host.ts';
import { loadModel, sha256 } from './model.ts';
import { methodOf, passesOf } from './options/methods.ts';
import { preprocessingOf } from './photos.ts';

/** A model of a grid, loaded and ready to explain. */
export interface GridModel extends NamedModel {
  readonly model: Model;
  readonly sha256: string;
  readonly how: Preprocessing;
  readonly head: Head;
  readonly probabilities: boolean;
  readonly explainer: Explainer;
  /** Runs that go on at the same time. */
  readonly workers: number;
}

/** Loads a model to explain so many images one by one. Errors: no such output, no preprocessing. */
export async function openGridModel(
  named: NamedModel,
  images: number,
  options: GridOptions,
): Promise<GridModel> {
  const method = await methodOf(options);
  const { model, bytes } = await loadModel(named.path);
  const head = headOf(model, options.head);
  const host = await hostFor(model.graph, images * passesOf(method), options);
  return {
    ...named,
    model,
    sha256: sha256(bytes),
    how: preprocessingOf(model, named.path),
    head,
    probabilities: linkOf(model.graph, head.output) !== undefined,
    explainer: explainer(model, host.runtime, {
      ...method,
      parallel: images === 1 ? host.workers : 1,
      session: host.session,
    }),
    workers: host.workers,
  };
}

/** Whether a target is each image's true class. */
export const isTrue = (target: string): boolean => target.trim().toLowerCase() === 'true';

/** A target as a figure's title names it. */
export function targetWords(target: string): string {
  if (isTrue(target)) return 'the true class';
  return target.trim().toLowerCase() === 'predicted' ? 'the predicted class' : target;
}

/** The target of an image whose true class is known or not. Errors: the true class is asked for and not known. */
export function targetOf(text: string, truth: number | undefined, image: string): Target {
  if (!isTrue(text)) return usage(() => parseTarget(text));
  return (
    truth ?? fail(image, 'its true class is not known', 'give it with --truth, or take --target predicted')
  );
}

/** A class given as index or label. Errors: no such class. */
export function classOf(text: string, head: Head): number {
  if (/^\d+$/.test(text)) return Number(text);
  return findLabel(
    text,
    head.labels ?? fail(`label '${text}'`, `output '${head.name}' has no labels`, 'give the index'),
  );
}

export const labelOf = (index: number, head: Head): string => head.labels?.[index] ?? `class ${index}`;

export const recordOf = ({ name, path, sha256, model, head }: GridModel) => ({
  name,
  file: path,
  sha256,
  network: model.graph.name,
  head: head.name,
});
