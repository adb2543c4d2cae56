import { fail, LimnError } from '../common/error.ts';
import type { Graph, Model, Tensor } from '../graph/index.ts';
import type { Crops } from '../image/index.ts';
import { linkOf } from '../relevance/scores.ts';
import type { Session } from '../runtime/index.ts';
import {
  type Command,
  command,
  Option,
  type RunOptions,
  whole,
  withExamples,
  withJson,
  withRunOptions,
} from './command.ts';
import { complain, lineOf } from './errors.ts';
import { short } from './format.ts';
import { hostFor } from './host.ts';
import { loadModel } from './model.ts';
import { print, printJson } from './output.ts';
import { preparePhoto, preprocessingOf, readBatch, sourceOf } from './photos.ts';
import { Progress } from './progress.ts';
import { meanRow, type Ranked, ranked, valueText } from './scores.ts';
import { table } from './table.ts';

interface Options extends RunOptions {
  readonly crops: Crops;
  readonly top: number;
  readonly json?: boolean;
}

/** What the model says of one photo, by output. */
type Answer = Readonly<
  Record<string, number | { readonly probabilities: boolean; readonly top: readonly Ranked[] }>
>;

interface Answered {
  readonly photo: string;
  readonly answer: Answer;
}

interface Failed {
  readonly photo: string;
  readonly error: string;
}

export function classifyCommand(): Command {
  const given = command('classify')
    .description(
      'Says what is in photos: the best classes of every output, and outputs that are numbers. Photos are JPEG, PNG or ' +
        'WebP of any size; they are prepared as the model says. An .npy file is taken as already prepared.',
    )
    .argument('<model>', '.onnx model')
    .argument('<photo...>', 'photos, or one prepared X.npy (N×C×H×W float32)')
    .addOption(
      new Option('--crops <kind>', 'the middle, or the mean over ten: corners and middle, mirrored as well')
        .choices(['center', 'ten'])
        .default('center'),
    )
    .option('--top <n>', 'how many classes to name', whole(1), 5);
  return withExamples(withJson(withRunOptions(given)), [
    ['one photo', 'limn classify googlenet.onnx cat.jpg'],
    [
      'many, as the paper does it, for another program',
      'limn classify age.onnx faces/*.jpg --crops ten --json',
    ],
  ]).action(classify);
}

async function classify(path: string, photos: readonly string[], options: Options): Promise<void> {
  const source = await sourceOf(photos);
  const { model } = await loadModel(path);
  if (model.info.heads.length === 0) fail(path, 'limn knows the meaning of none of its outputs');
  const graph = await forward(model);
  const rows = source === 'tensor' ? 1 : photos.length * (options.crops === 'ten' ? 10 : 1);
  const host = await hostFor(graph, rows, options);
  if (source === 'tensor') {
    const batch = await readBatch(photos[0]!, model, path);
    const session = await host.runtime.load(graph, host.session);
    const results = await session.run({ [graph.inputs[0]!.name]: batch });
    await session.release();
    const answers = Array.from({ length: batch.shape[0]! }, (_, i) => {
      const photo = `${photos[0]}[${i}]`;
      return { photo, answer: answerOf(photo, model, results, i, i + 1, options.top) };
    });
    if (options.json) return printAnswers(path, answers, options);
    for (const answer of answers) print(answerText(answer));
    return;
  }

  const how = preprocessingOf(model, path);
  const [{ ordered }, session] = await Promise.all([
    import('../runtime/index.ts'),
    host.runtime.load(graph, host.session),
  ]);
  const progress = new Progress('photos');
  const results: (Answered | Failed)[] = [];
  const task = async (photo: string): Promise<Answered | Failed> => {
    try {
      const { input } = await preparePhoto(photo, model, how, options.crops);
      const outputs = await runRows(session, graph, input, host.workers);
      return { photo, answer: answerOf(photo, model, outputs, 0, input.shape[0]!, options.top) };
    } catch (error) {
      // What is wrong with one photo does not concern the others.
      if (error instanceof LimnError && error.kind === 'item') return { photo, error: lineOf(error) };
      throw error;
    }
  };
  try {
    // While the workers compute, the next photos are decoded.
    for await (const result of ordered(photos, task, host.workers + 2)) {
      progress.clear();
      results.push(result);
      if ('error' in result) {
        complain(result.error);
        process.exitCode = 1;
      } else if (!options.json) print(answerText(result));
      progress.at(results.length, photos.length);
    }
  } finally {
    progress.clear();
    // Worker threads would keep the process alive.
    await session.release();
  }
  if (options.json) printAnswers(path, results, options);
}

