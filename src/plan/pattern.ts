/** Whether a name fits a pattern: `*` stands for any characters, `/` too, `?` for one. */
export function fits(name: string, pattern: string): boolean {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}

/** The value of the first pattern that a name fits. */
export const valueFor = <T>(
  name: string,
  choices: readonly (readonly [pattern: string, value: T])[],
): T | undefined => choices.find(([pattern]) => fits(name, pattern))?.[1];
