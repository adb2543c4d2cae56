/** A Markdown table; cells may hold anything but line breaks. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text: string): string => `\`${text}\``;

/** A page that is made by `npm run docs`, with its title. */
export const page = (title: string, ...parts: readonly string[]): string =>
  `${[`# ${title}`, '<!-- Made by `npm run docs`; changes here are lost. -->', ...parts].join('\n\n')}\n`;

/**
 * Texts by name, held against the names that there are. Errors: a name without text, or a text without its name: the
 * code has changed and the documentation must follow.
 */
export function complete<T>(
  what: string,
  names: Iterable<string>,
  texts: Readonly<Record<string, T>>,
): [string, T][] {
  const all = [...names];
  const missing = all.filter((name) => !Object.hasOwn(texts, name));
  const stale = Object.keys(texts).filter((name) => !all.includes(name));
  if (missing.length > 0) throw new Error(`${what}: write about ${missing.join(', ')}`);
  if (stale.length > 0) throw new Error(`${what}: there is no ${stale.join(', ')}`);
  return all.map((name) => [name, texts[name]!]);
}
