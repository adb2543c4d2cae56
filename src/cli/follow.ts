import type { FailedEvent, FailedItem, NoteEvent, ProgressEvent } from '../verbs/verb.ts';
import { complain, note } from './errors.ts';
import { EventProgress } from './progress.ts';
import { onInterrupt } from './signals.ts';
import { erase } from './terminal.ts';

/** Says, should Ctrl-C end the command, that it goes on where it was when it is called again. */
export function goesOnAgain(): void {
  onInterrupt(() => {
    if (process.stderr.isTTY) erase('line');
    note('stopped; the same call goes on from here');
  });
}

/** The same, from the first item on that is done: what is done of it alone is lost. */
export function goesOnFromFirst(): () => void {
  let isDone = false;
  return () => {
    if (!isDone) goesOnAgain();
    isDone = true;
  };
}

type CommonEvent = ProgressEvent | NoteEvent | FailedEvent;

/** A verb's own events are told of by its command. */
interface OwnEvent {
  readonly kind: string;
}

/**
 * Follows a verb on stderr: a bar for its progress, a line for what people should know and for each thing that failed. `tell`
 * hears of the verb's other events, when nothing is in the way of a line.
 */
export async function follow<Result, Event extends OwnEvent = never>(
  work: (watch: { on(event: CommonEvent | Event): void }) => Promise<Result>,
  tell?: (event: Event) => void,
): Promise<Result> {
  const progress = new EventProgress();
  const on = (event: CommonEvent | Event) => {
    if (isProgress(event)) return progress.on(event);
    progress.clear();
    if (isNote(event)) note(event.text);
    else if (isFailed(event)) complain(event.failed.error);
    else tell?.(event);
  };
  try {
    return await work({ on });
  } finally {
    progress.clear();
  }
}

const isProgress = (event: OwnEvent): event is ProgressEvent => event.kind === 'progress';
const isNote = (event: OwnEvent): event is NoteEvent => event.kind === 'note';
const isFailed = (event: OwnEvent): event is FailedEvent => event.kind === 'failed';

/** Tells of a photo by `text`; one that could not be done makes the command end with 1 when the others are. */
export function tellOf<Photo extends object>(photo: Photo | FailedItem, tell: (photo: Photo) => void): void {
  if ('error' in photo) {
    complain(photo.error);
    process.exitCode = 1;
  } else tell(photo);
}
