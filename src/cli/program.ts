import { failRequest } from '../common/error.ts';
import { duration } from '../common/format.ts';
import { meant } from '../common/nearest.ts';
import { quoted } from '../common/quoted.ts';
import { version } from '../common/version.ts';
import { type Command, CommanderError, command } from './command.ts';
import { loudness, setLoudness } from './loudness.ts';
import { endBy, handleSignals } from './signals.ts';

/** What each command is for, and its file, which is loaded only if the command is called. */
const commands: Readonly<Record<string, readonly [summary: string, load: () => Promise<() => Command>]>> = {
  import: [
    'make a self-describing .onnx model from Caffe, ONNX, the Hugging Face hub, TensorFlow.js or face-api',
    async () => (await import('./commands/import.ts')).importCommand,
  ],
  inspect: [
    'list layers, shapes, parameters, multiply-adds, preprocessing and labels',
    async () => (await import('./commands/inspect.ts')).inspectCommand,
  ],
  classify: ['say what is in photos', async () => (await import('./commands/classify.ts')).classifyCommand],
  faces: [
    'find faces in photos and cut them out, aligned',
    async () => (await import('./commands/faces.ts')).facesCommand,
  ],
  explain: [
    'show which pixels of a photo speak for a class, and which against it',
    async () => (await import('./commands/explain.ts')).explainCommand,
  ],
  faithfulness: [
    'measure whether heatmaps are true, and which method is best',
    async () => (await import('./commands/faithfulness.ts')).faithfulnessCommand,
  ],
  clusters: [
    'find what heatmaps have in common: the ways in which a network looks',
    async () => (await import('./commands/clusters.ts')).clustersCommand,
  ],
  concepts: [
    'show what the channels that carry a decision stand for',
    async () => (await import('./commands/concepts.ts')).conceptsCommand,
  ],
  compile: [
    'write forward and relevance as one portable .onnx file',
    async () => (await import('./commands/compile.ts')).compileCommand,
  ],
  evaluate: [
    'measure models on labelled photos',
    async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  ],
  merge: [
    'put shards of an evaluation, or of an analysis of heatmaps, together',
    async () => (await import('./commands/merge.ts')).mergeCommand,
  ],
  data: [
    'prepare labelled pictures: lists, squares, databases, mean images',
    async () => (await import('./commands/data.ts')).dataCommand,
  ],
  compare: [
    'hold evaluations against each other: intervals, paired tests, groups, tables',
    async () => (await import('./commands/compare.ts')).compareCommand,
  ],
  doctor: [
    'find mistakes in how a model is used, with evidence and the fix',
    async () => (await import('./commands/doctor.ts')).doctorCommand,
  ],
  draw: [
    'draw raw heatmaps that are there already, of several models and photos',
    async () => (await import('./commands/draw.ts')).drawCommand,
  ],
  regions: [
    'measure where models look in faces, and how alike their heatmaps are',
    async () => (await import('./commands/regions.ts')).regionsCommand,
  ],
  average: [
    'draw the mean of several raw heatmaps',
    async () => (await import('./commands/average.ts')).averageCommand,
  ],
  report: [
    'make one HTML page of a comparison, which opens offline',
    async () => (await import('./commands/report.ts')).reportCommand,
  ],
  plot: [
    'draw how trainings went: loss, accuracy, learning rate',
    async () => (await import('./commands/plot.ts')).plotCommand,
  ],
  grid: [
    'compare what several models look at: photos × models, or average heatmaps',
    async () => (await import('./commands/grid.ts')).gridCommand,
  ],
  train: [
    "train a network by Caffe's solver, from scratch or on from other weights",
    async () => (await import('./commands/train.ts')).trainCommand,
  ],
  test: [
    'run the test phase of a network, or a model on labelled pictures, for a while',
    async () => (await import('./commands/test.ts')).testCommand,
  ],
  plan: [
    'list many trainings, imports and evaluations as units',
    async () => (await import('./commands/plan.ts')).planCommand,
  ],
  study: [
    'do a whole study of one file: from folders of photos to a report',
    async () => (await import('./commands/study.ts')).studyCommand,
  ],
  init: [
    "make untrained weights from a Caffe network's fillers",
    async () => (await import('./commands/init.ts')).initCommand,
  ],
  run: [
    'run the units of a plan; or feed a tensor to a model and keep the raw tensors that it computes',
    async () => (await import('./commands/run.ts')).runCommand,
  ],
  status: [
    'say how the units of a plan stand, here and on a cluster',
    async () => (await import('./commands/status.ts')).statusCommand,
  ],
  cancel: [
    "take the units of a plan out of a cluster's queue",
    async () => (await import('./commands/cancel.ts')).cancelCommand,
  ],
  collect: [
    'gather what the units of a plan made in one folder',
    async () => (await import('./commands/collect.ts')).collectCommand,
  ],
  worker: [
    'do one unit of a plan, as its executor asks',
    async () => (await import('./commands/worker.ts')).workerCommand,
  ],
  studio: [
    'serve a page that shows what a network sees',
    async () => (await import('./commands/studio.ts')).studioCommand,
  ],
  completion: [
    'complete calls of limn in bash, zsh or fish',
    async () => (await import('./commands/completion.ts')).completionCommand,
  ],
  demo: [
    "explain an astronaut's face with a network from npm",
    async () => (await import('./commands/demo.ts')).demoCommand,
  ],
};

