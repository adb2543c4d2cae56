/**
 * A path of a URL, part by part, decoded; undefined for one that no file of a folder has: with `..`, an empty part, a
 * separator within a part, NUL or other control characters, a drive's letter. Parts that begin with a dot are hidden files,
 * which are nobody's business.
 */
export function pathParts(path: string): readonly string[] | undefined {
  const parts: string[] = [];
  for (const encoded of path.split('/')) {
    const part = decoded(encoded);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    if (part === undefined || part === '' || /^\.|^[a-z]:|[/\\\x00-\x1f\x7f]/i.test(part)) return undefined;
    parts.push(part);
  }
  return parts;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
