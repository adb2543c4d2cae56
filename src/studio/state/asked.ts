import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { type WorkerClient, WorkerError, workerClient } from '../client.ts';
import type { AskName, Asks, WorkProgress } from '../protocol/index.ts';
import { device, deviceChoice } from './device.ts';

/** The page's worker. */
export const client: WorkerClient = workerClient(
  () => new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module', name: 'limn' }),
  (now) => {
    device.value = now;
  },
);
client.compute(deviceChoice.value);

/** What is being computed, for the line that says so. */
export const working = signal<ReadonlyMap<number, WorkProgress>>(new Map());
let jobs = 0;

/** Waits until nothing is being computed. */
export async function idle(): Promise<void> {
  let end: (() => void) | undefined;
  await new Promise<void>((resolve) => {
    end = working.subscribe((jobs) => jobs.size === 0 && resolve());
  });
  end?.();
}

/** Asks the worker, shows on the page that it works, and what it does. */
export async function askWorker<Name extends AskName>(
  name: Name,
  asked: Asks[Name]['asked'],
  { text, signal: abort, on }: { text: string; signal?: AbortSignal; on?: (progress: WorkProgress) => void },
): Promise<Asks[Name]['answer']> {
  const id = ++jobs;
  const tell = (progress: WorkProgress | undefined) => {
    const next = new Map(working.value);
    if (progress) next.set(id, progress);
    else next.delete(id);
    working.value = next;
  };
  tell({ text });
  try {
    const options = {
      signal: abort,
      on: (progress: WorkProgress) => {
        tell(progress);
        on?.(progress);
      },
    };
    return await client.ask(name, asked, options);
  } finally {
    tell(undefined);
  }
}

/** How far something is that was asked. */
export type Asked<Answer> =
  | { readonly state: 'idle' }
  | { readonly state: 'asking'; readonly before: Answer | undefined }
  | { readonly state: 'ready'; readonly answer: Answer }
  | {
      readonly state: 'failed';
      readonly message: string;
      /** The field of what was asked that is wrong, if one is. */
      readonly field?: string | undefined;
      again(): void;
    };

/** Answers that are kept: going back to a setting shows it at once. */
const known = new Map<string, unknown>();
const keptAnswers = 200;

/** Asks that read photos which they do not name: those of a list. */
const ofLists: readonly AskName[] = ['doctor'];

/** Forgets what was answered: of files that have changed, or of folders that they are in; everything unless they are named. */
export function forgetAnswers(paths?: readonly string[]): void {
  if (paths?.length === 0) return;
  const texts =
    paths && new Set(paths.flatMap((path) => withFolders(path).map((each) => JSON.stringify(each))));
  const isOf = (key: string) =>
    !texts ||
    ofLists.some((name) => key.startsWith(`${name} `)) ||
    [...texts].some((text) => key.includes(text));
  for (const key of known.keys()) if (isOf(key)) known.delete(key);
  changes.value++;
}

/** A path and those of the folders that it is in. */
const withFolders = (path: string): string[] => [
  '.',
  ...path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/')),
];

/** How often files have changed. */
const changes = signal(0);

/** How often answers have come: who reads several at once follows it. */
export const answered = signal(0);

export const keyOf = (name: AskName, asked: unknown): string => `${name} ${JSON.stringify(asked)}`;

/** An answer that is known already. */
export const knownAnswer = <Name extends AskName>(name: Name, asked: Asks[Name]['asked']) =>
  known.get(keyOf(name, asked)) as Asks[Name]['answer'] | undefined;

/** Of many small asks one is answered after the other: those that are seen first, and those that nobody waits for any more never. */
let turn: Promise<unknown> = Promise.resolve();

/** Ends what is asked when a person says so: with what is being computed all that waits for its turn. */
let stopping = new AbortController();

/** Ends everything that is computed, and what would be next. */
export function stopAll(): void {
  stopping.abort(new DOMException('cancelled', 'AbortError'));
  stopping = new AbortController();
  client.stop();
}

function inTurn<Answer>(abort: AbortSignal, ask: () => Promise<Answer>): Promise<Answer> {
  const { signal: stopped } = stopping;
  const mine = turn.then(() => {
    abort.throwIfAborted();
    stopped.throwIfAborted();
    return ask();
  });
  turn = mine.catch(() => undefined);
  return mine;
}

/**
 * Asks as long as a component shows it; what is asked no more is stopped. Nothing is asked where `asked` is undefined. Where many
 * components ask at once, as `oneOfMany`, they are answered one by one.
 */
export function useAsked<Name extends AskName>(
  name: Name,
  asked: Asks[Name]['asked'] | undefined,
  text: string,
  { oneOfMany = false }: { readonly oneOfMany?: boolean } = {},
): Asked<Asks[Name]['answer']> {
  type Answer = Asks[Name]['answer'];
  const ofAnswer = asked === undefined ? undefined : keyOf(name, asked);
  const key = ofAnswer === undefined ? undefined : `${changes.value} ${ofAnswer}`;
  const [held, hold] = useState<{ key: string; result: Asked<Answer> }>();
  const [tries, setTries] = useState(0);
  const [before, setBefore] = useState<Answer>();
  const answer = ofAnswer === undefined ? undefined : (known.get(ofAnswer) as Answer | undefined);
  // The key says everything of what is asked; another try asks again.
  useEffect(() => {
    if (key === undefined || ofAnswer === undefined || asked === undefined) return;
    if (known.has(ofAnswer)) {
      // Somebody else has asked the same, and was answered after this was drawn.
      if (answer === undefined) setTries((n) => n + 1);
      return;
    }
    const abort = new AbortController();
    const again = () => {
      hold(undefined);
      setTries((n) => n + 1);
    };
    const ask = () => askWorker(name, asked, { text, signal: abort.signal });
    (oneOfMany ? inTurn(abort.signal, ask) : ask()).then(
      (answer) => {
        keep(ofAnswer, answer);
        setBefore(() => answer);
        hold({ key, result: { state: 'ready', answer } });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const message = error instanceof Error ? error.message : String(error);
        const field = error instanceof WorkerError ? error.field : undefined;
        hold({ key, result: { state: 'failed', message, field, again } });
      },
    );
    return () => abort.abort(new DOMException('nobody waits for it any more', 'AbortError'));
  }, [key, tries]);
  if (key === undefined || asked === undefined) return { state: 'idle' };
  if (answer !== undefined) return { state: 'ready', answer };
  return held?.key === key && held.result.state === 'failed' ? held.result : { state: 'asking', before };
}

function keep(key: string, answer: unknown): void {
  known.delete(key);
  known.set(key, answer);
  for (const old of [...known.keys()].slice(0, -keptAnswers)) known.delete(old);
  answered.value++;
}
