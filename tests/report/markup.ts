/**
 * What is wrong with a piece of XML, or undefined: elements that are not closed or not nested, attributes without
 * quotes or twice, bare `<` and `&`.
 */
export function malformed(xml: string): string | undefined {
  const open: string[] = [];
  const text = /&(?!(amp|lt|gt|quot|#\d+|#x[\da-f]+);)/i;
  let at = 0;
  for (const match of xml.matchAll(/<(\/?)([a-zA-Z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    const between = xml.slice(at, match.index);
    if (/[<>]/.test(between) || text.test(between)) return `text '${between.slice(0, 80)}'`;
    const [whole, close, name, attributes, empty] = match;
    if (text.test(attributes)) return `attribute in ${whole}`;
    const names = [...attributes.matchAll(/\s([\w:-]+)="[^"]*"/g)].map(([, each]) => each);
    if (new Set(names).size < names.length) return `attribute twice in ${whole}`;
    if (close && open.pop() !== name) return `</${name}> closes something else`;
    if (!close && !empty) open.push(name);
    at = match.index + whole.length;
  }
  if (/\S/.test(xml.slice(at))) return `text '${xml.slice(at, at + 80)}' at the end`;
  return open.length > 0 ? `<${open.join('> <')}> not closed` : undefined;
}

/** Names that break out of markup that is not escaped, and names in other scripts. */
export const nastyNames = [
  '<script>window.broken = 1</script>',
  '"><img src=x onerror="window.broken = 1">',
  "'; --></style></svg></script>&amp;&",
  '{{ 1 + 1 }} `code` \\u0000 \u0007',
  'Ærøskøbing 顔 😀 ‮',
];
