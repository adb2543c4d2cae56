/** A field of a request within a message, perhaps with a value: each client calls it as its users do. */
export interface Field {
  readonly field: string;
  readonly value?: string;
}

/** A text in which fields of requests are marked; plain data. */
export type Words = string | readonly (string | Field)[];

/** A field in a message: `words\`leave out ${field('as')}\``. */
export const field = (name: string, value?: string): Field =>
  value === undefined ? { field: name } : { field: name, value };

/** A text with fields in it, as a template. */
export function words(texts: TemplateStringsArray, ...inner: readonly (number | Field | Words)[]): Words {
  return texts.flatMap((text, i) => {
    const next = inner[i];
    if (next === undefined) return [text];
    return typeof next === 'object' ? [text, next].flat() : [text, String(next)];
  });
}

/** A field as programs know it: `head`, `raw 'rawhm'`. */
const asField = ({ field: name, value }: Field): string =>
  value === undefined ? name : `${name} '${value}'`;

/** The text, with fields as `nameOf` calls them. */
export function plain(text: Words, nameOf: (field: Field) => string = asField): string {
  if (typeof text === 'string') return text;
  return text.map((part) => (typeof part === 'string' ? part : nameOf(part))).join('');
}

/** `person-column` → `personColumn`: an option's name as the field's. */
export const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
