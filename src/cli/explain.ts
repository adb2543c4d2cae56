import { join } from 'node:path';
import { summary } from '../attribution/explanation.ts';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { headOf, linkOf } from '../relevance/scores.ts';
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
import { complain, usage } from './errors.ts';
import { explainBatch, explainPhotos, type Job } from './explaining.ts';
import { type HeatmapOptions, scaleOf, withHeatmapOptions } from './heatmap.ts';
import { hostFor } from './host.ts';
import { type MethodOptions, methodOf, passesOf, withMethodOptions } from './methods.ts';
import { loadModel } from './model.ts';
import { makeFolder, print, printJson } from './output.ts';
import { sourceOf } from './photos.ts';
import { conservationText, type Explained, explainedText, type Failed, record } from './record.ts';
import { checkFormats, type RawFormat } from './results.ts';
import { imageInput } from './tensors.ts';

interface Options extends RunOptions, HeatmapOptions, MethodOptions {
  readonly target: string;
  readonly sharedScale?: boolean;
  readonly top: number;
  readonly raw: readonly RawFormat[];
  readonly figure: boolean;
  readonly density?: number;
  readonly output: string;
  readonly json?: boolean;
}

/** So many large figures would take a good part of the time that explaining does. */
const manyPhotos = 12;

export function explainCommand(): Command {
  const given = command('explain')
    .description(
      'Shows which pixels of photos speak for a class and which against it. For each photo: a figure, the heatmap, the ' +
        'raw relevance (.npy, N×3×H×W in the channel order of the network); explain.json says how all was made. ' +
        'An .npy file is taken as an already prepared batch; its relevance is written as relevance.npy.',
    )
    .argument('<model>', '.onnx model')
    .argument('<photo...>', 'photos, or one prepared X.npy (N×C×H×W float32)')
    .requiredOption('-o, --output <folder>', 'where to')
    .option('--target <what>', "class: predicted, an index, a label, 'A + B' or 'A vs B'", 'predicted');
  withMethodOptions(given);
  withHeatmapOptions(given)
    .option('--shared-scale', 'one colour scale for all photos')
    .option('--top <n>', 'how many classes a figure names', whole(1), 5)
    .addOption(
      new Option('--raw <format...>', 'raw relevance as')
        .choices(['npy', 'rawhm', 'none'])
        .default(['npy'], 'npy'),
    )
    .option('--no-figure', 'heatmaps and raw relevance only')
    .option(
      '--density <n>',
      `pixels per unit of figures; unless given 2, or 1 for more than ${manyPhotos} photos, which is faster`,
      whole(1),
    );
  return withExamples(withJson(withRunOptions(given)), [
    ['why it is what the network says', 'limn explain googlenet.onnx cat.jpg -o out'],
    [
      'as in the paper, with its code',
      'limn explain age.onnx face.jpg --formula 102 --variant faithful -o out',
    ],
    ['one class against another', "limn explain googlenet.onnx cat.jpg --target 'tiger cat vs tabby' -o out"],
    [
      'where relevance goes',
      'limn explain googlenet.onnx cat.jpg --composite epsilon-plus --conservation -o out',
    ],
    [
      'another method',
      'limn explain googlenet.onnx cat.jpg --method integrated-gradients --steps 100 -o out',
    ],
  ]).action(explain);
}

async function explain(path: string, photos: readonly string[], options: Options): Promise<void> {
  const source = await sourceOf(photos);
  const scale = scaleOf(options);
  const method = await methodOf(options);
  const { explainer, parseTarget } = await import('../attribution/index.ts');
  const target = usage(() => parseTarget(options.target));
  const loaded = await loadModel(path);
  const { model } = loaded;
  checkFormats(options.raw, imageInput(model.graph, path).shape[1]);
  const head = headOf(model, options.head);
  const probabilities = linkOf(model.graph, head.output) !== undefined;
  const host = await hostFor(model.graph, photos.length * passesOf(method), options);
  const made = explainer(model, host.runtime, {
    ...method,
    parallel: photos.length === 1 ? host.workers : 1,
    // Photos come one by one.
    ...(source !== 'tensor' && passesOf(method) === 1 && { batch: 1, fixed: true }),
    session: host.session,
  });
  await makeFolder(options.output);

  const { output: folder, colors, pooling, raw, figure, top, sharedScale = false } = options;
  const density = options.density ?? (photos.length > manyPhotos ? 1 : 2);
  const drawing = { colors, pooling, scale, sharedScale };
  const job: Job = {
    path,
    model,
    made,
    target,
    head,
    probabilities,
    folder,
    raw,
    figure,
    density,
    top,
    ...drawing,
  };
  const results: (Explained | Failed)[] = [];
  const all = source === 'tensor' ? explainBatch(job, photos[0]!) : explainPhotos(job, photos, host.workers);
  try {
    for await (const result of all) {
      results.push(result);
      if ('error' in result) {
        complain(result.error);
        process.exitCode = 1;
      } else if (!options.json) print(textOf(result, probabilities));
    }
  } finally {
    // Worker threads would keep the process alive.
    await made.release();
  }

  const description = results.map((each) => ('error' in each ? undefined : each.description)).find(Boolean);
  const complete = record(loaded, head, description, drawing, results);
  await writeFileAtomic(join(folder, 'explain.json'), `${JSON.stringify(complete, null, 2)}\n`);
  if (options.json) printJson(complete);
  else if (description)
    print(`\n${summary(description)}\n${description.rules ? `${description.rules}\n` : ''}`);
}

function textOf(result: Explained, probabilities: boolean): string {
  const { conservation } = result.reading;
  return explainedText(result, probabilities) + (conservation ? `\n${conservationText(conservation)}\n` : '');
}
