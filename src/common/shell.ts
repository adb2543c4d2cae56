/** Any text as one word of a POSIX shell's command line, as fish and zsh read it, too. */
export const shellWord = (text: string): string =>
  /^[\w@%+:,./-][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** The option of limn's command line that sets a field of a request: `labelColumns` → `--label-columns`. */
export const flagNameOf = (field: string): string =>
  `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
