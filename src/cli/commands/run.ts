import { failRequest } from '../../common/error.ts';
import { readStart } from '../../common/file.node.ts';
import {
  type Command,
  command,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
  withRunOptions,
} from '../command.ts';
import { type ModelOptions, runOneModel } from './run-model.ts';
import type { PlanOptions } from './run-plan.ts';

type Options = Partial<ModelOptions & PlanOptions>;

export function runCommand(): Command {
  const given = withRunOptions(
    command('run')
      .description(
        'Runs the units of a plan on this machine, each after those that it needs: skips what is finished, goes on with what ' +
          'was interrupted. Calls on the same plan, also from other machines, share its units. ' +
          'Ctrl-C lets trainings write a snapshot and stops.\n\n' +
          'Or feeds tensors to a model as they are, without any preprocessing, and writes the tensors that it computes as ' +
          '.npy files: for people who compare implementations.',
      )
      .usage('PLAN [options]\n       limn run MODEL.onnx --input X.npy -o FOLDER [options]')
      .argument('<file>', "limn plan's plan, or an .onnx model")
      .option('--workers <n>', 'of a plan: units at a time; 1 unless given', parseWhole(1))
      .option(
        '--only <pattern...>',
        "of a plan: units whose name fits, as 'age_*/fold-0/*', or whose id begins so",
      )
      .option(
        '--input <file...>',
        'of a model: X.npy for the first input, NAME=X.npy for the one of that name',
      )
      .option(
        '--outputs <name...>',
        "of a model: outputs or layers inside the network, or 'all'; the model's outputs unless given",
      )
      .option('-o, --output <folder>', 'of a model: where to; a file per tensor'),
  );
  return withExamples(withJson(withOverwrite(given)), [
    ['all of a plan, two units at a time', 'limn run work/plan.json --workers 2'],
    ['one fold of one network', "limn run work/plan.json --only 'age_finetuning_googlenet/fold-0/*'"],
    ['the scores of a prepared batch', 'limn run net.onnx --input batch.npy -o out'],
    ['what two layers compute', 'limn run net.onnx --input batch.npy --outputs conv1 pool5 -o out'],
    ['everything', 'limn run net.onnx --input batch.npy --outputs all -o out'],
  ]).action(run);
}

async function run(path: string, options: Options, self: Command): Promise<void> {
  const { looksLikePlan } = await import('../../plan/planfile.ts');
  const isPlan = looksLikePlan(await readStart(path, 64));
  const others = isPlan ? ['input', 'outputs', 'output', 'threads', 'provider'] : ['workers', 'only'];
  const stray = others.find((name) => self.getOptionValueSource(name) === 'cli');
  if (stray) failRequest(`--${stray}`, isPlan ? `${path} is a plan` : `${path} is no plan`, 'leave it out');
  if (isPlan) return (await import('./run-plan.ts')).runOnePlan(path, { workers: 1, ...options });
  const { input, output, provider = 'cpu' } = options;
  if (!input) failRequest('--input', 'missing: what is the model fed with?', 'add --input X.npy');
  if (output === undefined) failRequest('--output', 'missing: where to?', 'add -o FOLDER');
  return runOneModel(path, { ...options, input, output, provider });
}
