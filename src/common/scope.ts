/** What can be closed: a file, a database, threads; or a session, which is released. */
export type Closable =
  | { close(): void | Promise<void> }
  | { release(): void | Promise<void>; readonly close?: undefined };

/** Takes what was opened into a scope, which closes it, and gives it back. */
export type Own = <T extends Closable>(opened: T) => T;

/**
 * Does work with things that are opened on the way. Whatever is owned is closed when the work ends, however it ends,
 * the last first, and all of it even if closing one fails. Errors: the work's own, else the first of closing.
 */
export async function scoped<T>(work: (own: Own) => Promise<T>): Promise<T> {
  const { opened, close } = await opening(work);
  await close();
  return opened;
}

/**
 * Opens something of several parts: if a part cannot be opened, those before it are closed, as in {@link scoped}; else
 * `close` closes all.
 */
export async function opening<T>(
  open: (own: Own) => Promise<T>,
): Promise<{ readonly opened: T; close(): Promise<void> }> {
  const owned: Closable[] = [];
  const close = async () => {
    const failures: unknown[] = [];
    for (const each of owned.splice(0).reverse()) {
      try {
        await (each.close ? each.close() : each.release());
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    const opened = await open((each) => {
      owned.push(each);
      return each;
    });
    return { opened, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}
