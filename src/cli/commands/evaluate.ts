import { failRequest } from '../../common/error.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import { quoted } from '../../common/quoted.ts';
import type { EvaluateRequest } from '../../verbs/evaluate/index.ts';
import {
  type Command,
  command,
  Option,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
  withParquet,
  withRunOptions,
  withShard,
} from '../command.ts';
import { goesOnAgain } from '../follow.ts';
import { foldList } from '../options/folds.ts';
import { evaluatedFolder } from '../options/output.ts';
import { evaluateAndPrint } from '../print/evaluation.ts';

type Options = Omit<EvaluateRequest, 'models' | 'data' | 'output'> & {
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly predictionsInRows?: boolean;
  readonly json?: boolean;
};

export function evaluateCommand(): Command {
  const given = command('evaluate')
    .description(
      'Asks models about labelled photos and measures their answers: accuracy, one-off accuracy of ordered classes, ' +
        'precision and recall, calibration, confusion; errors of regressions. DATA is an image list (path label), an ' +
        'LMDB database, a folder with one folder per class, or a .csv manifest. Every answer is kept in the result ' +
        'folder. An interrupted call goes on where it stopped when it is repeated.',
    )
    .usage('[options] MODEL… DATA')
    .argument('<paths...>', 'one or more .onnx models, then the labelled photos')
    .option(
      '-o, --output <folder>',
      'the result folder; of several models or folds, the folder of theirs; results/TARGET/MODEL unless given',
    )
    .addOption(
      new Option(
        '--crops <kind>',
        'the middle; the mean over ten (corners and middle, mirrored as well); the bottom right, as was published',
      )
        .choices(['center', 'ten', 'published'])
        .default('center'),
    )
    .option('--target <column>', 'what is asked for: age, gender, or any column of a manifest')
    .option('--head <name>', "the model's output that answers; the one named like the target unless given")
    .addOption(new Option('--as <classes>', "sort ages, a regression's too, into these").choices(['adience']))
    .addOption(
      new Option('--between <what>', 'true ages that no class holds are dropped, or go to the nearest')
        .choices(['drop', 'nearest'])
        .default('drop'),
    )
    .option('--ordered', 'classes have an order: measure one-off accuracy (ages always do)')
    .option('--images <folder>', "the folder that a list's paths start from; its own unless given")
    .option('--person-column <name>', 'the column that says whose face it is')
    .option('--fold-column <name>', 'the column that says which fold a photo is in')
    .option('--batch <n>', 'network inputs per run: photos × crops', parseWhole(1), 32)
    .option('--folds <list>', 'repeat for these, 0-4 or 0,2, which replace {fold} in the paths', foldList)
    .option('--name <text>', 'what tables and charts call it; the model file unless given')
    .option('--place <key=value>', 'where it stands in a table: architecture=vgg16; repeatable', placed, {})
    .option('--predictions-in-rows', 'print the confusion as the original evaluation does')
    .option('--skip-bad', 'go on without photos that are missing or cannot be read, and record them')
    .option('--restart', 'forget an unfinished or other result in the folder');
  return withExamples(withJson(withOverwrite(withParquet(withRunOptions(withShard(given)), 'answers.csv'))), [
    ['a gender classifier', 'limn evaluate gender.onnx faces/manifest.csv --target gender'],
    [
      "a regression of age, as Adience's classes",
      'limn evaluate face-api-age-gender.onnx faces/manifest.csv --target age --as adience -o results/age',
    ],
    [
      'the five folds of the paper with ten crops, also in the published text format',
      'limn evaluate age_{fold}.onnx lists/test_fold_is_{fold}/age_test.txt --images aligned --target age ' +
        '--folds 0-4 --crops ten -o results/age',
    ],
    [
      'all snapshots of a training; each photo is decoded once',
      'limn evaluate snapshots/*.onnx val_lmdb --target age -o results/snapshots',
    ],
  ]).action(evaluateModels);
}

async function evaluateModels(
  paths: readonly string[],
  { overwrite, predictionsInRows, json = false, ...options }: Options,
): Promise<void> {
  const data = paths.at(-1)!;
  const models = paths.slice(0, -1);
  if (models.length === 0) failRequest(data, 'no data to evaluate on', 'limn evaluate MODEL.onnx DATA');
  const request = { output: evaluatedFolder({ ...options, models }), ...options, models, data };
  goesOnAgain();
  await withOutputs({ overwrite }, (outputs) =>
    evaluateAndPrint(request, outputs, { predictionsInRows, json }),
  );
}

function placed(text: string, before: Record<string, string>): Record<string, string> {
  const match = /^([^=]+)=(.*)$/.exec(text);
  return match
    ? { ...before, [match[1].trim()]: match[2].trim() }
    : failRequest('--place', `expected key=value, got ${quoted(text)}`);
}
