import { Argument } from 'commander';
import { failRequest } from '../../common/error.ts';
import { type Command, command, withExamples } from '../command.ts';
import { completionScript, type Shell, shells } from '../completion.ts';
import { toStdout } from '../terminal.ts';

/** `all`: the program with all its commands, of which the script tells. */
export function completionCommand(): Command {
  const given = command('completion')
    .description(
      'Prints a script that completes commands, options and their values in a shell, and files where a file is meant.',
    )
    .addArgument(new Argument('[shell]', 'whose').choices(shells));
  return withExamples(given, [
    ['in bash, from now on', "echo 'source <(limn completion bash)' >> ~/.bashrc"],
    ['in zsh, after compinit', "echo 'source <(limn completion zsh)' >> ~/.zshrc"],
    ['in fish', 'limn completion fish > ~/.config/fish/completions/limn.fish'],
  ]).action((shell: Shell | undefined, _, self: Command) => {
    if (shell === undefined)
      failRequest('completion', 'no shell is given', `limn completion ${shells.join(', ')}: one of them`);
    const { parent } = self;
    if (parent) toStdout(completionScript(parent, shell));
  });
}
