import type { Device, DeviceChoice } from '../hosts/devices.ts';
import type {
  AskName,
  Asks,
  FromWorker,
  GivenFile,
  ToWorker,
  WorkFailure,
  WorkProgress,
} from './protocol/index.ts';

/** How an ask is followed and stopped. */
export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly on?: ((progress: WorkProgress) => void) | undefined;
}

/** The page's way to its worker. */
export interface WorkerClient {
  ask<Name extends AskName>(
    name: Name,
    asked: Asks[Name]['asked'],
    options?: AskOptions,
  ): Promise<Asks[Name]['answer']>;
  /** Makes files readable by their paths, also in a worker that replaces this one. */
  give(files: readonly GivenFile[]): void;
  /** Takes files away again. */
  forget(paths: readonly string[]): void;
  /** Says what is to compute, also in a worker that replaces this one. */
  compute(choice: DeviceChoice): void;
  /** Ends everything that is asked, by force where it does not hear. */
  stop(): void;
}

/** What went wrong in the worker, in the words of limn. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  readonly expected: boolean;
  readonly field: string | undefined;

  constructor({ message, expected, field }: WorkFailure) {
    super(message);
    this.expected = expected;
    this.field = field;
  }
}

interface Pending extends AskOptions {
  readonly id: number;
  readonly name: AskName;
  readonly asked: unknown;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/**
 * A run of a network blocks the worker, so that it cannot hear that it is to stop. After so many milliseconds it is
 * replaced by another one.
 */
const patience = 400;

/** A client of one worker at a time; `start` makes another one, `onDevice` hears what computes. */
export function workerClient(start: () => Worker, onDevice?: (device: Device) => void): WorkerClient {
  let chosen: DeviceChoice | undefined;
  const given = new Map<string, GivenFile>();
  const pending = new Map<number, Pending>();
  /** Asks that nobody waits for and that the worker has not ended yet. */
  const left = new Set<number>();
  let last = 0;
  let worker = open();

  function open(): Worker {
    const opened = start();
    opened.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => receive(data));
    opened.addEventListener('error', (event) => {
      event.preventDefault();
      const message = event.message || 'the worker of this page could not be loaded';
      for (const each of pending.values()) each.reject(new WorkerError({ message, expected: false }));
      pending.clear();
    });
    return opened;
  }

  function post(message: ToWorker): void {
    worker.postMessage(message);
  }

  const send = ({ id, name, asked }: Pending): void => post({ kind: 'ask', id, name, asked });

  function receive(message: FromWorker): void {
    if (message.kind === 'device') {
      onDevice?.(message.device);
      return;
    }
    if (message.kind !== 'progress') left.delete(message.id);
    const asked = pending.get(message.id);
    if (!asked) return;
    if (message.kind === 'progress') {
      asked.on?.(message.progress);
      return;
    }
    pending.delete(message.id);
    if (message.kind === 'answer') asked.resolve(message.answer);
    else asked.reject(new WorkerError(message.failure));
  }

  function replace(): void {
    worker.terminate();
    left.clear();
    worker = open();
    if (chosen) post({ kind: 'device', choice: chosen });
    post({ kind: 'ask', id: ++last, name: 'add', asked: [...given.values()] });
    for (const each of pending.values()) send(each);
  }

  /** Says that nobody waits any more: what is between two steps of its work ends there. */
  function leave(each: Pending, reason: unknown): void {
    if (!pending.delete(each.id)) return;
    left.add(each.id);
    post({ kind: 'cancel', id: each.id });
    each.reject(reason);
  }

  return {
    ask(name, asked, options = {}) {
      return new Promise((resolve, reject) => {
        if (options.signal?.aborted) return reject(options.signal.reason);
        const id = ++last;
        const each: Pending = { ...options, id, name, asked, resolve: resolve as Pending['resolve'], reject };
        pending.set(id, each);
        options.signal?.addEventListener('abort', () => leave(each, options.signal?.reason), { once: true });
        send(each);
      });
    },
    give(files) {
      for (const file of files) given.set(file.path, file);
      post({ kind: 'ask', id: ++last, name: 'add', asked: files });
    },
    forget(paths) {
      for (const path of paths) given.delete(path);
      post({ kind: 'ask', id: ++last, name: 'remove', asked: paths });
    },
    compute(choice) {
      chosen = choice;
      post({ kind: 'device', choice });
    },
    stop() {
      const reason = new DOMException('cancelled', 'AbortError');
      for (const each of [...pending.values()]) leave(each, reason);
      const stopped = worker;
      setTimeout(() => {
        if (left.size > 0 && worker === stopped) replace();
      }, patience);
    },
  };
}
