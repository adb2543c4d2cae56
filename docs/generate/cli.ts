import { execFileSync } from 'node:child_process';
import { page } from './markdown.ts';

/** The reference of the command line: what every command says when it is asked for help. `main` is limn's script. */
export function cliPage(main: string): string {
  const help = (...words: readonly string[]): string =>
    execFileSync(process.execPath, [main, ...words, '--help'], {
      encoding: 'utf8',
      env: { ...process.env, COLUMNS: undefined, NO_COLOR: '1' },
    }).trimEnd();
  const sections: string[] = [];
  const walk = (words: readonly string[]): void => {
    const text = help(...words);
    const inner = commandsIn(text);
    sections.push(`## limn ${words.join(' ')}`.trimEnd(), `\`\`\`text\n${text}\n\`\`\``);
    for (const name of inner) walk([...words, name]);
  };
  walk([]);
  return page(
    'Command line',
    'Every command as it describes itself: `limn COMMAND --help` prints the same.',
    'Results go to standard output, progress and errors to standard error. ' +
      'Exit codes: 0 all went well, 1 something is wrong with the data, 2 the call is wrong; see [errors](errors.md). ' +
      'With `--json` a command prints one JSON document instead of text.',
    ...sections,
  );
}

/** The names below `Commands:` in a help text. */
function commandsIn(help: string): string[] {
  const [, list = ''] = help.split(/^Commands:\n/m);
  const lines = list.split('\n\n')[0].split('\n');
  return lines.flatMap((line) => /^ {2}(\S+)/.exec(line)?.[1] ?? []).filter((name) => name !== 'help');
}
