import { join } from 'node:path';
import { summary } from '../attribution/explanation.ts';
import type { Description, Explanation } from '../attribution/index.ts';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { fail, LimnError } from '../common/error.ts';
import { fixBatch } from '../graph/batch.ts';
import { networkViews } from '../image/preprocess.ts';
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
import { drawFigure, drawHeatmap } from './drawing.ts';
import { complain, lineOf, usage } from './errors.ts';
import { type HeatmapOptions, scaleOf, withHeatmapOptions } from './heatmap.ts';
import { hostFor } from './host.ts';
import { type MethodOptions, methodOf, passesOf, withMethodOptions } from './methods.ts';
import { loadModel } from './model.ts';
import { makeFolder, print, printJson, stems } from './output.ts';
import { preparePhoto, preprocessingOf, readBatch, sourceOf } from './photos.ts';
import { Progress } from './progress.ts';
import { conservationText, type Explained, explainedText, type Failed, record } from './record.ts';
import { checkFormats, heatOf, type RawFormat, read, writeRaw } from './results.ts';
import { imageInput } from './tensors.ts';

interface Options extends RunOptions, HeatmapOptions, MethodOptions {
  readonly target: string;
  readonly sharedScale?: boolean;
  readonly top: number;
  readonly raw: readonly RawFormat[];
  readonly figure: boolean;
  readonly output: string;
  readonly json?: boolean;
}

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
    .option('--no-figure', 'heatmaps and raw relevance only');
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
  const input = imageInput(model.graph, path);
  checkFormats(options.raw, input.shape[1]);
  const head = headOf(model, options.head);
  const probabilities = linkOf(model.graph, head.output) !== undefined;
  const passes = passesOf(method);
  const host = await hostFor(model.graph, photos.length * passes, options);
  const parallel = photos.length === 1 ? host.workers : 1;
  // Photos come one by one; a graph that takes just one loads in half the time.
  const single = source !== 'tensor' && passes === 1 && typeof input.shape[0] === 'string';
  const explained = single ? { ...model, graph: fixBatch(model.graph, 1) } : model;
  const made = explainer(explained, host.runtime, { ...method, parallel, session: host.session });
  const folder = options.output;
  await makeFolder(folder);

  const results: (Explained | Failed)[] = [];
  let description: Description | undefined;
  const tell = (each: Explained) => {
    results.push(each);
    if (options.json) return;
    print(explainedText(each, probabilities));
    if (each.reading.conservation) print(`\n${conservationText(each.reading.conservation)}\n`);
  };
  const heat = (explanation: Explanation, row: number, photo: string) =>
    heatOf(explanation, row, options.pooling, scale, photo);

  if (source === 'tensor') {
    const file = photos[0]!;
    const batch = await readBatch(file, model, path);
    const progress = new Progress('passes');
    const explanation = await made.explain(batch, { target, onProgress: (n, all) => progress.at(n, all) });
    progress.clear();
    description = explanation.description;
    const raw = await writeRaw(folder, 'relevance', explanation, options.raw, model.info.preprocessing);
    const count = batch.shape[0]!;
    const heats = Array.from({ length: count }, (_, i) => heat(explanation, i, file));
    const shared = options.sharedScale ? Math.max(...heats.map(({ limit }) => limit)) : undefined;
    for (const [i, { map, limit: own }] of heats.entries()) {
      const limit = shared ?? own;
      const name = count === 1 ? 'relevance' : `relevance-${i}`;
      const heatmap = await drawHeatmap(folder, name, { map, limit }, options.colors);
      const reading = read(count === 1 ? file : `${file}[${i}]`, explanation, i, head, options.top);
      tell({ reading, limit, files: { ...raw, heatmap } });
    }
  } else {
    const how = preprocessingOf(model, path);
    const { ordered } = await import('../runtime/index.ts');
    const jobs = stems(photos).map((stem, i) => ({ stem, photo: photos[i]! }));
    const within = new Progress('passes');
    const explainOne = async ({ stem, photo }: (typeof jobs)[number]) => {
      const { photo: picture, input } = await preparePhoto(photo, model, how, 'center');
      const onProgress = photos.length === 1 ? (n: number, all: number) => within.at(n, all) : undefined;
      const explanation = await made
        .explain(input, { target, onProgress })
        .catch((error: unknown) => failForPhoto(photo, error));
      within.clear();
      description ??= explanation.description;
      const raw = await writeRaw(folder, stem, explanation, options.raw, how, 0);
      const reading = read(photo, explanation, 0, head, options.top);
      const { map, limit: own } = heat(explanation, 0, photo);
      const view = networkViews(picture, how)[0]!;
      const { colors } = options;
      const draw = async (limit = own): Promise<Explained> => {
        const story = {
          reading,
          heat: { map, limit },
          colors,
          network: model.graph.name,
          head,
          probabilities,
        };
        const [heatmap, figure] = await Promise.all([
          drawHeatmap(folder, stem, story.heat, colors),
          options.figure
            ? drawFigure(folder, stem, { ...story, description: explanation.description }, view)
            : undefined,
        ]);
        return { reading, limit, files: { ...(figure && { figure }), heatmap, ...raw } };
      };
      return options.sharedScale ? { draw, limit: own } : { now: await draw() };
    };
    const task = (job: (typeof jobs)[number]) =>
      explainOne(job).catch((error: unknown) => {
        if (error instanceof LimnError && error.where.startsWith(job.photo)) {
          return { photo: job.photo, error: lineOf(error) };
        }
        throw error;
      });
    const later: { draw: (limit?: number) => Promise<Explained>; limit: number }[] = [];
    const progress = new Progress('photos');
    // While the workers compute, the next photos are decoded and the last ones drawn.
    for await (const each of ordered(jobs, task, host.workers + 2)) {
      progress.clear();
      if ('error' in each) {
        results.push(each);
        complain(each.error);
        process.exitCode = 1;
      } else if (each.draw) later.push(each);
      else tell(each.now);
      progress.at(results.length + later.length, photos.length);
    }
    progress.clear();
    const limit = Math.max(...later.map((each) => each.limit));
    for (const { draw } of later) tell(await draw(limit));
  }
  await made.release();

  const { colors, pooling } = options;
  const all = record(
    loaded,
    head,
    description,
    { colors, pooling, scale, sharedScale: options.sharedScale },
    results,
  );
  await writeFileAtomic(join(folder, 'explain.json'), `${JSON.stringify(all, null, 2)}\n`);
  if (options.json) printJson(all);
  else if (description)
    print(`\n${summary(description)}\n${description.rules ? `${description.rules}\n` : ''}`);
}

/** What goes wrong with one photo's numbers is about that photo; all else is about the call. */
function failForPhoto(photo: string, error: unknown): never {
  if (error instanceof LimnError && /^(relevance|scores)\b/.test(error.where)) {
    fail(photo, `${error.where}: ${error.what}`, error.fix);
  }
  throw error;
}
