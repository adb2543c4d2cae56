import type { Worker } from 'node:worker_threads';
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

/** What is known of a worker that runs. */
interface State {
  readonly worker: Worker;
  /** By the order in which it answers. */
  readonly waiting: Waiting[];
  /** Why it does not answer any more. */
  dead?: LimnError;
  closed?: Promise<void>;
}

/**
 * Starts a thread of an engine; `ended` is called if it ends by itself. Errors: its graph cannot be loaded; later, the end
 * of the thread, which every order that waits and every later one reports.
 */
export async function startThread(assignment: Assignment, script: URL, ended: () => void): Promise<Thread> {
  const worker = startWorker(script, assignment);
  const state: State = { worker, waiting: [] };
  const exited = listen(state, ended);
  try {
    await answer(state);
  } catch (error) {
    state.closed = Promise.resolve();
    await worker.terminate();
    throw error;
  }
  return {
    get busy() {
      return state.waiting.length;
    },
    pass: async (inputs, pass, further) =>
      outputsOf(await ask(state, { kind: 'pass', inputs, pass, further })),
    update: async (steps) =>
      ((await ask(state, { kind: 'update', steps })) as Extract<EngineReply, { kind: 'outcome' }>).outcome,
    test: async (net, inputs) => outputsOf(await ask(state, { kind: 'test', net, inputs })),
    close() {
      // One that ended by itself has nothing more to close.
      state.closed ??= ask(state, { kind: 'close' }).then(
        () => exited,
        () => exited,
      );
      return state.closed;
    },
  };
}

/** Hands the worker's answers to those who wait; returns when it ends. */
function listen(state: State, ended: () => void): Promise<void> {
  const { worker, waiting } = state;
  const die = (why: string) => {
    state.dead ??= new LimnError(
      'training',
      `a worker thread ended: ${why}`,
      'if memory is short, use fewer threads or a smaller batch_size',
    );
    for (const { reject } of waiting.splice(0)) reject(state.dead);
    if (!state.closed) ended();
  };
  worker.on('error', (error) => die(lineOf(error)));
  worker.on('message', (message: EngineReply) => {
    const { resolve, reject } = waiting.shift()!;
    if (message.kind === 'bug' || message.kind === 'wrong') reject(errorOf(message));
    else resolve(message);
  });
  return new Promise((resolve) => {
    worker.on('exit', (code) => {
      die(`exit code ${code}`);
      resolve();
    });
  });
}

/** The worker's next answer. */
const answer = ({ waiting }: State): Promise<EngineReply> =>
  new Promise((resolve, reject) => waiting.push({ resolve, reject }));

function ask(state: State, order: EngineCommand): Promise<EngineReply> {
  if (state.dead) return Promise.reject(state.dead);
  const reply = answer(state);
  state.worker.postMessage(order, 'inputs' in order ? buffersOf(order.inputs) : []);
  return reply;
}

const outputsOf = (reply: EngineReply): Tensors =>
  (reply as Extract<EngineReply, { kind: 'outputs' }>).outputs;
