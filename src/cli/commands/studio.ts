import { type Command, command, Option, parseWhole, withExamples } from '../command.ts';
import { note } from '../errors.ts';
import { print } from '../output.ts';

interface Options {
  readonly port?: number;
  readonly host?: string;
  readonly allowHost?: readonly string[];
  readonly open?: boolean;
  readonly page?: string;
}

export function studioCommand(): Command {
  const given = command('studio')
    .description(
      'Serves a page that shows what a network sees, to the browser on this machine: drop a photo or a model, compare, find ' +
        'the mistakes. With a folder, its models, photos, evaluations, comparisons and trainings can be opened; nothing in it is changed, ' +
        'and nothing leaves this machine. Prints the address, and ends by Ctrl-C.',
    )
    .argument('[folder]', 'whose files can be opened')
    .option(
      '--port <n>',
      'the port; 5466, or the next that is free, unless given; 0 for any',
      parseWhole(0, 65_535),
    )
    .option('--host <address>', 'the address to listen at; that of this machine alone unless given')
    .option('--allow-host <name...>', 'further names that the server may be called by, as behind a proxy')
    .option('--open', 'open the page in the browser')
    .addOption(new Option('--page <folder>', 'another build of the page').hideHelp());
  return withExamples(given, [
    ['with what lies in this folder', 'limn studio .'],
    ['in the browser at once', 'limn studio results --open'],
    [
      'on another machine: there this, here ssh -L 5466:localhost:5466 MACHINE',
      'limn studio /data/faces --port 5466',
    ],
  ]).action(serveUntilEnded);
}

/** Signals end this process, and with it all connections. */
async function serveUntilEnded(folder: string | undefined, { open, ...options }: Options): Promise<void> {
  const { serveStudio } = await import('../../server/serve.node.ts');
  const { address, notes } = await serveStudio({ ...options, folder });
  print(`${address}\n`);
  for (const text of notes) note(text);
  if (!open) return;
  const { default: openInBrowser } = await import('open');
  const program = await openInBrowser(address).catch(() => undefined);
  const complain = () => note('no browser could be opened: open the address yourself');
  if (program) program.on('error', complain);
  else complain();
}
