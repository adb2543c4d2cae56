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
export interface Crew {
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

/**
 * Starts threads that each open the layers' files for themselves. Errors: as of `openAssembler`, and the end of a
 * thread, which every batch that waits and every later one reports.
 */
export async function startCrew(
  recipes: readonly BatchRecipe[],
  threads: number,
  script: URL,
): Promise<Crew> {
  const queue: Task[] = [];
  const running = new Map<Worker, Task | undefined>();
  let dead: LimnError | undefined;

  const give = () => {
    for (const [worker, task] of running) {
      if (task) continue;
      const next = queue.shift();
      if (!next) return;
      running.set(worker, next);
      const { k, spare } = next;
      worker.postMessage({ k, spare } satisfies BatchCommand, spare && buffersOf(spare));
    }
  };
  const die = (why: string) => {
    dead ??= new LimnError('batches', why);
    for (const task of [...running.values(), ...queue.splice(0)]) task?.reject(dead);
    for (const worker of running.keys()) running.set(worker, undefined);
  };
  const close = async () => {
    die('they are closed');
    await Promise.all([...running.keys()].map((worker) => worker.terminate()));
  };

  const start = () =>
    new Promise<void>((resolve, reject) => {
      const worker = startWorker(script, recipes);
      // Opening the files is its first task.
      running.set(worker, { k: -1, resolve: () => resolve(), reject });
      worker.on('error', (error) => die(`a worker thread ended: ${lineOf(error)}`));
      worker.on('exit', (code) => die(`a worker thread ended: exit code ${code}`));
      worker.on('message', (answer: BatchReply) => {
        const task = running.get(worker);
        running.set(worker, undefined);
        if (answer.kind === 'done') task?.resolve(answer.batch);
        else task?.reject(errorOf(answer));
        give();
      });
    });

  try {
    await Promise.all(Array.from({ length: threads }, start));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async batch(k, spare) {
      if (dead) throw dead;
      return new Promise<Batch>((resolve, reject) => {
        queue.push({ k, spare, resolve, reject });
        give();
      });
    },
    close,
  };
}
