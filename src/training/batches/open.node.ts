import type { LayerParameter } from '../../caffe/index.ts';
import { readMean } from '../../caffe/mean.ts';
import { fail, LimnError } from '../../common/error.ts';
import { readBytes } from '../../common/file.node.ts';
import { scoped } from '../../common/scope.ts';
import { words } from '../../common/words.ts';
import { size } from '../../graph/tensor.ts';
import type { Batch, Batches, DataSummary } from '../batch.ts';
import { type BatchRecipe, openAssembler } from './assemble.node.ts';
import { type DataSettings, dataSettings } from './layer.ts';
import { prefetch } from './prefetch.ts';
import { openRecords } from './records.node.ts';
import { findSource, type SourceOptions } from './source.node.ts';
import { pictureNames, summaryOf } from './summary.node.ts';
import { checkPlanes, type Transform, viewShape } from './transform.ts';
import { startBatchWorkers } from './workers.node.ts';

export interface BatchesOptions extends SourceOptions {
  readonly phase: 'train' | 'test';
  /** A whole number from 0 on; order, crops and mirrors follow from it. */
  readonly seed: number;
  /** The network's file, for errors. */
  readonly file: string;
  /** Worker threads; with 0 this thread makes the batches. */
  readonly threads: number;
  /** How many batches are made ahead of the one that is asked for; each takes its memory. */
  readonly ahead: number;
  /** Shuffles databases too, anew in every epoch; Caffe takes them in the order of their keys. */
  readonly shuffle?: boolean;
  /** The workers' script; the compiled one beside this file unless given. */
  readonly script?: URL;
}

export interface PrefetchedBatches extends Batches {
  /** What is known of the pictures, by data layer name. */
  readonly summaries: ReadonlyMap<string, DataSummary>;
  /** Milliseconds that `batch` has waited so far, the first time included. */
  readonly waited: number;
  /**
   * Gives back a batch that is needed no longer: a later one is made in its memory, which saves about a third of the
   * work. It is empty afterwards.
   */
  recycle(batch: Batch): void;
}

/**
 * Opens the data layers of one phase (Data with LMDB, ImageData; V2 form), which give batches as Caffe's layers do:
 * records in order, wrapping around, and its DataTransformer's crops, mirrors, means and scales. Unlike there, all that
 * is random follows from seed, layer and position.
 *
 * Errors: what a layer says or leaves out; missing, empty or damaged databases, lists and means; a first picture that
 * does not fit. Those of other pictures show with their batch. Nothing is left open then.
 */
export async function openBatches(
  layers: readonly LayerParameter[],
  options: BatchesOptions,
): Promise<PrefetchedBatches> {
  const { file, threads, ahead, script = new URL('./worker.node.js', import.meta.url) } = options;
  for (const [name, value] of Object.entries({ threads, ahead, seed: options.seed })) {
    if (!(Number.isSafeInteger(value) && value >= 0)) fail(name, `expected 0 or more, got ${value}`);
  }
  const settings = layers.map((layer) => dataSettings(layer, file));
  const recipes: BatchRecipe[] = [];
  const summaries = new Map<string, DataSummary>();
  for (const each of settings) {
    const { recipe, summary } = await lookInto(each, options);
    recipes.push(recipe);
    summaries.set(each.name, summary);
  }
  const names = new Map(settings.map(({ name }, i) => [name, pictureNames(recipes[i])]));
  const { batch, close } =
    threads > 0 ? await startBatchWorkers(recipes, threads, script) : await openAssembler(recipes);
  const spares: Batch[] = [];
  const made = prefetch((k) => batch(k, spares.pop()), ahead);
  return {
    shapes: new Map(settings.map(({ name }, i) => [name, recipes[i].shape])),
    summaries,
    nameOf: (layer, k, image) => {
      const i = settings.findIndex(({ name }) => name === layer);
      return names.get(layer)!(k * settings[i].batchSize + image);
    },
    batch: made.get,
    recycle(used) {
      const whole = Object.values(used).every(({ data, shape }) => data.length === size(shape));
      if (whole && !spares.includes(used) && spares.length <= ahead) spares.push(used);
    },
    close: async () => close(),
    get waited() {
      return made.waited;
    },
  };
}

/** What the batches of a layer follow from, and what is known of its pictures. */
async function lookInto(
  settings: DataSettings,
  options: BatchesOptions,
): Promise<{ recipe: BatchRecipe; summary: DataSummary }> {
  const { name, data, label, batchSize, crop, mirror, randomSkip } = settings;
  const { phase, seed } = options;
  const transform = await transformOf(settings, options);
  const { source, size: records } = await findSource(settings, options);
  return scoped(async (own) => {
    const opened = own(await openRecords(source));
    const first = await opened.record(0);
    const shape = viewShape(first.planes, crop);
    checkPlanes(first.planes, transform, crop, shape, first.name);
    const shuffle = settings.source.kind === 'list' ? settings.source.shuffle : (options.shuffle ?? false);
    const order = { size: records, seed, stream: `${phase} ${name}`, shuffle, randomSkip };
    const view = { crop, mirror, phase };
    const recipe = { data, label, batchSize, shape, source, order, view, transform };
    return { recipe, summary: await summaryOf(recipe, opened) };
  });
}

async function transformOf(
  { scale, meanFile, meanValues, where }: DataSettings,
  { resolve }: BatchesOptions,
): Promise<Transform> {
  if (!meanFile) return { scale, meanName: where, ...(meanValues.length > 0 && { mean: meanValues }) };
  const path = resolveMean(meanFile, where, resolve);
  return { scale, meanName: path, mean: readMean(await readBytes(path), path) };
}

/** Errors: it is nowhere; it may never have been made. */
function resolveMean(file: string, where: string, resolve: BatchesOptions['resolve']): string {
  try {
    return resolve(file, `${where}: mean_file`);
  } catch (error) {
    if (!(error instanceof LimnError)) throw error;
    const [place, what, fix = ''] = error.parts;
    return fail(place, what, words`${fix}, or make it of the pictures to train with`);
  }
}
