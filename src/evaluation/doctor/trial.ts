import { argmax } from '../../classifier/rank.ts';
import { fail, type LimnError } from '../../common/error.ts';
import { awaitedLater } from '../../common/later.ts';
import type { Graph, Head } from '../../graph/index.ts';
import type { Session } from '../../runtime/session.ts';
import { type Examinee, type Exhibit, examine } from '../examine.ts';

import type { Setup } from './setup.ts';

/** A photo of the sample with its true class or number. */
export interface Specimen extends Exhibit {
  readonly truth: number;
}

/** Where and what setups are tried. */
export interface Ward {
  readonly head: Head;
  /** Whether the head's output is the logarithm of probabilities. */
  readonly logarithm: boolean;
  readonly sample: readonly Specimen[];
  /** Runs that go on at the same time. */
  readonly workers: number;
  /** Photos that are decoded at the same time. */
  readonly decoders: number;
  load(graph: Graph): Promise<Session>;
  /** How far the trial is that goes on: answers given, and to be given. */
  progress?(done: number, total: number): void;
}

/** What a setup says of the photos it was asked about, in their order. */
export interface Reply {
  /** Undefined for photos that cannot be read. */
  readonly scores: readonly (readonly number[] | undefined)[];
  /** Answers with a value that is not finite; their scores are zeros. */
  readonly unsound: number;
}

/** Prepared photos that may be in memory at the same time, in bytes. */
const MEMORY = 3e8;

/** Keeps one session per graph; {@link Clinic.close} lets go of them. */
export interface Clinic {
  /** Asks setups about photos; each photo is decoded once. Errors: none of the photos can be read. */
  ask(setups: readonly Setup[], specimens: readonly Specimen[]): Promise<Reply[]>;
  readonly broken: ReadonlyMap<string, LimnError>;
  close(): Promise<void>;
}

export function clinic(ward: Ward): Clinic {
  const sessions = new Map<Graph, Promise<Session>>();
  const broken = new Map<string, LimnError>();
  const sessionOf = (graph: Graph): Promise<Session> => {
    const known = sessions.get(graph) ?? awaitedLater(ward.load(graph));
    sessions.set(graph, known);
    return known;
  };
  return {
    broken,
    async ask(setups, specimens) {
      const watches = await Promise.all(
        setups.map(async ({ graph }) => watched(await sessionOf(graph), ward.head.output)),
      );
      const examinees = setups.map(
        ({ graph }, preparation): Examinee => ({
          graph,
          session: watches[preparation].session,
          output: ward.head.output,
          logarithm: ward.logarithm,
          preparation,
        }),
      );
      const scores = setups.map(() => new Array<readonly number[] | undefined>(specimens.length));
      const running = {
        crops: 'center' as const,
        batch: batchFor(setups, ward),
        workers: ward.workers,
        decoders: ward.decoders,
      };
      let at = 0;
      const preparations = setups.map(({ how }) => how);
      for await (const some of examine(each(specimens), preparations, examinees, running)) {
        for (const result of some) {
          if ('error' in result) broken.set(result.exhibit.name, result.error);
          else for (const [s, { scores: said }] of result.said.entries()) scores[s][at] = said;
          at++;
        }
        ward.progress?.(at * setups.length, specimens.length * setups.length);
      }
      const [first] = broken.values();
      if (first && broken.size >= specimens.length && scores.every((all) => all.every((x) => !x))) {
        fail(first.where, first.what, first.fix);
      }
      return scores.map((all, s) => ({ scores: all, unsound: watches[s].unsound() }));
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

function batchFor(setups: readonly Setup[], { workers }: Ward): number {
  const [{ graph, how }] = setups;
  const [, , h, w] = graph.inputs[0]?.shape ?? [];
  const side = (dim: unknown, known?: number) => known ?? (typeof dim === 'number' ? dim : 256);
  const bytes = 12 * side(h, how.crop?.height) * side(w, how.crop?.width);
  return Math.min(16, Math.max(1, Math.floor(MEMORY / (bytes * setups.length * (workers + 2)))));
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** The session with zeros for answers that are not finite: those of one setup must not end the others'. */
function watched(session: Session, output: string): { session: Session; unsound: () => number } {
  let unsound = 0;
  return {
    unsound: () => unsound,
    session: {
      ...session,
      async run(inputs, outputs) {
        const results = await session.run(inputs, outputs);
        const { data, shape } = results[output];
        const width = data.length / Number(shape[0]);
        for (let from = 0; from < data.length; from += width) {
          const row = data.subarray(from, from + width) as Float32Array;
          if (row.every((value) => Number.isFinite(Number(value)))) continue;
          row.fill(0);
          unsound++;
        }
        return results;
      },
    },
  };
}

/** How wrong answers are: 0 or 1 for classes, the absolute error of a number. */
export function lossesOf(
  { scores }: Pick<Reply, 'scores'>,
  specimens: readonly Specimen[],
  kind: Head['kind'],
  order?: readonly number[],
): (number | undefined)[] {
  return scores.map((said, i) => {
    if (!said) return undefined;
    const { truth } = specimens[i];
    if (kind === 'number') return Math.abs(said[0] - truth);
    const output = argmax(said);
    return Number((order ? order[output] : output) !== truth);
  });
}