/** The network with the outputs that mean something, each once. */
async function forward(model: Model): Promise<Graph> {
  const { lower } = await import('../operators/index.ts');
  const wanted = new Set(model.info.heads.map(({ output }) => output));
  return lower({ ...model.graph, outputs: model.graph.outputs.filter(({ name }) => wanted.has(name)) });
}

/** Runs a batch; several workers share a photo's crops. */
async function runRows(
  session: Session,
  graph: Graph,
  input: Tensor<'float32'>,
  workers: number,
): Promise<Readonly<Record<string, Tensor>>> {
  const { name, shape } = graph.inputs[0]!;
  const count = input.shape[0]!;
  const step = typeof shape[0] === 'number' ? shape[0] : Math.ceil(count / workers);
  if (count <= step && typeof shape[0] !== 'number') return session.run({ [name]: input });
  const { joined, rows, withRows } = await import('../attribution/rows.ts');
  const parts = Array.from({ length: Math.ceil(count / step) }, async (_, i) => {
    const part = rows(input, i * step, Math.min((i + 1) * step, count));
    const results = await session.run({
      [name]: withRows(part, typeof shape[0] === 'number' ? step : part.shape[0]!),
    });
    return { results, length: part.shape[0]! };
  });
  const done = await Promise.all(parts);
  return Object.fromEntries(
    graph.outputs.map((output) => [
      output.name,
      joined(done.map(({ results, length }) => withRows(results[output.name] as Tensor<'float32'>, length))),
    ]),
  );
}

function answerOf(
  photo: string,
  { graph, info }: Model,
  outputs: Readonly<Record<string, Tensor>>,
  from: number,
  to: number,
  top: number,
): Answer {
  return Object.fromEntries(
    info.heads.map((head) => {
      const row = meanRow(outputs[head.output]!, from, to);
      const bad = row.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0)
        fail(`${photo}: output '${head.name}'`, `class ${bad} is ${row[bad]}`, 'check the weights', {
          kind: 'item',
          item: photo,
        });
      if (head.kind === 'number') return [head.name, row[0]!];
      const probabilities = linkOf(graph, head.output) !== undefined;
      return [head.name, { probabilities, top: ranked(row, head, top) }];
    }),
  );
}

function printAnswers(model: string, results: readonly (Answered | Failed)[], options: Options): void {
  const photos = results.map((result) => {
    if ('error' in result) return result;
    const outputs = Object.entries(result.answer).map(([name, value]) => {
      if (typeof value === 'number') return [name, value];
      const key = value.probabilities ? 'probability' : 'score';
      return [name, value.top.map(({ index, label, value: x }) => ({ index, label, [key]: x }))];
    });
    return { photo: result.photo, outputs: Object.fromEntries(outputs) };
  });
  printJson({ model, crops: options.crops, photos });
}

function answerText({ photo, answer }: Answered): string {
  const rows = Object.entries(answer).flatMap(([name, value]) => {
    if (typeof value === 'number') return [[`  ${name}`, short(value), '']];
    return value.top.map((each, i) => [
      i === 0 ? `  ${name}` : '',
      valueText(each.value, value.probabilities),
      each.label,
    ]);
  });
  return `${photo}\n${table([{ title: '' }, { title: '', align: 'right' }, { title: '' }], rows)}`;
}
