import type { Worker } from 'node:worker_threads';
import { LimnError } from '../../common/error.ts';
import { errorOf, type Failure } from '../../common/failure.ts';
import { startWorker } from '../../common/workers.node.ts';
import { lineOf } from '../../runtime/open.ts';
import { buffersOf } from '../../runtime/tensors.ts';
import type { Batch } from '../batch.ts';
import type { BatchRecipe } from './assemble.node.ts';

/** What a worker answers: first of all to its start, then to each order. */
export type BatchReply = { readonly kind: 'done'; readonly batch: Batch } | Failure;

/** Threads that make batches. */
export interface BatchWorkers {
  /** The batch `k`, made by the first thread that is free; the memory of a `spare` one goes there. */
  batch(k: number, spare?: Batch): Promise<Batch>;
  /** Ends the threads, whatever they are at; batches that are still wanted are errors. */
  close(): Promise<void>;
}

/** What a worker is told to make. */
export interface BatchCommand {
  readonly k: number;
  readonly spare?: Batch | undefined;
}

interface Task extends BatchCommand {
  resolve(batch: Batch): void;
  reject(error: unknown): void;
}

/** The threads, and what they are to make. */
interface State {
  /** What each is at. */
  readonly running: Map<Worker, Task | undefined>;
  /** What nobody is at yet. */
  readonly queue: Task[];
  /** Why no more batches come. */
  dead?: LimnError;
}

/**
 * Starts threads that each open the layers' files for themselves. Errors: as of `openAssembler`, and the end of a
 * thread, which every batch that waits and every later one reports.
 */
export async function startBatchWorkers(
  recipes: readonly BatchRecipe[],
  threads: number,
  script: URL,
): Promise<BatchWorkers> {
  const state: State = { running: new Map(), queue: [] };
  const close = async () => {
    die(state, 'they are closed');
    await Promise.all([...state.running.keys()].map((worker) => worker.terminate()));
  };
  try {
    await Promise.all(Array.from({ length: threads }, () => start(state, recipes, script)));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async batch(k, spare) {
      if (state.dead) throw state.dead;
      return new Promise<Batch>((resolve, reject) => {
        state.queue.push({ k, spare, resolve, reject });
        give(state);
      });
    },
    close,
  };
}

/** Starts a thread; ends when it has opened its files, which is its first task. */
const start = (state: State, recipes: readonly BatchRecipe[], script: URL): Promise<void> =>
  new Promise((resolve, reject) => {
    const { running } = state;
    const worker = startWorker(script, recipes);
    running.set(worker, { k: -1, resolve: () => resolve(), reject });
    worker.on('error', (error) => die(state, `a worker thread ended: ${lineOf(error)}`));
    worker.on('exit', (code) => die(state, `a worker thread ended: exit code ${code}`));
    worker.on('message', (answer: BatchReply) => {
      const task = running.get(worker);
      running.set(worker, undefined);
      if (answer.kind === 'done') task?.resolve(answer.batch);
      else task?.reject(errorOf(answer));
      give(state);
    });
  });

/** Gives the threads that are free something to do. */
function give({ running, queue }: State): void {
  for (const [worker, task] of running) {
    if (task) continue;
    const next = queue.shift();
    if (!next) return;
    running.set(worker, next);
    const { k, spare } = next;
    worker.postMessage({ k, spare } satisfies BatchCommand, spare && buffersOf(spare));
  }
}

/** Makes errors of all batches that are wanted, and of later ones. */
function die(state: State, why: string): void {
  const { running, queue } = state;
  state.dead ??= new LimnError('batches', why);
  for (const task of [...running.values(), ...queue.splice(0)]) task?.reject(state.dead);
  for (const worker of running.keys()) running.set(worker, undefined);
}
