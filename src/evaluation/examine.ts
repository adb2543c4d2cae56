import { runBatches } from '../classifier/batches.ts';
import { argmax } from '../classifier/rank.ts';
import { joined } from '../classifier/rows.ts';
import { fail, LimnError } from '../common/error.ts';
import { gate } from '../common/gate.ts';
import { ordered } from '../common/ordered.ts';
import type { Graph, Preprocessing, Tensor } from '../graph/index.ts';
import type { Crops } from '../image/crops.ts';
import type { Image } from '../image/image.ts';
import { inputsPerPhoto, preprocess } from '../image/preprocess.ts';
import type { Session } from '../runtime/session.ts';

/** A model that is ready to answer. */
export interface Examinee {
  readonly graph: Graph;
  readonly session: Session;
  /** The graph's output that is read. */
  readonly output: string;
  /** Whether the output is the logarithm of probabilities. */
  readonly logarithm: boolean;
  /** Which of the preparations its input has. */
  readonly preparation: number;
}

export interface ExamineOptions {
  readonly crops: Crops;
  /** Network inputs per run: images × crops. */
  readonly batch: number;
  /** Runs that go on at the same time. */
  readonly workers: number;
  /** Pictures that are decoded and prepared at the same time. */
  readonly decoders: number;
}

/** A picture to be fetched. */
export interface Exhibit {
  readonly name: string;
  /** Errors that are about this picture are LimnErrors. */
  picture(): Promise<Image>;
}

/** What one model says of one picture. */
export interface Said {
  /** The mean over the crops. */
  readonly scores: readonly number[];
  /** With ten crops: the class that the published single crop has alone. */
  readonly single?: number;
}

/** A picture with what every model says of it, or with what is wrong with it. */
export type Examined<T> = { readonly exhibit: T } & (
  | { readonly said: readonly Said[] }
  | { readonly error: LimnError }
);

/** The bottom right corner, which the original evaluation takes for the centre, among the ten crops. */
const PUBLISHED_CROP = 3;

/**
 * Shows pictures to models and yields what they say, a batch at a time, in the pictures' order. Each picture is decoded
 * once and prepared once per kind of preparation; while some batches run, the next are prepared, and never more than a
 * few are in memory. What is wrong with one picture does not concern the others; any other error ends all.
 */
export async function* examine<T extends Exhibit>(
  exhibits: AsyncIterable<T>,
  preparations: readonly Preprocessing[],
  examinees: readonly Examinee[],
  options: ExamineOptions,
): AsyncGenerator<Examined<T>[], void> {
  const { crops, batch, workers, decoders } = options;
  const perPhoto = inputsPerPhoto(crops);
  const decoding = gate(decoders);
  const running = gate(workers);
  const task = async (some: readonly T[]): Promise<Examined<T>[]> => {
    const prepared = await Promise.all(
      some.map((exhibit) => decoding(() => prepare(exhibit, preparations, crops))),
    );
    const good = prepared.filter((each): each is Prepared<T> => 'inputs' in each);
    const said = await Promise.all(
      examinees.map(async (examinee) => {
        const inputs = good.map(({ exhibit, inputs: all }) =>
          checked(all[examinee.preparation]!, examinee.graph, exhibit.name),
        );
        if (inputs.length === 0) return [];
        const scores = await running(() => run(examinee, joinedLike(inputs, good), batch));
        return good.map(({ exhibit }, i) => sayingOf(scores, i, perPhoto, examinee, exhibit.name));
      }),
    );
    let at = 0;
    return prepared.map((each) =>
      'error' in each ? each : { exhibit: each.exhibit, said: saidOf(said, at++) },
    );
  };
  yield* ordered(batches(exhibits, Math.max(1, Math.floor(batch / perPhoto))), task, workers + 2);
}

const saidOf = (said: readonly (readonly Said[])[], i: number): Said[] => said.map((each) => each[i]!);

interface Prepared<T> {
  readonly exhibit: T;
  /** Network inputs by preparation, one row per crop. */
  readonly inputs: readonly Tensor<'float32'>[];
}

async function prepare<T extends Exhibit>(
  exhibit: T,
  preparations: readonly Preprocessing[],
  crops: Crops,
): Promise<Prepared<T> | { exhibit: T; error: LimnError }> {
  try {
    const picture = await exhibit.picture();
    return {
      exhibit,
      inputs: preparations.map((how) => preprocess([picture], how, { crops, names: exhibit.name })),
    };
  } catch (error) {
    if (error instanceof LimnError) return { exhibit, error };
    throw error;
  }
}

/** Errors: a preparation that makes inputs of another size than the network takes. */
function checked(input: Tensor<'float32'>, graph: Graph, name: string): Tensor<'float32'> {
  const wanted = graph.inputs[0]!.shape;
  const fits =
    wanted.length === input.shape.length &&
    wanted.every((dim, i) => i === 0 || typeof dim === 'string' || dim === input.shape[i]);
  return fits
    ? input
    : fail(
        name,
        `prepared, it is ${input.shape.slice(1).join('×')}; the network takes ${wanted.slice(1).join('×')}`,
      );
}

/** Errors: inputs of different sizes, which a network of free input size may have. */
function joinedLike(
  inputs: readonly Tensor<'float32'>[],
  of: readonly Prepared<Exhibit>[],
): Tensor<'float32'> {
  const [first] = inputs;
  const other = inputs.findIndex(({ shape }) => shape.some((n, i) => n !== first!.shape[i]));
  if (other >= 0) {
    fail(
      of[other]!.exhibit.name,
      `its input is ${inputs[other]!.shape.slice(2).join('×')}, that of ${of[0]!.exhibit.name} ${first!.shape.slice(2).join('×')}`,
      'give the model a resize: limn import onnx --help',
    );
  }
  return joined(inputs);
}

/** The scores of a batch; a graph of a fixed batch is run as often as need be, the last time filled up. */
async function run(
  { graph, session, output }: Examinee,
  input: Tensor<'float32'>,
  batch: number,
): Promise<Tensor> {
  return (await runBatches(graph, session, input, { size: batch, outputs: [output] }))[output]!;
}

function sayingOf(t: Tensor, image: number, crops: number, examinee: Examinee, name: string): Said {
  const classes = t.data.length / t.shape[0]!;
  const crop = (k: number): number[] =>
    Array.from({ length: classes }, (_, i) => {
      const raw = Number(t.data[(image * crops + k) * classes + i]);
      const value = examinee.logarithm ? Math.exp(raw) : raw;
      if (!Number.isFinite(value))
        fail(`${name}: output '${examinee.output}'`, `class ${i} is ${value}`, 'check the weights');
      return value;
    });
  const each = Array.from({ length: crops }, (_, k) => crop(k));
  const scores = each[0]!.map((_, i) => each.reduce((sum, values) => sum + values[i]!, 0) / crops);
  return { scores, ...(crops === 10 && classes > 1 && { single: argmax(each[PUBLISHED_CROP]!) }) };
}

async function* batches<T>(items: AsyncIterable<T>, length: number): AsyncGenerator<T[], void> {
  let some: T[] = [];
  for await (const item of items) {
    some.push(item);
    if (some.length < length) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
