/**
 * A promise that somebody awaits later, or never. Until then its rejection is not unhandled, which would end the process:
 * whoever awaits it gets the error. All promises that are kept go through here.
 */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
