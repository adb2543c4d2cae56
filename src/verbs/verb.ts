import { fail, LimnError } from '../common/error.ts';
import { count, isOrAre, plural } from '../common/format.ts';
import type { Host } from './host.ts';

/** How a caller follows a verb and stops it. */
export interface Watch<Event> {
  /** Hears of everything that happens on the way, in order. */
  readonly on?: ((event: Event) => void) | undefined;
  /** Stops the work; the verb then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** So many of a number of things are done: for a bar. */
export interface ProgressEvent {
  readonly kind: 'progress';
  /** What is counted, in the plural: `photos`. */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** Something that a person should know and that ends nothing. */
export interface NoteEvent {
  readonly kind: 'note';
  readonly text: string;
}

/** That work goes on where it was stopped, so many of its photos being `answered`. */
export const goesOnNote = (done: number, all: number, answered: string): NoteEvent => ({
  kind: 'note',
  text: `${count(done)} of ${plural(all, 'photo')} ${isOrAre(done)} ${answered} already; going on`,
});

/** One of many things could not be done; the others go on. */
export interface FailedItem {
  readonly item: string;
  /** What is wrong with it, in one line. */
  readonly error: string;
}

/** That it could not be done, as soon as it is known. */
export interface FailedEvent {
  readonly kind: 'failed';
  readonly failed: FailedItem;
}

/** What work on one item comes to, or what is wrong with the item. Errors: what concerns more than it. */
export async function resultOrFailure<T>(item: string, work: () => Promise<T>): Promise<T | FailedItem> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LimnError && error.kind === 'item') return { item, error: error.message };
    throw error;
  }
}

/** A failed item as an error, for who asked for nothing else. */
export function failItem({ item, error }: FailedItem): never {
  const place = `${item}: `;
  const what = error.startsWith(place) ? error.slice(place.length) : error;
  return fail(item, what, undefined, { kind: 'item', item });
}

/**
 * What limn can do: a function from a request to events and a result, all plain typed data. It knows no flags, prints
 * nothing and ends no process; where it runs is the host's business.
 */
export type Verb<Request, Result, Event = never> = (
  request: Request,
  host: Host,
  watch?: Watch<Event>,
) => Promise<Result>;
