import { fail, LimnError } from '../common/error.ts';
import { errorOf, type Failure } from '../common/failure.ts';
import { startWorker } from '../common/workers.node.ts';
import { checkInputs } from './inputs.ts';
import { type Loadable, lineOf } from './open.ts';
import type { Session, SessionOptions, Tensors } from './session.ts';
import { buffersOf, copyOf } from './tensors.ts';

/** What a worker starts with. */
export interface SessionAssignment {
  readonly model: Loadable;
  readonly options: SessionOptions;
}

/** What a worker is told. It does one thing after the other and answers each order, and first of all its start. */
export type SessionCommand =
  | { readonly kind: 'run'; readonly inputs: Tensors; readonly outputs: readonly string[] | undefined }
  | { readonly kind: 'release' };

export type SessionReply = { readonly kind: 'done'; readonly outputs: Tensors } | Failure;

interface Waiting {
  resolve(outputs: Record<string, Tensors[string]>): void;
  reject(error: unknown): void;
}

/**
 * Opens a session in a worker thread of its own. Inputs are copied once on the way there, outputs not at all.
 * Errors: as {@link loadHere}'s, and the end of the worker, which every run that waits and every later one reports.
 */
export async function loadInThread(model: Loadable, options: SessionOptions, script: URL): Promise<Session> {
  const assignment: SessionAssignment = { model, options };
  const worker = startWorker(script, assignment);
  const waiting: Waiting[] = [];
  let dead: LimnError | undefined;
  let released: Promise<void> | undefined;

  const answer = () =>
    new Promise<Record<string, Tensors[string]>>((resolve, reject) => waiting.push({ resolve, reject }));
  const send = (order: SessionCommand) => {
    const promise = answer();
    worker.postMessage(order, order.kind === 'run' ? buffersOf(order.inputs) : []);
    return promise;
  };
  const die = (why: string) => {
    dead ??= new LimnError(
      model.name,
      `a worker thread ended: ${why}`,
      'use fewer workers or smaller batches',
    );
    for (const { reject } of waiting.splice(0)) reject(dead);
  };
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      die(`exit code ${code}`);
      resolve();
    });
  });
  worker.on('error', (error) => die(lineOf(error)));
  worker.on('message', (message: SessionReply) => {
    const { resolve, reject } = waiting.shift()!;
    if (message.kind === 'done') resolve(message.outputs);
    else reject(errorOf(message));
  });

  try {
    await answer();
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    async run(inputs, outputs) {
      if (released) fail(model.name, 'the session is released');
      if (dead) throw dead;
      checkInputs(model.name, model.inputs, inputs);
      const copies = Object.entries(inputs).map(([name, tensor]) => [name, copyOf(tensor)]);
      return send({ kind: 'run', inputs: Object.fromEntries(copies), outputs });
    },
    release() {
      released ??= (dead ? Promise.resolve() : send({ kind: 'release' })).then(() => ended);
      return released;
    },
  };
}
