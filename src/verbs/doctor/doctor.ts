import { assumedPreprocessing, knownOf } from '../../classifier/index.ts';
import { plural } from '../../common/format.ts';
import { type Diagnosis, diagnose, stratified, type TrialOptions } from '../../evaluation/index.ts';
import type { Head } from '../../graph/index.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import { lower } from '../../operators/index.ts';
import { headOf } from '../../relevance/scores.ts';
import type { ComputeOptions, Host } from '../host.ts';
import { openLabelled } from '../labelled.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { fixBetween, fixOf, labelsFor } from './fix.ts';
import { namesOfClasses, readLabels, samplePictures } from './labels.ts';
import { provenanceNotes } from './provenance.ts';
import { type DoctorRequest, doctorRequest } from './request.ts';
import type { DoctorEvent, DoctorFinding, DoctorResult } from './result.ts';

/**
 * Finds mistakes in how a model is used, by what labelled photos say: mean, channel order, scale, standard deviation, crop
 * and resize, order of labels, rounding of pooling layers, softmax. Each finding has the accuracy before and after its fix
 * on the same photos, and the fix. Errors: the request's, the model's, the data's; no photo can be read.
 */
export async function doctor(
  request: DoctorRequest,
  host: Host,
  { on, signal }: Watch<DoctorEvent> = {},
): Promise<DoctorResult> {
  const {
    model: path,
    data,
    sample: size,
    seed,
    output,
    ...fields
  } = checkRequest(doctorRequest, request, signal);
  host.files.protect([path]);
  if (output !== undefined) await host.files.claim([output]);
  const loaded = await host.files.readModel(path);
  const { model } = loaded;
  const main = headOf(model, fields.head).name;
  const photos = await openLabelled(data, { ...fields, output: main }, host);
  const { dataset, column, target } = photos;
  const classifier = knownOf(model, { name: path, head: fields.head, target });
  const { head, classes } = classifier;
  const { reading, surveyed } = await readLabels(photos, head, classes);
  const labels = namesOfClasses(head, target, classes, dataset.classes[column]);
  const chosen = stratified(surveyed.questions, size, head.kind, seed);
  const sample = await samplePictures(dataset, chosen, host);
  const diagnosis = await diagnoseHead(classifier, labels, { head: reading.head, sample }, fields, host, {
    signal,
    on,
  });
  const { measure, n, value, tried, pixels, unseen } = diagnosis;
  if (n < sample.length) on?.({ kind: 'note', text: `${plural(sample.length - n, 'photo')} cannot be read` });
  const written =
    output === undefined ? undefined : await writeMended(loaded, head, diagnosis, labels, output, host);
  return {
    model: path,
    data,
    target,
    sample: { photos: n, of: surveyed.questions.length, seed },
    measure,
    value,
    ...(unseen !== undefined && { unseen }),
    ...findingsOf(diagnosis, classifier.preprocessing !== undefined, labels),
    notes: [...diagnosis.notes, ...(await provenanceNotes(loaded, host))],
    pixels,
    tried,
    written,
  };
}

/** Tries the model on the sample, without the outputs that are not asked about. */
async function diagnoseHead(
  classifier: ReturnType<typeof knownOf>,
  labels: readonly string[] | undefined,
  asked: Pick<TrialOptions, 'head' | 'sample'>,
  fields: ComputeOptions,
  host: Host,
  { on, signal }: Watch<DoctorEvent>,
): Promise<Diagnosis> {
  const { model, head, link } = classifier;
  const outputs = model.graph.outputs.filter(({ name }) => name === head.output);
  const graph = { ...model.graph, outputs };
  const { runtime, session, workers, decoders } = await host.compute(graph, asked.sample.length * 10, fields);
  const how = classifier.preprocessing ?? assumedPreprocessing(classifier);
  return diagnose(
    { graph, how },
    {
      ...asked,
      link,
      workers,
      decoders,
      load: (each) => runtime.load(lower(each), session),
      progress(done, total) {
        signal?.throwIfAborted();
        on?.({ kind: 'progress', what: 'answers', done, total });
      },
    },
    {
      poolingKnown: model.info.provenance.prototxt !== undefined,
      nameOf: labels && ((index) => `'${labels[index] ?? index}'`),
    },
  );
}

function findingsOf(
  { findings, setup }: Diagnosis,
  isPrepared: boolean,
  labels: readonly string[] | undefined,
): Pick<DoctorResult, 'findings' | 'fix'> {
  const given = findings[0]?.before ?? setup;
  const fix = fixBetween(isPrepared ? given : { ...given, how: undefined }, setup, labels);
  const found = findings.map((finding): DoctorFinding => {
    const { before: _b, after: _a, advice: _d, ...rest } = finding;
    return { ...rest, fix: fixOf(finding, labels) };
  });
  const unprepared: DoctorFinding = {
    kind: 'preparation',
    what: 'the model does not say how photos are prepared for it; it was tried as its input suggests',
    equals: [],
    fix,
  };
  return {
    findings: isPrepared ? found : [...found, unprepared],
    fix: found.length > 0 ? fix : undefined,
  };
}

/** Writes the model as it should be; returns the paths written. */
async function writeMended(
  { model }: LoadedModel,
  head: Head,
  { setup, findings }: Diagnosis,
  labels: readonly string[] | undefined,
  output: string,
  { files }: Host,
): Promise<readonly string[]> {
  const names = labelsFor(setup, labels);
  const heads = model.info.heads.map((each) =>
    each.name === head.name && names ? { ...each, labels: names } : each,
  );
  const mended = findings.filter(({ before, after }) => before !== after).map(({ kind }) => kind);
  const nodes = new Map(setup.graph.nodes.map((node) => [node.name, node]));
  // Only one output was looked at; the others stay.
  const graph = { ...model.graph, nodes: model.graph.nodes.map((node) => nodes.get(node.name) ?? node) };
  const { provenance } = model.info;
  const info = {
    ...model.info,
    heads,
    provenance: mended.length > 0 ? { ...provenance, mended: mended.join(', ') } : provenance,
    preprocessing: setup.how,
  };
  return (await files.writeModel(output, { graph, info })).files;
}
