import { argmax, asProbabilities, rowSize, runBatches } from '../../classifier/index.ts';
import { fail, type LimnError } from '../../common/error.ts';
import { awaitedLater } from '../../common/later.ts';
import type { Graph, Head, Tensor } from '../../graph/index.ts';
import type { Link } from '../../operators/index.ts';
import type { Session } from '../../runtime/index.ts';
import { type PictureSample, type Predictor, predict } from '../predict.ts';
import type { Setup } from './setup.ts';

/** A photo of the sample with its true class or number. */
export interface LabelledPicture extends PictureSample {
  readonly truth: number;
}

/** Where and what setups are tried. */
export interface TrialOptions {
  readonly head: Head;
  /** What made the head's output of scores. */
  readonly link: Link | undefined;
  readonly sample: readonly LabelledPicture[];
  /** Runs that go on at the same time. */
  readonly workers: number;
  /** Photos that are decoded at the same time. */
  readonly decoders: number;
  load(graph: Graph): Promise<Session>;
  /** How far the trial is that goes on: answers given, and to be given. */
  progress?(done: number, total: number): void;
}

/** What a setup says of the photos it was asked about, in their order. */
export interface TrialScores {
  /** Undefined for photos that cannot be read. */
  readonly scores: readonly (readonly number[] | undefined)[];
  /** Answers with a value that is not finite; their scores are zeros. */
  readonly unsound: number;
}

/** Prepared photos that may be in memory at the same time, in bytes. */
const MEMORY = 3e8;

/** Keeps one session per graph; {@link Trial.close} lets go of them. */
export interface Trial {
  /** Asks setups about photos; each photo is decoded once. Errors: none of the photos can be read. */
  ask(setups: readonly Setup[], pictures: readonly LabelledPicture[]): Promise<TrialScores[]>;
  readonly broken: ReadonlyMap<string, LimnError>;
  close(): Promise<void>;
}

export function openTrial(options: TrialOptions): Trial {
  const { head, link, workers, decoders } = options;
  const sessions = new Map<Graph, Promise<Session>>();
  const broken = new Map<string, LimnError>();
  const sessionOf = (graph: Graph): Promise<Session> => {
    const known = sessions.get(graph) ?? awaitedLater(options.load(graph));
    sessions.set(graph, known);
    return known;
  };
  return {
    broken,
    async ask(setups, pictures) {
      const size = batchFor(setups, options);
      const unsound = setups.map(() => 0);
      const classifiers = await Promise.all(
        setups.map(async ({ graph, how }, s): Promise<Predictor> => {
          const session = await sessionOf(graph);
          return {
            name: graph.name,
            head,
            input: graph.inputs[0],
            preprocessing: how,
            async run(input) {
              const outputs = await runBatches(graph, session, input, { size, outputs: [head.output] });
              const { scores, odd } = sound(asProbabilities(outputs[head.output], link));
              unsound[s] += odd;
              return scores;
            },
          };
        }),
      );
      const scores = setups.map(() => new Array<readonly number[] | undefined>(pictures.length));
      let at = 0;
      const how = { crops: 'center', batch: size, workers, decoders } as const;
      for await (const some of predict(each(pictures), classifiers, how)) {
        for (const result of some) {
          if ('error' in result) broken.set(result.sample.name, result.error);
          else for (const [s, prediction] of result.predictions.entries()) scores[s][at] = prediction.scores;
          at++;
        }
        options.progress?.(at * setups.length, pictures.length * setups.length);
      }
      const [first] = broken.values();
      if (first && broken.size >= pictures.length && scores.every((all) => all.every((x) => !x))) {
        fail(first.where, first.what, first.fix);
      }
      return scores.map((all, s) => ({ scores: all, unsound: unsound[s] }));
    },
    async close() {
      for (const session of sessions.values())
        await session.then(
          (open) => open.release(),
          () => {},
        );
    },
  };
}

function batchFor(setups: readonly Setup[], { workers }: TrialOptions): number {
  const [{ graph, how }] = setups;
  const [, , h, w] = graph.inputs[0]?.shape ?? [];
  const side = (dim: unknown, known?: number) => known ?? (typeof dim === 'number' ? dim : 256);
  const bytes = 12 * side(h, how.crop?.height) * side(w, how.crop?.width);
  return Math.min(16, Math.max(1, Math.floor(MEMORY / (bytes * setups.length * (workers + 2)))));
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Scores N×K with zeros for rows that are not finite: those of one setup must not end the others'. */
function sound(scores: Tensor<'float32'>): { scores: Tensor<'float32'>; odd: number } {
  const width = rowSize(scores);
  const data = scores.data.slice();
  let odd = 0;
  for (let from = 0; from < data.length; from += width) {
    const row = data.subarray(from, from + width);
    if (row.every(Number.isFinite)) continue;
    row.fill(0);
    odd++;
  }
  return { scores: { ...scores, data }, odd };
}

/** How wrong answers are: 0 or 1 for classes, the absolute error of a number. */
export function lossesOf(
  { scores }: Pick<TrialScores, 'scores'>,
  pictures: readonly LabelledPicture[],
  kind: Head['kind'],
  order?: readonly number[],
): (number | undefined)[] {
  return scores.map((values, i) => {
    if (!values) return undefined;
    const { truth } = pictures[i];
    if (kind === 'number') return Math.abs(values[0] - truth);
    const output = argmax(values);
    return Number((order ? order[output] : output) !== truth);
  });
}
