import { withOutputs } from '../../common/outputs.node.ts';
import type { PlotRequest } from '../../verbs/index.ts';
import { type Command, command, Option, parseWhole, withExamples, withOverwrite } from '../command.ts';
import { plotAndPrint } from '../print/reports.ts';

type Options = Omit<PlotRequest, 'runs'> & { readonly overwrite?: boolean };

export function plotCommand(): Command {
  const given = command('plot')
    .description(
      'Draws how trainings went: loss, accuracy and learning rate against iteration or time, several runs together. ' +
        "Takes run folders of limn train, their log.jsonl, Caffe's own logs, and .csv files with the columns iteration " +
        'and value and, if you like, time (seconds), metric and series.',
    )
    .argument('<run...>', 'run folders or logs')
    .requiredOption(
      '-o, --output <file>',
      'where to: .svg or .png for a picture, .html for a page with tables that opens offline',
    )
    .option('--what <names...>', 'what to draw: loss, accuracy, rate, or whatever the networks put out', [])
    .addOption(
      new Option('--x <axis>', 'against what, in a picture')
        .choices(['iteration', 'time'])
        .default('iteration'),
    )
    .option(
      '--smooth <n>',
      'draw running means over n lines of the log, the lines themselves pale; 0 for none; by its length unless given',
      parseWhole(0),
    )
    .option('--log', 'a logarithmic axis for losses, and for all else that is above 0 and no share')
    .option('--title <text>', 'the title');
  return withExamples(withOverwrite(given), [
    ['one training', 'limn plot runs/gender -o gender.svg'],
    ['two of them, their loss against time', 'limn plot runs/a runs/b --what loss --x time -o loss.png'],
    ["a page, from logs of Caffe's", 'limn plot train-*.log -o trainings.html'],
  ]).action(plotRuns);
}

async function plotRuns(runs: readonly string[], { overwrite, what, ...options }: Options): Promise<void> {
  const request = { ...options, runs, what: what?.flatMap((each) => each.split(',')) };
  await withOutputs({ overwrite }, (outputs) => plotAndPrint(request, outputs));
}
