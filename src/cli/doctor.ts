import { availableParallelism } from 'node:os';
import type { Dataset } from '../data/index.ts';
import type { Diagnosis, Setup, Specimen } from '../evaluation/doctor/index.ts';
import type { Reading } from '../evaluation/labels.ts';
import type { Survey } from '../evaluation/survey.ts';
import type { Graph, Head, Preprocessing } from '../graph/index.ts';
import {
  type Command,
  command,
  type RunOptions,
  whole,
  withExamples,
  withJson,
  withRunOptions,
} from './command.ts';
import { diagnosisJson, diagnosisText } from './diagnosis.ts';
import { complain, misuse } from './errors.ts';
import { plural } from './format.ts';
import { hostFor } from './host.ts';
import { type LoadedModel, loadModel, saveModel } from './model.ts';
import { print, printJson } from './output.ts';
import { Progress } from './progress.ts';
import { provenanceNotes } from './provenance.ts';
import { type Case, labelsFor } from './remedy.ts';
import { imageInput } from './tensors.ts';

interface Options extends RunOptions {
  readonly target?: string;
  readonly head?: string;
  readonly images?: string;
  readonly sample: number;
  readonly seed: number;
  readonly output?: string;
  readonly json?: boolean;
}

export function doctorCommand(): Command {
  const given = command('doctor')
    .description(
      'Finds mistakes in how a model is used, by what labelled photos say: mean, channel order, scale, std, crop and ' +
        'resize, order of labels, rounding of pooling layers, softmax. Each finding comes with the accuracy before and ' +
        'after its fix on the same photos, and the fix. Exit code 0: nothing found; 1: something found, or an error; ' +
        '2: wrong call.',
    )
    .argument('<model>', 'an .onnx model')
    .argument(
      '<data>',
      'labelled photos: an image list, an LMDB database, a folder per class, or a .csv manifest',
    )
    .option('--target <column>', 'what is asked for: age, gender, or any column of a manifest')
    .option('--head <name>', "the model's output that answers; the one named like the target unless given")
    .option('--images <folder>', "the folder that a list's paths start from; its own unless given")
    .option(
      '--sample <n>',
      'photos to try it on, as many of each class; more find smaller effects',
      whole(1),
      200,
    )
    .option('--seed <n>', 'chooses the photos', whole(0), 1)
    .option('-o, --output <file>', 'write the model with all findings mended that can be');
  return withExamples(withJson(withRunOptions(given)), [
    ['is the model used as it was trained?', 'limn doctor gender.onnx faces/manifest.csv --target gender'],
    [
      'on more photos, and mend it',
      'limn doctor age.onnx faces/manifest.csv --target age --sample 1000 -o mended.onnx',
    ],
  ]).action(examine);
}

async function examine(path: string, data: string, options: Options): Promise<void> {
  const loaded = await loadModel(path);
  const { dataset, column, target } = await openData(data, loaded, options);
  const { head, graph, classes, how } = await patientOf(loaded, target, options);
  const { reading, surveyed } = await readLabels(dataset, column, target, head, classes);
  const labels = namesOf(head, target, classes, dataset.classes[column]);
  const [{ diagnose, stratified }, { linkOf }, { lower }] = await Promise.all([
    import('../evaluation/doctor/index.ts'),
    import('../relevance/scores.ts'),
    import('../operators/index.ts'),
  ]);
  const chosen = stratified(surveyed.questions, options.sample, head.kind, options.seed);
  const sample = await specimensOf(dataset, chosen);
  const host = await hostFor(graph, sample.length * 10, options);
  const progress = new Progress('answers');
  const setup: Setup = { graph, how };
  let diagnosis: Diagnosis;
  try {
    diagnosis = await diagnose(
      setup,
      {
        head: reading.head,
        logarithm: linkOf(graph, head.output)?.op === 'LogSoftmax',
        sample,
        workers: host.workers,
        decoders: availableParallelism() + 1,
        load: (each) => host.runtime.load(lower(each), host.session),
        progress: (done, total) => progress.at(done, total),
      },
      {
        poolingKnown: loaded.model.info.provenance.prototxt !== undefined,
        ...(labels && { nameOf: (index: number) => `'${labels[index] ?? index}'` }),
      },
    );
  } finally {
    progress.clear();
  }
  if (diagnosis.n < sample.length) complain(`${plural(sample.length - diagnosis.n, 'photo')} cannot be read`);
  const asked = (['target', 'head', 'images', 'sample', 'seed'] as const).flatMap((name) =>
    options[name] === undefined ||
    (name === 'sample' && options[name] === 200) ||
    (name === 'seed' && options[name] === 1)
      ? []
      : [`--${name}`, String(options[name])],
  );
  const patient: Case = { model: path, data, asked, labels };
  const unprepared = loaded.model.info.preprocessing === undefined;
  const notes = [...diagnosis.notes, ...(await provenanceNotes(loaded))];
  const complete = { ...diagnosis, notes };
  const context = { patient, target, of: surveyed.questions.length, seed: options.seed, unprepared };
  const written = options.output && (await mend(loaded, head, complete, labels, options.output));
  if (options.json) printJson({ ...diagnosisJson(complete, context), ...(written && { written }) });
  else print(diagnosisText(complete, context) + (written ? `→ ${written}\n` : ''));
  if (unprepared || diagnosis.findings.length > 0) process.exitCode = 1;
}

