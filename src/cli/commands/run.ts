import { failRequest } from '../../common/error.ts';
import { readStart } from '../../common/file.node.ts';
import { field, words } from '../../common/words.ts';
import {
  type Command,
  command,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
  withRunOptions,
} from '../command.ts';
import {
  type ClusterOptions,
  ofClusters,
  ofKubernetes,
  ofSlurm,
  withClusterOptions,
} from '../options/cluster.ts';
import { type ModelOptions, runOneModel } from './run-model.ts';
import type { PlanOptions } from './run-plan.ts';

type Options = Partial<ModelOptions & PlanOptions & ClusterOptions>;

/** Options that plans have, and models. */
const ofPlan = ['workers', 'only', 'settle', 'on'];
const ofModel = ['input', 'outputs', 'threads', 'provider'];

export function runCommand(): Command {
  const given = withRunOptions(
    command('run')
      .description(
        'Runs the units of a plan on this machine, each after those that it needs: skips what is finished, goes on with what ' +
          'was interrupted. Calls on the same plan, also from other machines, share its units. ' +
          'Ctrl-C lets trainings write a snapshot and stops. On Slurm it makes job arrays of them, which depend on each other; ' +
          'Ctrl-C then leaves them in the queue.\n\n' +
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
        '--settle <s>',
        'of a plan: seconds that a shared folder may take to show what other machines wrote; 0 unless given, on a cluster 60',
        parseWhole(),
      )
      .option(
        '--input <file...>',
        'of a model: X.npy for the first input, NAME=X.npy for the one of that name',
      )
      .option(
        '--outputs <name...>',
        "of a model: outputs or layers inside the network, or 'all'; the model's outputs unless given",
      )
      .option('-o, --output <folder>', 'of a model: where to, a file per tensor; of --dry-run: where to'),
  );
  return withExamples(withJson(withOverwrite(withClusterOptions(given))), [
    ['all of a plan, two units at a time', 'limn run work/plan.json --workers 2'],
    ['one fold of one network', "limn run work/plan.json --only 'age_finetuning_googlenet/fold-0/*'"],
    [
      'the same on Slurm, four trainings at a time, each with 8 processors for a day',
      'limn run work/plan.json --on slurm --cpus 8 --mem 16G --time 1-0 --max-units 4 --detach',
    ],
    ['the scores of a prepared batch', 'limn run net.onnx --input batch.npy -o out'],
    ['what two layers compute', 'limn run net.onnx --input batch.npy --outputs conv1 pool5 -o out'],
    ['everything', 'limn run net.onnx --input batch.npy --outputs all -o out'],
  ]).action(run);
}

async function run(path: string, options: Options, self: Command): Promise<void> {
  const { looksLikePlan } = await import('../../plan/planfile.ts');
  const isPlan = looksLikePlan(await readStart(path, 64));
  const { on } = options;
  const given = (names: readonly string[]) => names.find((name) => self.getOptionValueSource(name) === 'cli');
  const stray = (names: readonly string[], why: string, fix = 'leave it out') => {
    const name = given(names);
    if (name !== undefined) failRequest(words`${field(name)}`, why, fix);
  };
  const cluster = [...ofClusters, ...ofSlurm, ...ofKubernetes];
  if (!isPlan) stray([...ofPlan, ...cluster], `${path} is no plan`);
  if (isPlan) stray(ofModel, `${path} is a plan`);
  if (isPlan && !on)
    stray([...cluster, 'output'], 'it is of plans on a cluster', 'leave it out, or add --on slurm');
  if (on) stray(['workers', ...(on === 'slurm' ? ofKubernetes : ofSlurm)], `it says nothing of ${on}`);
  if (on) return (await import('./run-cluster.ts')).runOnCluster(path, options);
  if (isPlan) return (await import('./run-plan.ts')).runOnePlan(path, options);
  const { input, output, provider = 'cpu' } = options;
  if (!input) failRequest('--input', 'missing: what is the model fed with?', 'add --input X.npy');
  if (output === undefined) failRequest('--output', 'missing: where to?', 'add -o FOLDER');
  return runOneModel(path, { ...options, input, output, provider });
}
