import { failRequest } from '../../common/error.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import { quoted } from '../../common/quoted.ts';
import type { TrainRequest } from '../../verbs/index.ts';
import {
  type Command,
  command,
  Option,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
} from '../command.ts';
import { loudness } from '../loudness.ts';
import { type PlaceOptions, withPlaceOptions } from '../options/place.ts';
import { type TrainingPrint, trainAndPrint } from '../print/training.ts';

type Options = TrainRequest & PlaceOptions & TrainingPrint & { readonly overwrite?: boolean };

export function trainCommand(): Command {
  const given = command('train')
    .description(
      "Trains a network by Caffe's solver and train_val files. The run's folder gets snapshots that Caffe reads " +
        '(.caffemodel, .solverstate) and that limn goes on from to the last bit (.limnstate), log.jsonl, clock.jsonl, ' +
        'and train.log in the wording of Caffe. SIGINT: a snapshot, then the end; SIGHUP: a snapshot.',
    )
    .requiredOption('--solver <file>', "Caffe's solver, .prototxt")
    .option(
      '--weights <files>',
      'what to start from, by layer name: .caffemodel or .onnx, several with commas; layers that are in none start from their fillers',
      list,
      [],
    )
    .option(
      '--snapshot <file>',
      'go on from it: a .limnstate, a .solverstate (of Caffe, too), or a folder of a run for its newest one',
    );
  withPlaceOptions(given, 'the files')
    .addOption(
      new Option(
        '--schedule <name>',
        "iterations: the solver file's, or those of the paper's published weights",
      )
        .choices(['as-committed', 'paper'])
        .default('as-committed'),
    )
    .option('--set <field=value>', 'another value for a field of the solver; repeatable', setting, {})
    .option(
      '--seed <n>',
      "of order, crops, mirrors, dropout, fillers; the solver's random_seed, or 0",
      parseWhole(),
    )
    .option('--shuffle', 'take databases in another order in each epoch, which Caffe cannot')
    .option('--threads <n>', 'threads in all; as many as there are cores unless given', parseWhole(1))
    .option('--keep <n>', 'how many snapshots stay; all unless given', parseWhole(1))
    .option('--tensorboard', "write TensorBoard's event file into the folder, too")
    .requiredOption('-o, --output <folder>', "the run's folder");
  return withExamples(withJson(withOverwrite(given)), [
    ['from scratch', 'limn train --solver solver.prototxt -o runs/first'],
    [
      'fine-tune, with the data of another machine',
      'limn train --solver solver.prototxt --weights bvlc_googlenet.caffemodel --data-root adience -o runs/age',
    ],
    ['go on where it was stopped', 'limn train --solver solver.prototxt --snapshot runs/age -o runs/age'],
  ]).action(({ overwrite, json, ...request }: Options) =>
    withOutputs({ overwrite }, (outputs) =>
      trainAndPrint(request, outputs, { quiet: loudness() === 'quiet', json }),
    ),
  );
}

const list = (text: string, before: readonly string[]): string[] => [
  ...before,
  ...text.split(',').filter((name) => name !== ''),
];

function setting(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const match = /^\s*(\w+)\s*=(.*)$/.exec(text);
  return match
    ? { ...before, [match[1]]: match[2] }
    : failRequest('--set', `expected FIELD=VALUE, got ${quoted(text)}`, 'as in --set max_iter=100');
}
