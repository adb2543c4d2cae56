import { awaitedLater } from '../common/later.ts';

/**
 * Runs a task on each item and yields the results in the items' order. At most `ahead` tasks are under way or waiting
 * to be fetched, and no item is taken before there is room for it: the source never runs ahead of the consumer.
 * The first error, of the source or of a task, ends the iteration once the tasks under way have ended.
 */
export async function* ordered<T, R>(
  source: Iterable<T> | AsyncIterable<T>,
  task: (item: T) => Promise<R>,
  ahead: number,
): AsyncGenerator<R, void> {
  const started: Promise<R>[] = [];
  try {
    for await (const item of source) {
      started.push(awaitedLater(task(item)));
      if (started.length >= ahead) yield await started.shift()!;
    }
    while (started.length > 0) yield await started.shift()!;
  } finally {
    await Promise.allSettled(started);
  }
}
