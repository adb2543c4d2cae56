import { plural } from '../common/format.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { type Command, command, withExamples, withJson, withOverwrite } from './command.ts';
import { complain } from './errors.ts';
import { print, printJson } from './output.ts';
import { Progress } from './progress.ts';

interface Options {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly skipBad?: boolean;
  readonly json?: boolean;
}

export function dataSquareCommand(): Command {
  const given = command('square')
    .summary("pad pictures to squares by repeating their borders, as the paper's")
    .description(
      'Pads every picture under a folder to a square by repeating its border rows or columns, into the same paths ' +
        'under another folder. Squares are copied as they are. A second run makes only what is missing or has changed.',
    )
    .argument('<folder>', 'the pictures')
    .requiredOption('-o, --output <folder>', 'where to')
    .option('--skip-bad', 'go on after pictures that cannot be read, and list them');
  return withExamples(withJson(withOverwrite(given)), [
    ['the faces that are aligned by rotation only', 'limn data square faces -o faces_squared'],
  ]).action((folder: string, options: Options) =>
    withOutputs(options, (outputs) => square(outputs, folder, options)),
  );
}

async function square(outputs: Outputs, folder: string, options: Options): Promise<void> {
  const { squareTree } = await import('../data/pictures/square.node.ts');
  const progress = new Progress('pictures');
  try {
    const { written, kept, failed } = await squareTree(folder, options.output, {
      skipBad: options.skipBad,
      outputs,
      progress: (done, total) => progress.at(done, total),
    });
    progress.clear();
    for (const { message } of failed) complain(message);
    const { output } = options;
    if (options.json) printJson({ output, written, kept, failed: failed.map(({ message }) => message) });
    else {
      const bad = failed.length > 0 ? `, ${failed.length} could not be read` : '';
      print(
        `${output}: ${plural(written, 'picture')} written, ${kept} ${kept === 1 ? 'was' : 'were'} there already${bad}\n`,
      );
    }
  } finally {
    progress.clear();
  }
}
