import { availableParallelism } from 'node:os';
import { plural } from '../common/format.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import type { Diagnosis, Setup } from '../evaluation/doctor/index.ts';
import type { Head } from '../graph/index.ts';
import {
  type Command,
  command,
  type RunOptions,
  whole,
  withExamples,
  withJson,
  withOverwrite,
  withRunOptions,
} from './command.ts';
import { diagnosisJson, diagnosisText } from './diagnosis.ts';
import { complain } from './errors.ts';
import { hostFor } from './host.ts';
import { type LoadedModel, loadModel, saveModel } from './model.ts';
import { print, printJson } from './output.ts';
import { type Asked, namesOf, openData, patientOf, readLabels, specimensOf } from './patient.ts';
import { Progress } from './progress.ts';
import { provenanceNotes } from './provenance.ts';
import { type Case, labelsFor } from './remedy.ts';

interface Options extends RunOptions, Asked {
  readonly sample: number;
  readonly seed: number;
  readonly output?: string;
  readonly overwrite?: boolean;
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
  return withExamples(withJson(withOverwrite(withRunOptions(given))), [
    ['is the model used as it was trained?', 'limn doctor gender.onnx faces/manifest.csv --target gender'],
    [
      'on more photos, and mend it',
      'limn doctor age.onnx faces/manifest.csv --target age --sample 1000 -o mended.onnx',
    ],
  ]).action((path: string, data: string, options: Options) =>
    withOutputs(options, (outputs) => examine(outputs, path, data, options)),
  );
}

async function examine(outputs: Outputs, path: string, data: string, options: Options): Promise<void> {
  outputs.reads([path]);
  if (options.output !== undefined) await outputs.claim([options.output]);
  const loaded = await loadModel(path);
  const { dataset, column, target } = await openData(data, loaded, options);
  outputs.reads([...loaded.files, ...dataset.files]);
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
        link: linkOf(graph, head.output)?.kind,
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
  const written = options.output && (await mend(outputs, loaded, head, complete, labels, options.output));
  if (options.json) printJson({ ...diagnosisJson(complete, context), ...(written && { written }) });
  else print(diagnosisText(complete, context) + (written ? `→ ${written}\n` : ''));
  if (unprepared || diagnosis.findings.length > 0) process.exitCode = 1;
}

/** Writes the model as it should be. */
async function mend(
  outputs: Outputs,
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
  return (await saveModel(output, { graph, info }, outputs.write)).join(', ');
}
