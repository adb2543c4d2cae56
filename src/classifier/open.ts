import { fail } from '../common/error.ts';
import { firstNotFinite } from '../common/finite.ts';
import type { Graph, Model, Tensor } from '../graph/index.ts';
import { type Crops, type Image, inputsPerPhoto } from '../image/index.ts';
import type { Link } from '../operators/index.ts';
import type { Runtime, SessionOptions } from '../runtime/index.ts';
import { runBatches } from './batches.ts';
import {
  type Classifier,
  type ClassifierOptions,
  classifierOf,
  isProbability,
  prepare,
} from './classifier.ts';
import { argmax, meanRow, type RankedClass, ranked } from './rank.ts';
import { joined } from './rows.ts';

/** Where a classifier computes, and how much at once. */
export interface RunnerOptions {
  readonly session?: SessionOptions | undefined;
  /** Images per run, unless the graph fixes it; 8 unless given. */
  readonly batch?: number | undefined;
  /** Runs at a time, for runtimes of several workers; 1 unless given. */
  readonly parallel?: number | undefined;
}

/** A graph that is loaded, for batches of any size. */
export interface Runner {
  /** The outputs (all of the graph's unless given) of a batch N×C×H×W. */
  run(input: Tensor<'float32'>, outputs?: readonly string[]): Promise<Record<string, Tensor<'float32'>>>;
  /** Frees what the session holds; worker threads would keep the process alive. */
  release(): Promise<void>;
}

/** Loads a graph. Errors: as of the runtime's `load`. */
export async function openRunner(
  graph: Graph,
  runtime: Runtime,
  options: RunnerOptions = {},
): Promise<Runner> {
  const { batch: size = 8, parallel } = options;
  const session = await runtime.load(graph, options.session);
  return {
    run: (input, outputs) => runBatches(graph, session, input, { size, parallel, outputs }),
    release: () => session.release(),
  };
}

/** What a classifier says of one photo. */
export interface Classification {
  /** The class with the highest value, or of a regression 0. */
  readonly predicted: number;
  /** The values of all classes, the mean over the crops; one number of a regression. */
  readonly values: readonly number[];
  /** Whether they are probabilities. */
  readonly probabilities: boolean;
  /** The classes by value, best first. */
  readonly ranked: readonly RankedClass[];
}

/** A classifier that answers. */
export interface OpenClassifier extends Classifier {
  /** The head's values for a prepared batch N×C×H×W: N×K, logarithms of probabilities exponentiated. */
  run(input: Tensor<'float32'>): Promise<Tensor<'float32'>>;
  /** Prepares photos as the model says and classifies them. Errors name `photo N`. */
  classify(photos: readonly Image[], options?: { readonly crops?: Crops }): Promise<Classification[]>;
  release(): Promise<void>;
}

/** Which output of a model is asked, how, and where it runs. */
export type OpenClassifierOptions = ClassifierOptions & RunnerOptions & { readonly runtime: Runtime };

/**
 * A model ready to be asked. Errors: as of {@link classifierOf}, and of the runtime's `load`.
 *
 * @example
 * ```ts
 * import { openClassifier, prepare, ranked } from 'limn/classifier';
 * import { decodeFile, loadModel, nodeRuntime } from 'limn/node';
 *
 * const { model } = await loadModel('models/face-api-age-gender.onnx');
 * const classifier = await openClassifier(model, { head: 'gender', runtime: nodeRuntime });
 * const scores = await classifier.run(prepare(classifier, await decodeFile('demo/astronaut-face.png')));
 * console.log(classifier.head.labels, scores.data);
 * await classifier.release();
 * ```
 */
export async function openClassifier(model: Model, options: OpenClassifierOptions): Promise<OpenClassifier> {
  const classifier = classifierOf(model, options);
  const { head, link, graph } = classifier;
  const runner = await openRunner(graph, options.runtime, options);
  const run = async (input: Tensor<'float32'>): Promise<Tensor<'float32'>> =>
    asProbabilities((await runner.run(input))[head.output], link);
  return {
    ...classifier,
    run,
    async classify(photos, { crops = 'center' } = {}) {
      if (photos.length === 0) return [];
      const inputs = photos.map((photo, i) => prepare(classifier, photo, { crops, name: `photo ${i}` }));
      const values = await run(joined(inputs));
      const each = inputsPerPhoto(crops);
      return photos.map((_, i): Classification => {
        const row = meanRow(values, i * each, (i + 1) * each);
        checkFinite(row, `photo ${i}: output '${head.name}'`, i);
        const probabilities = isProbability(classifier);
        return { predicted: argmax(row), values: row, probabilities, ranked: ranked(row, head) };
      });
    },
    release: () => runner.release(),
  };
}

/** An output of logarithms as the probabilities themselves; any other as it is. */
export function asProbabilities(output: Tensor<'float32'>, link: Link | undefined): Tensor<'float32'> {
  return link === 'log-softmax' ? { ...output, data: output.data.map(Math.exp) } : output;
}

/** Errors, about one item: a value that is not finite. */
export function checkFinite(values: readonly number[], where: string, item: string | number): void {
  const bad = firstNotFinite(values);
  if (bad >= 0) fail(where, `class ${bad} is ${values[bad]}`, 'check the weights', { kind: 'item', item });
}
