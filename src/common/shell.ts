/** Any text as one word of a POSIX shell's command line, as fish and zsh read it, too. */
export const shellWord = (text: string): string =>
  /^[\w@%+:,./-][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** The option of limn's command line that sets a field of a request: `labelColumns` → `--label-columns`. */
export const flagNameOf = (field: string): string =>
  `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * Fields of a request as options of limn's command line: what is true by its name alone, a list as words behind it. What is undefined or
 * false is left out.
 */
export const flagsOf = (fields: object): string[] =>
  Object.entries(fields).flatMap(([field, value]) => {
    if (value === undefined || value === false) return [];
    const values = value === true ? [] : [value].flat();
    return [flagNameOf(field), ...values.map((each) => shellWord(String(each)))];
  });

/** Fields of a request as options of limn's command line: sizes as `224` or `224x256`, lists with commas. What is undefined is left out. */
export const optionsOf = (fields: object): string[] =>
  Object.entries(fields).flatMap(([field, value]) =>
    value === undefined ? [] : [flagNameOf(field), optionText(value)],
  );

function optionText(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value !== 'object' || value === null) return shellWord(String(value));
  const { height, width } = value as { height: number; width: number };
  return height === width ? String(height) : `${height}x${width}`;
}

/** The `limn import onnx` that makes a model with other fields of another; names of classes go through a file that is written first. */
export function importOnnxLine(
  model: string,
  output: string,
  { labels, ...fields }: { readonly labels?: readonly string[] | undefined },
): string {
  const list = labels ? `printf '%s\\n' ${labels.map(shellWord).join(' ')} > labels.txt && ` : '';
  const options = [...optionsOf(fields), ...(labels ? ['--labels', 'labels.txt'] : [])];
  return `${list}${['limn import onnx', shellWord(model), ...options, '-o', shellWord(output)].join(' ')}`;
}
