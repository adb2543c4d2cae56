/**
 * Whether a name fits a pattern: `*` stands for any characters, `/` too, `?` for one, `[02-4]` for one of these, `[!a-c]` for one of
 * all others, as in a shell. A bracket that is not closed, or whose range runs backwards, stands for itself.
 */
export function fits(name: string, pattern: string): boolean {
  const source = pattern.replace(
    /\[(!?)(\]?[^\]]*)\]|[\s\S]/g,
    (part, not: string | undefined, set: string | undefined) => {
      if (set) return setSource(set, not === '!') ?? literal(part);
      return part === '*' ? '.*' : part === '?' ? '.' : literal(part);
    },
  );
  return new RegExp(`^${source}$`, 's').test(name);
}

const literal = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

/** One character of a set, as a regular expression; undefined if a range of it runs backwards. */
function setSource(set: string, not: boolean): string | undefined {
  const backwards = [...set.matchAll(/(.)-(.)/gs)].some(([, from, to]) => from > to);
  return backwards ? undefined : `[${not ? '^' : ''}${set.replace(/[\\^[\]]/g, '\\$&')}]`;
}

/** The value of the first pattern that a name fits. */
export const valueFor = <T>(
  name: string,
  choices: readonly (readonly [pattern: string, value: T])[],
): T | undefined => choices.find(([pattern]) => fits(name, pattern))?.[1];