/** The data and the column of its labels that is asked for. */
async function openData(
  path: string,
  { model }: LoadedModel,
  { images, target, head }: Options,
): Promise<{ dataset: Dataset; column: string; target: string }> {
  const [{ openDataset }, { headOf }] = await Promise.all([
    import('../data/open.node.ts'),
    import('../relevance/scores.ts'),
  ]);
  const named = target !== undefined && /\.[ct]sv$/i.test(path);
  const dataset = await openDataset(path, { images, ...(named && { columns: { labels: [target] } }) });
  const columns = dataset.labelColumns;
  if (target !== undefined)
    return { dataset, column: columns.includes(target) ? target : columns[0], target };
  const main = headOf(model, head).name;
  if (columns.includes(main)) return { dataset, column: main, target: main };
  return columns.length === 1
    ? { dataset, column: columns[0], target: columns[0] }
    : misuse('--target', `${path} has several labels`, `choose one: ${columns.join(', ')}`);
}

/** The part of a model that answers, and how photos are prepared: as the model says, or as its input suggests. */
async function patientOf(
  { model, path }: LoadedModel,
  target: string,
  options: Options,
): Promise<{ head: Head; graph: Graph; classes: number; how: Preprocessing }> {
  const { headOf } = await import('../relevance/scores.ts');
  const named = model.info.heads.find((each) => each.name === target)?.name;
  const head = headOf(model, options.head ?? named);
  const outputs = model.graph.outputs.filter(({ name }) => name === head.output);
  const graph = { ...model.graph, outputs };
  const dims = outputs[0].shape.slice(1).filter((dim): dim is number => typeof dim === 'number');
  const classes = Math.max(
    dims.reduce((product, n) => product * n, 1),
    head.labels?.length ?? 1,
  );
  const [, depth, height, width] = imageInput(model.graph, path).shape;
  if (model.info.preprocessing) return { head, graph, classes, how: model.info.preprocessing };
  const size = typeof height === 'number' && typeof width === 'number' ? { height, width } : undefined;
  const channels = depth === 1 ? 'gray' : 'rgb';
  return { head, graph, classes, how: { ...(size && { resize: { ...size, mode: 'stretch' } }), channels } };
}

/** Reads the labels; if their numbers are none of the model's classes, as if they counted from 1. */
async function readLabels(
  dataset: Dataset,
  column: string,
  target: string,
  head: Head,
  classes: number,
): Promise<{ reading: Reading; surveyed: Survey }> {
  const [{ readingOf }, { survey }, { LimnError }] = await Promise.all([
    import('../evaluation/labels.ts'),
    import('../evaluation/survey.ts'),
    import('../common/error.ts'),
  ]);
  const names = dataset.classes[column];
  const reading = readingOf(head, classes, { target, names });
  try {
    return { reading, surveyed: await survey(dataset, column, reading, () => {}) };
  } catch (error) {
    if (!(error instanceof LimnError) || head.kind === 'number') throw error;
    const wider = readingOf(head, classes + 1, { target, names });
    const surveyed = await survey(dataset, column, wider, () => {}).catch(() => undefined);
    // Only labels that leave class 0 free can count from 1.
    if (!surveyed || surveyed.questions.some(({ truth }) => truth === 0)) throw error;
    return { reading: wider, surveyed };
  }
}

/** What the model's classes are called: by itself, by their meaning, or by the data. */
function namesOf(
  head: Head,
  target: string,
  classes: number,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  if (head.labels || head.kind === 'number') return head.labels;
  if (target === 'gender' && classes === 2) return ['male', 'female'];
  return names?.length === classes ? names : undefined;
}

/** The chosen photos, in the order in which they were chosen. */
async function specimensOf(
  dataset: Dataset,
  chosen: readonly { readonly index: number; readonly truth: number }[],
): Promise<Specimen[]> {
  const { pictureOf } = await import('../data/pictures.node.ts');
  const truths = new Map(chosen.map(({ index, truth }) => [index, truth]));
  const found = new Map<number, Specimen>();
  let index = Math.min(...truths.keys());
  for await (const { name, content } of dataset.samples(index)) {
    const truth = truths.get(index);
    if (truth !== undefined) {
      found.set(index, { name, truth, picture: async () => pictureOf(await content(), name) });
    }
    index++;
    if (found.size === truths.size) break;
  }
  return chosen.flatMap((each) => found.get(each.index) ?? []);
}

/** Writes the model as it should be. */
async function mend(
  { model }: LoadedModel,
  head: Head,
  { setup, findings }: Diagnosis,
  labels: readonly string[] | undefined,
  output: string,
): Promise<string> {
  const names = labelsFor(setup, labels);
  const heads = model.info.heads.map((each) =>
    each.name === head.name && names ? { ...each, labels: names } : each,
  );
  const mended = findings.filter(({ before, after }) => before !== after).map(({ kind }) => kind);
  const graphs = new Map(setup.graph.nodes.map((node) => [node.name, node]));
  // The doctor looked at one output only; the others stay.
  const graph = { ...model.graph, nodes: model.graph.nodes.map((node) => graphs.get(node.name) ?? node) };
  const provenance = { ...model.info.provenance, ...(mended.length > 0 && { mended: mended.join(', ') }) };
  const info = { ...model.info, heads, provenance, preprocessing: setup.how };
  return (await saveModel(output, { graph, info })).join(', ');
}
