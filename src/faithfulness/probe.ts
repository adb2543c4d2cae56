import type { ResolvedTarget } from '../attribution/index.ts';
import { asProbabilities, type Classifier, rowSize } from '../classifier/index.ts';
import { fail } from '../common/error.ts';
import { ordered } from '../common/ordered.ts';
import type { Counter } from '../common/progress.ts';
import { float32, type Graph, size, type Tensor } from '../graph/index.ts';
import { infer, lower } from '../operators/index.ts';
import { scoresBelow } from '../relevance/scores.ts';
import type { Runtime, Session, SessionOptions } from '../runtime/index.ts';

/** What of the explained class is measured: its probability (of a regression the number), or its score before softmax. */
export type Measured = 'probability' | 'score';

/** One changed copy of a photo that the network is to be asked about. */
export interface ProbeQuestion {
  readonly target: ResolvedTarget;
  /** Writes the copy, C×H×W. Called once, in the order of the questions. */
  readonly fill: (out: Float32Array) => void;
  /** Hears the value of the target: the sum over its classes less that over those against. */
  readonly answer: (value: number) => void;
}

/** How changed copies of photos are run through a network. */
export interface ProbeOptions {
  readonly measured: Measured;
  /** Copies per run, unless the graph fixes it. */
  readonly batch: number;
  /** Runs at a time, for sessions of several workers. */
  readonly parallel: number;
  readonly session?: SessionOptions | undefined;
}

/** A network that is asked about many changed photos. */
export interface Probe {
  /**
   * Asks all questions, whichever photos, methods and measures they come from, in runs that are full but for the last; no
   * more copies are held than those of the runs under way. Errors: a value that is not finite; what the counter's check
   * throws.
   */
  ask(questions: Iterable<ProbeQuestion>, counter: Counter): Promise<void>;
  release(): Promise<void>;
}

/** Loads a classifier's network to be asked. */
export async function openProbe(
  classifier: Classifier,
  runtime: Runtime,
  { measured, batch, parallel, session: options }: ProbeOptions,
): Promise<Probe> {
  const graph = graphOf(classifier, measured);
  const [{ name, shape }] = graph.inputs;
  const session = await runtime.load(graph, options);
  const fixed = typeof shape[0] === 'number' ? shape[0] : undefined;
  return {
    async ask(questions, counter) {
      const task = (some: readonly ProbeQuestion[], input: Tensor<'float32'>) =>
        answered(session, graph, name, some, input, classifier);
      const asked = ordered(
        batches(questions, fixed ?? batch, shape.slice(1).map(Number), fixed !== undefined),
        async ({ some, input }) => {
          counter.check();
          await task(some, input);
          counter.add(some.length);
        },
        parallel + 1,
      );
      for await (const _ of asked);
    },
    release: () => session.release(),
  };
}

/** The network with the one output that is measured. */
function graphOf({ model, head, graph }: Classifier, measured: Measured): Graph {
  if (measured === 'probability') return graph;
  const scores = scoresBelow(model.graph, head.output);
  const shape = infer(model.graph).shapes.get(scores);
  return shape ? lower({ ...model.graph, outputs: [{ name: scores, type: 'float32', shape }] }) : graph;
}

/** Questions, so many at a time, with their copies in one tensor; filled up where the graph fixes the number. */
function* batches(questions: Iterable<ProbeQuestion>, count: number, row: readonly number[], full: boolean) {
  const each = size(row);
  let some: ProbeQuestion[] = [];
  let data = new Float32Array(count * each);
  const batch = () => {
    const rows = full ? count : some.length;
    return { some, input: float32([rows, ...row], data.subarray(0, rows * each)) };
  };
  for (const question of questions) {
    question.fill(data.subarray(some.length * each, (some.length + 1) * each));
    if (some.push(question) < count) continue;
    yield batch();
    some = [];
    data = new Float32Array(count * each);
  }
  if (some.length > 0) yield batch();
}

async function answered(
  session: Session,
  { outputs: [output] }: Graph,
  input: string,
  questions: readonly ProbeQuestion[],
  rows: Tensor<'float32'>,
  { name, link, head }: Classifier,
): Promise<void> {
  const found = (await session.run({ [input]: rows }))[output.name] as Tensor<'float32'>;
  const values = output.name === head.output ? asProbabilities(found, link) : found;
  const classes = rowSize(values);
  questions.forEach(({ target, answer }, i) => {
    const sum = (indices: readonly number[]) =>
      indices.reduce((total, index) => total + values.data[i * classes + index], 0);
    const value = sum(target.classes) - sum(target.against);
    if (!Number.isFinite(value))
      fail(name, `'${output.name}' of a changed photo is ${value}`, 'check the weights');
    answer(value);
  });
}