const examples = `
Examples:
  $ limn import caffe deploy.prototxt weights.caffemodel --mean mean.binaryproto --labels words.txt -o net.onnx
  $ limn classify net.onnx photo.jpg
  $ limn explain net.onnx photo.jpg -o out
  $ limn explain --help`;

/** Runs the command line. The process' exit code: 0, 1 if it failed on its data, 2 if it was called wrongly. */
export async function run(argv: readonly string[]): Promise<void> {
  leaveCleanly();
  try {
    const words = asked(argv);
    await (await programFor(words)).parseAsync(words, { from: 'user' });
    if (loudness() === 'verbose') (await telling()).note(whatItTook());
  } catch (error) {
    // Help and version, which were asked for and are printed.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    (await telling()).reportError(error);
  }
}

/** Of the process so far. */
const whatItTook = (): string =>
  `${duration(performance.now())}, ${Math.round(process.resourceUsage().maxRSS / 1024)} MB of memory at most`;

/** How errors are told, for which `--help` need not wait. */
const telling = () => import('./errors.ts');

/** The words of a call: `limn help import caffe` is `limn import caffe --help`. */
const asked = (argv: readonly string[]): string[] => {
  const at = argv.findIndex((word) => !word.startsWith('-'));
  return argv[at] === 'help' && argv.length > at + 1
    ? [...argv.slice(0, at), ...argv.slice(at + 1), '--help']
    : [...argv];
};

export async function programFor(argv: readonly string[]): Promise<Command> {
  const program = command('limn')
    .description('Classifies photos, shows why, and trains, measures and compares the networks that do it.')
    .usage('COMMAND …')
    .version(version)
    .option('-q, --quiet', 'print results and errors only')
    .option('-v, --verbose', 'print also where errors come from, and what time and memory it took')
    .addHelpText('after', examples);
  const called = argv.find((word) => !word.startsWith('-'));
  // Completion tells of all commands.
  const needsAll = called === 'completion';
  for (const [name, [summary, load]] of Object.entries(commands)) {
    if (name === called) await prepare();
    const loads = needsAll || name === called;
    program.addCommand((loads ? (await load())() : command(name)).summary(summary));
  }
  // Asked for help, commander would help with the command around one that does not exist.
  if (argv.includes('--help') || argv.includes('-h')) checkKnown(program, argv);
  return program.hook('preAction', () => {
    const { quiet, verbose } = program.opts<{ quiet?: boolean; verbose?: boolean }>();
    setLoudness(quiet ? 'quiet' : verbose ? 'verbose' : 'normal');
  });
}

/** Errors: the words before the first option name a command that does not exist. */
function checkKnown(program: Command, argv: readonly string[]): void {
  let inner = program;
  for (const word of argv) {
    if (word.startsWith('-') || inner.commands.length === 0) return;
    const found = inner.commands.find((each) => each.name() === word);
    if (!found) {
      const names = inner.commands.map((each) => each.name());
      failRequest(`command ${quoted(word)}`, 'there is none of this name', meant(word, names));
    }
    inner = found;
  }
}

/** Before a command is loaded: what may have to be said of it is there, though nothing more could be loaded then. */
async function prepare(): Promise<void> {
  const [{ note }, { whenWithoutBinary }] = await Promise.all([
    telling(),
    import('../runtime/binary.node.ts'),
  ]);
  whenWithoutBinary(note);
}

/** Whatever ends the process early, no half-written file stays behind, and nobody sees more of it than a message. */
function leaveCleanly(): void {
  handleSignals(endBy);
  // An error that nothing awaited: what else still runs cannot be trusted, and would keep the process.
  const lost = async (error: unknown) => {
    (await telling()).reportError(error);
    process.exit();
  };
  process.on('unhandledRejection', lost).on('uncaughtException', lost);
  // Node ignores this one, so a closed pipe is an error of the stream: whoever read the results wants no more of them.
  process.on('SIGPIPE', () => {});
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', async (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return endBy('SIGPIPE');
      const told = process.exitCode === 1;
      process.exitCode = 1;
      if (!told) (await telling()).reportUnwritten(error);
    });
  }
}
