import {
  type Explainer,
  explainer,
  methodOf,
  parseTarget,
  passesOf,
  type Target,
} from '../../attribution/index.ts';
import { type Classifier, classifierOf, findLabel, preprocessingOf } from '../../classifier/index.ts';
import { fail } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import type { Head } from '../../graph/index.ts';
import { baselineOf } from '../explain/explain.ts';
import type { Host } from '../host.ts';
import { fileHash } from '../model.ts';
import type { GridRecord } from './record.ts';
import type { GridFields } from './request.ts';

/** A model's file, and the name of its column. */
export interface NamedModel {
  readonly path: string;
  readonly name: string;
}

/** A model of a grid, ready to explain. */
export interface GridColumn extends NamedModel {
  readonly classifier: Classifier;
  readonly sha256: string;
  readonly explainer: Explainer;
  /** Runs that go on at the same time. */
  readonly workers: number;
}

/** Loads a model to explain so many images one by one. Errors: no such output, no preprocessing. */
export async function openColumn(
  { path, name }: NamedModel,
  images: number,
  fields: GridFields,
  host: Host,
): Promise<GridColumn> {
  const method = methodOf({ ...fields, baseline: await baselineOf(fields.baseline, host) });
  const loaded = await host.files.readModel(path);
  const { model } = loaded;
  const classifier = classifierOf(model, { name: path, head: fields.head });
  preprocessingOf(classifier);
  const { runtime, session, workers } = await host.compute(model.graph, images * passesOf(method), fields);
  return {
    path,
    name,
    classifier,
    sha256: await fileHash(loaded, host),
    explainer: explainer(model, runtime, { ...method, parallel: images === 1 ? workers : 1, session }),
    workers,
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
  if (!isTrue(text)) return parseTarget(text);
  return (
    truth ??
    fail(
      image,
      'its true class is not known',
      words`give it with ${field('truth')}, or take ${field('target', 'predicted')}`,
    )
  );
}

/** A class given as index or label. Errors: no such class. */
export function classOf(text: string, { name, labels }: Head): number {
  if (/^\d+$/.test(text)) return Number(text);
  return findLabel(
    text,
    labels ?? fail(`label '${text}'`, `output '${name}' has no labels`, 'give the index'),
  );
}

/** What the record says of a model. */
export type ColumnRecord = GridRecord['models'][number];

/** A column in the record. */
export const columnRecord = ({ name, path, sha256, classifier }: GridColumn): ColumnRecord => ({
  name,
  file: path,
  sha256,
  network: classifier.model.graph.name,
  head: classifier.head.name,
});
