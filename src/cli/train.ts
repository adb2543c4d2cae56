import { dirname, join } from 'node:path';
import { failRequest } from '../common/error.ts';
import { duration } from '../common/format.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { quoted } from '../common/quoted.ts';
import { scoped } from '../common/scope.ts';
import type { Definition } from '../training/definition.node.ts';
import type { PathResolver } from '../training/paths.node.ts';
import { logPaths } from '../training/run/logfile.node.ts';
import type { Snapshot } from '../training/run/snapshot.node.ts';
import type { Level } from '../training/run/wording.ts';
import type { Schedule } from '../training/schedule.ts';
import type { TrainOptions } from '../training/train.node.ts';
import {
  type Command,
  collect,
  command,
  Option,
  whole,
  withExamples,
  withJson,
  withOverwrite,
} from './command.ts';
import { complain } from './errors.ts';
import { print, printJson } from './output.ts';
import { TrainingProgress } from './progress.ts';
import { listenForRequests, type SignalRequests } from './requests.ts';
import { toStderr } from './terminal.ts';

interface Options {
  readonly solver: string;
  readonly weights: readonly string[];
  readonly snapshot?: string;
  readonly map: readonly string[];
  readonly dataRoot?: string;
  readonly schedule: Schedule;
  readonly set: Readonly<Record<string, string>>;
  readonly seed?: number;
  readonly shuffle?: boolean;
  readonly threads?: number;
  readonly keep?: number;
  readonly tensorboard?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly output: string;
  readonly overwrite?: boolean;
}

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
    )
    .option(
      '--map <old=new>',
      'paths in the files that begin with OLD begin with NEW; repeatable',
      collect,
      [],
    )
    .option('--data-root <folder>', 'where databases, lists and means of other machines are looked for')
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
      whole(),
    )
    .option('--shuffle', 'take databases in another order in each epoch, which Caffe cannot')
    .option('--threads <n>', 'threads in all; as many as there are cores unless given', whole(1))
    .option('--keep <n>', 'how many snapshots stay; all unless given', whole(1))
    .option('--tensorboard', "write TensorBoard's event file into the folder, too")
    .option('--quiet', 'print nothing but the end')
    .requiredOption('-o, --output <folder>', "the run's folder");
  return withExamples(withJson(withOverwrite(given)), [
    ['from scratch', 'limn train --solver solver.prototxt -o runs/first'],
    [
      'fine-tune, with the data of another machine',
      'limn train --solver solver.prototxt --weights bvlc_googlenet.caffemodel --data-root adience -o runs/age',
    ],
    ['go on where it was stopped', 'limn train --solver solver.prototxt --snapshot runs/age -o runs/age'],
  ]).action((options: Options) => withOutputs(options, (outputs) => train(outputs, options)));
}

const list = (text: string, before: readonly string[]): string[] => [
  ...before,
  ...text.split(',').filter((name) => name !== ''),
];

function setting(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const match = /^\s*(\w+)\s*=(.*)$/.exec(text);
  return match
    ? { ...before, [match[1]!]: match[2]! }
    : failRequest('--set', `expected FIELD=VALUE, got ${quoted(text)}`, 'as in --set max_iter=100');
}

async function train(outputs: Outputs, options: Options): Promise<void> {
  if (options.snapshot !== undefined && options.weights.length > 0)
    failRequest('--weights', 'a snapshot has its own weights', 'give --weights or --snapshot, not both');
  const [{ openDefinition, readSolver }, { batchSizeOf }, { pathResolver }, { readSnapshot }, { trainNet }] =
    await Promise.all([
      import('../training/definition.node.ts'),
      import('../training/engine/parts.ts'),
      import('../training/paths.node.ts'),
      import('../training/run/snapshot.node.ts'),
      import('../training/train.node.ts'),
    ]);
  const say = options.quiet ? () => {} : complain;
  const find = pathResolver({
    maps: options.map,
    ...(options.dataRoot !== undefined && { dataRoot: options.dataRoot }),
    base: dirname(options.solver),
    tell: (path, found) => say(`${path} is ${found}`),
  });
  const resolve: PathResolver = (...path) => {
    const found = find(...path);
    outputs.reads([found, join(found, 'data.mdb')]);
    return found;
  };
  const solver = await readSolver(options.solver, options);
  outputs.reads([options.solver, ...options.weights, ...solver.settings.weights]);
  await outputs.own(options.output);
  await outputs.claim(logPaths(options.output, options.tensorboard === true));
  const snapshot = options.snapshot === undefined ? undefined : await readSnapshot(options.snapshot);
  const seed = seedOf(options, solver.settings.randomSeed, snapshot);
  let requests: SignalRequests | undefined;
  const trained = await scoped(async (own) => {
    const definition = own(
      await openDefinition(options.solver, solver, {
        seed,
        resolve,
        threads: 1,
        ...(options.shuffle && { shuffle: true }),
        complain,
      }),
    );
    const from = snapshot ? { snapshot } : await initial(definition, options, seed, say);
    const { settings, train: fed } = definition;
    const images = batchSizeOf(fed.graph) * settings.iterSize;
    const bar = new TrainingProgress(snapshot?.iteration ?? 0, settings.maxIter, images);
    own({ close: () => bar.clear() });
    return trainNet({
      definition,
      folder: options.output,
      outputs,
      from,
      seed,
      listen: () => {
        requests = listenForRequests();
        return requests;
      },
      ...(options.threads !== undefined && { threads: options.threads }),
      ...(options.keep !== undefined && { keep: options.keep }),
      ...(options.tensorboard && { tensorboard: true }),
      ...(!options.quiet && {
        print: (line: string, level: Level) => {
          bar.clear();
          if (level === 'I') toStderr(`${line}\n`);
          else complain(line);
        },
        progress: (iteration: number, loss: number) => bar.at(iteration, loss),
      }),
    });
  });
  if (trained.how === 'stopped') process.exitCode = requests?.exitCode ?? 130;
  const { how, iteration, files, notes, seconds, waited } = trained;
  if (options.json)
    return printJson({ how, iteration, seed, seconds, waited, notes, ...(files && { snapshot: files }) });
  const waits = seconds > 0 ? ((100 * waited) / seconds).toFixed(1) : '0.0';
  print(
    `${how === 'done' ? 'trained' : 'stopped after'} ${iteration} iterations in ${duration(1000 * seconds)}, ` +
      `${waits} % of it waiting for data${files ? `: ${files.model}` : ''}\n`,
  );
}

/** A run that goes on keeps its seed: another would give other batches than those that it has seen. */
function seedOf({ seed }: Options, own: number | undefined, snapshot: Snapshot | undefined): number {
  const before = snapshot?.run?.seed;
  if (before !== undefined && seed !== undefined && seed !== before)
    failRequest('--seed', `the snapshot was made with ${before}, got ${seed}`, 'leave it out');
  return before ?? seed ?? own ?? 0;
}

/** The weights to start from, and what is said about them. */
async function initial(
  { train: { graph, file }, settings }: Definition,
  { weights }: Options,
  seed: number,
  say: (line: string) => void,
): Promise<TrainOptions['from']> {
  const [{ describeInitial, initialWeights }, { readSource }] = await Promise.all([
    import('../training/initial.ts'),
    import('../training/source.node.ts'),
  ]);
  const sources = await Promise.all((weights.length > 0 ? weights : settings.weights).map(readSource));
  const made = initialWeights(graph.parameters, sources, { seed, file });
  for (const line of describeInitial(made).trimEnd().split('\n')) say(line);
  return { weights: made.weights };
}
