/** Runs tasks one after the other, in the order of the calls; a failed task does not hold up the next. */
export type Queue = <T>(task: () => Promise<T>) => Promise<T>;

export function serialQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}
