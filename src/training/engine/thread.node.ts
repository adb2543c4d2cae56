import { LimnError } from '../../common/error.ts';
import { errorOf } from '../../common/failure.ts';
import { startWorker } from '../../common/workers.node.ts';
import type { Tensors } from '../../runtime/index.ts';
import { lineOf } from '../../runtime/open.ts';
import { buffersOf } from '../../runtime/tensors.ts';
import type { UpdateStep } from '../solver/index.ts';
import type { Assignment, EngineCommand, EngineReply, UpdateOutcome } from './order.ts';

/** A thread of an engine, seen from the main thread. Inputs are handed over: they must own their memory. */
export interface Thread {
  pass(inputs: Tensors, pass: number, further: boolean): Promise<Tensors>;
  update(steps: readonly UpdateStep[]): Promise<UpdateOutcome>;
  test(net: number, inputs: Tensors): Promise<Tensors>;
  /** Orders that it has not answered yet. */
  readonly busy: number;
  close(): Promise<void>;
}

interface Waiting {
  resolve(answer: EngineReply): void;
  reject(error: unknown): void;
}

/**
 * Starts a thread of an engine; `ended` is called if it ends by itself. Errors: its graph cannot be loaded; later, the end
 * of the thread, which every order that waits and every later one reports.
 */
export async function startThread(assignment: Assignment, script: URL, ended: () => void): Promise<Thread> {
  const worker = startWorker(script, assignment);
  const waiting: Waiting[] = [];
  let dead: LimnError | undefined;
  let closed: Promise<void> | undefined;

  const answer = () => new Promise<EngineReply>((resolve, reject) => waiting.push({ resolve, reject }));
  const ask = (order: EngineCommand): Promise<EngineReply> => {
    if (dead) return Promise.reject(dead);
    const promise = answer();
    worker.postMessage(order, 'inputs' in order ? buffersOf(order.inputs) : []);
    return promise;
  };
  const outputsOf = (reply: EngineReply): Tensors =>
    (reply as Extract<EngineReply, { kind: 'outputs' }>).outputs;
  const die = (why: string) => {
    dead ??= new LimnError(
      'training',
      `a worker thread ended: ${why}`,
      'if memory is short, use fewer threads or a smaller batch_size',
    );
    for (const { reject } of waiting.splice(0)) reject(dead);
    if (!closed) ended();
  };
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      die(`exit code ${code}`);
      resolve();
    });
  });
  worker.on('error', (error) => die(lineOf(error)));
  worker.on('message', (message: EngineReply) => {
    const { resolve, reject } = waiting.shift()!;
    if (message.kind === 'bug' || message.kind === 'wrong') reject(errorOf(message));
    else resolve(message);
  });

  try {
    await answer();
  } catch (error) {
    closed = Promise.resolve();
    await worker.terminate();
    throw error;
  }
  return {
    get busy() {
      return waiting.length;
    },
    pass: async (inputs, pass, further) => outputsOf(await ask({ kind: 'pass', inputs, pass, further })),
    update: async (steps) =>
      ((await ask({ kind: 'update', steps })) as Extract<EngineReply, { kind: 'outcome' }>).outcome,
    test: async (net, inputs) => outputsOf(await ask({ kind: 'test', net, inputs })),
    close() {
      // One that ended by itself has nothing more to close.
      closed ??= ask({ kind: 'close' }).then(
        () => exited,
        () => exited,
      );
      return closed;
    },
  };
}
