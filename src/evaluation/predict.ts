import { argmax, joined, meanRow, type OpenClassifier, preprocessingOf, rows } from '../classifier/index.ts';
import { fail, forItem, LimnError } from '../common/error.ts';
import { firstNotFinite } from '../common/finite.ts';
import { openGate } from '../common/gate.ts';
import { ordered } from '../common/ordered.ts';
import { field, words } from '../common/words.ts';
import type { Preprocessing, Tensor } from '../graph/index.ts';
import { type Crops, type Image, inputsPerPhoto, preprocess } from '../image/index.ts';

/** A picture to be classified, fetched when it is its turn. */
export interface PictureSample {
  readonly name: string;
  /** Errors that are about this picture are LimnErrors. */
  picture(): Promise<Image>;
}

/** What is asked of a classifier here. */
export type Predictor = Pick<OpenClassifier, 'name' | 'head' | 'input' | 'preprocessing' | 'run'>;

/** Which parts of pictures are asked about, and how many at a time. */
export interface PredictOptions {
  readonly crops: Crops;
  /** Network inputs per run: pictures × crops. */
  readonly batch: number;
  /** Runs that go on at the same time. */
  readonly workers: number;
  /** Pictures that are decoded and prepared at the same time. */
  readonly decoders: number;
  /** Checked before each batch; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** What one classifier says of one picture. */
export interface Prediction {
  /** The head's values, the mean over the crops. */
  readonly scores: readonly number[];
  /** With ten crops: the class that the published single crop has alone. */
  readonly single?: number;
}

/** A picture with what every classifier says of it, or with what is wrong with it. */
export type Predicted<T> = { readonly sample: T } & (
  | { readonly predictions: readonly Prediction[] }
  | { readonly error: LimnError }
);

/** The bottom right corner, which the original evaluation takes for the centre, among the ten crops. */
const PUBLISHED_CROP = 3;

/**
 * What classifiers say of pictures, a batch at a time, in the pictures' order. Each picture is decoded once, and prepared
 * once for all classifiers that prepare alike; while some batches run, the next are prepared, and never more than a few
 * are in memory. What is wrong with one picture does not concern the others; any other error ends all.
 */
export async function* predict<T extends PictureSample>(
  samples: AsyncIterable<T>,
  classifiers: readonly Predictor[],
  { crops, batch, workers, decoders, signal }: PredictOptions,
): AsyncGenerator<Predicted<T>[], void> {
  const { preparations, of } = preparationsOf(classifiers);
  const perPicture = inputsPerPhoto(crops);
  const decoding = openGate(decoders);
  const running = openGate(workers);
  const task = async (some: readonly T[]): Promise<Predicted<T>[]> => {
    signal?.throwIfAborted();
    const prepared = await Promise.all(
      some.map((sample) => decoding(() => prepare(sample, preparations, crops))),
    );
    const good = prepared.filter((each): each is Prepared<T> => 'inputs' in each);
    const names = good.map(({ sample }) => sample.name);
    const each = await Promise.all(
      classifiers.map(async (classifier, c) => {
        if (good.length === 0) return [];
        const input = batchOf(
          good.map(({ inputs }) => inputs[of[c]]),
          names,
          classifier,
        );
        const scores = await running(() => classifier.run(input));
        return names.map((name, i) =>
          predictionOf(rows(scores, i * perPicture, (i + 1) * perPicture), classifier, name),
        );
      }),
    );
    let at = 0;
    return prepared.map((result) => {
      if ('error' in result) return result;
      const i = at++;
      return { sample: result.sample, predictions: each.map((predictions) => predictions[i]) };
    });
  };
  yield* ordered(chunks(samples, Math.max(1, Math.floor(batch / perPicture))), task, workers + 2);
}

/** The different ways in which classifiers prepare pictures, and which of them each has. */
function preparationsOf(classifiers: readonly Predictor[]): {
  preparations: readonly Preprocessing[];
  of: readonly number[];
} {
  const preparations: Preprocessing[] = [];
  const of = classifiers.map((classifier) => {
    const how = preprocessingOf(classifier);
    const known = preparations.findIndex((each) => isAlike(each, how));
    return known >= 0 ? known : preparations.push(how) - 1;
  });
  return { preparations, of };
}

/** Whether two pieces of plain data say the same, arrays of numbers included. */
function isAlike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) || ArrayBuffer.isView(b)) {
    if (!(a instanceof Float32Array && b instanceof Float32Array) || a.length !== b.length) return false;
    return a.every((value, i) => Object.is(value, b[i]));
  }
  const [ours, theirs] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  const keys = new Set([...ours.keys(), ...theirs.keys()]);
  return (
    Array.isArray(a) === Array.isArray(b) && [...keys].every((key) => isAlike(ours.get(key), theirs.get(key)))
  );
}

interface Prepared<T> {
  readonly sample: T;
  /** Network inputs by preparation, one row per crop. */
  readonly inputs: readonly Tensor<'float32'>[];
}

async function prepare<T extends PictureSample>(
  sample: T,
  preparations: readonly Preprocessing[],
  crops: Crops,
): Promise<Prepared<T> | { sample: T; error: LimnError }> {
  const { name } = sample;
  try {
    return await forItem(name, async () => {
      const picture = await sample.picture();
      const inputs = preparations.map((how) => preprocess([picture], how, { crops, names: name }));
      return { sample, inputs };
    });
  } catch (error) {
    if (error instanceof LimnError && error.kind === 'item') return { sample, error };
    throw error;
  }
}

/**
 * The inputs of several pictures as one batch. Errors: another size than the network takes, or, where it takes any, than
 * that of the first.
 */
function batchOf(
  inputs: readonly Tensor<'float32'>[],
  names: readonly string[],
  { input: { shape: wanted } }: Predictor,
): Tensor<'float32'> {
  const [{ shape: first }] = inputs as readonly [Tensor<'float32'>];
  for (const [i, { shape }] of inputs.entries()) {
    const fits = (dims: readonly (number | string)[]) =>
      dims.every((dim, axis) => axis === 0 || typeof dim === 'string' || dim === shape[axis]);
    if (!fits(wanted)) {
      fail(
        names[i],
        `prepared, it is ${shape.slice(1).join('×')}; the network takes ${wanted.slice(1).join('×')}`,
      );
    }
    if (!fits(first)) {
      fail(
        names[i],
        `its input is ${shape.slice(2).join('×')}, that of ${names[0]} ${first.slice(2).join('×')}`,
        words`give the model a ${field('resize')} when it is imported`,
      );
    }
  }
  return joined(inputs);
}

/** What a classifier says of one picture, a row per crop. Errors: a value that is not finite. */
function predictionOf(crops: Tensor, { head }: Predictor, name: string): Prediction {
  const count = crops.shape[0];
  const scores = meanRow(crops, 0, count);
  const bad = firstNotFinite(scores);
  if (bad >= 0)
    fail(`${name}: output '${head.output}'`, `class ${bad} is ${scores[bad]}`, 'check the weights');
  const isTen = count === 10 && scores.length > 1;
  return isTen
    ? { scores, single: argmax(rows(crops, PUBLISHED_CROP, PUBLISHED_CROP + 1).data as Float32Array) }
    : { scores };
}

async function* chunks<T>(items: AsyncIterable<T>, length: number): AsyncGenerator<T[], void> {
  let some: T[] = [];
  for await (const item of items) {
    some.push(item);
    if (some.length < length) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
