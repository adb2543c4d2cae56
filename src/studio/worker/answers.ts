import { summary } from '../../attribution/index.ts';
import { preprocessingOf } from '../../classifier/index.ts';
import { LimnError } from '../../common/error.ts';
import { inputTransform, layoutFigure, layoutSvg } from '../../image/index.ts';
import { encodePng } from '../../image/pixels/encode.web.ts';
import { type ClassifyRequest, classify } from '../../verbs/classify/index.ts';
import { compile } from '../../verbs/compile/index.ts';
import {
  type ExplainedPhoto,
  type ExplainRequest,
  type Explanations,
  explain,
  figureOf,
  remarksOn,
  remarkText,
  saveExplanations,
} from '../../verbs/explain/index.ts';
import type { Host } from '../../verbs/host.ts';
import { inspect } from '../../verbs/inspect/index.ts';
import { compiledModel, importedOnnx } from '../../verbs/usualnames.ts';
import { failItem, type ProgressEvent, type Watch } from '../../verbs/verb.ts';
import type { AskName, Asks, MadeFile, ShownExplanation } from '../protocol/index.ts';
import type { AskContext } from './context.ts';
import { imported } from './imported.ts';
import { layerSheet } from './layer.ts';

type Answers = {
  readonly [Name in AskName]: (
    asked: Asks[Name]['asked'],
    context: AskContext,
  ) => Promise<Asks[Name]['answer']>;
};

/** Each ask is one verb, or the files behind it: nothing is computed here. */
export const answers: Answers = {
  async add(given, { files }) {
    files.give(given);
    return undefined;
  },
  async remove(paths, { files }) {
    files.forget(paths);
    return undefined;
  },
  inspect: (asked, { host, signal }) => inspect(asked, host, { signal }),
  classify: (asked, context) => classify(asked, classifyHost(asked, context), { signal: context.signal }),
  explain: (asked, context) => shownExplanation(asked, context),
  async save(asked, context) {
    const output = `save-${crypto.randomUUID()}`;
    await saveExplanations(
      { ...asked, output, figure: false },
      explainHost(asked, context),
      watchOf(context),
    );
    return taken(output, context);
  },
  async figure({ request, drawing: { colors, limit, percentile } }, context) {
    const { each, made } = await explainOne(request, context);
    const figure = figureOf(each, each.view!, made.classifier, { colors, limit, scale: { percentile } });
    return layoutSvg(layoutFigure(figure), encodePng);
  },
  async import(plan, context) {
    const folder = `import-${crypto.randomUUID()}`;
    const result = await imported(plan, `${folder}/${plan.name}`, context);
    return { result, files: await taken(folder, context) };
  },
  prepared: async (asked, context) =>
    (await import('./prepared.ts')).shownPreparation(asked, classifyHost(asked, context), context),
  // The networks that it tries may differ in a layer's attributes alone: none of its sessions is another's.
  doctor: async (asked, context) =>
    (await import('./prepared.ts')).shownDiagnosis(asked, context.host, context),
  layer: (asked, context) =>
    layerSheet(asked.request, asked.layer, explainHost(asked.request, context), watchOf(context)),
  async faces(asked, context) {
    const output = `faces-${crypto.randomUUID()}`;
    await (await import('./faces.ts')).cutOut(asked, output, context);
    return taken(output, context);
  },
  async compile({ fields, model, ...how }, context) {
    const folder = `compile-${crypto.randomUUID()}`;
    const prepared = `${folder}/${importedOnnx(model)}`;
    if (fields) await imported({ source: 'onnx', model, name: prepared, fields }, prepared, context);
    const asked = fields ? prepared : model;
    const { files } = await compile(
      { model: asked, output: `${folder}/${compiledModel(asked)}`, ...how },
      context.host,
      { signal: context.signal },
    );
    const made = await taken(folder, context);
    return made.filter(({ name }) => files.includes(`${folder}/${name}`));
  },
  // What only some rooms ask is loaded when it is asked.
  result: async (asked, context) => (await import('./results.ts')).shownResult(asked, context),
  resultCharts: async (asked, context) => (await import('./results.ts')).resultCharts(asked, context),
  depthChart: async (asked) => (await import('./curves.ts')).depthChart(asked),
  compare: async (asked, context) => (await import('./results.ts')).compared(asked, context),
  grid: async (asked, context) => (await import('./results.ts')).gridAt(asked, context),
  comparison: async (asked, context) => (await import('./results.ts')).comparisonAt(asked, context),
  async evaluate(asked, context) {
    const output = `result-${crypto.randomUUID()}`;
    await (await import('./results.ts')).evaluated({ ...asked, output }, context, watchOf(context));
    return taken(output, context);
  },
  clusters: async (asked, context) => (await import('./clusters.ts')).shownClusters(asked, context),
  concepts: async (asked, context) => (await import('./concepts.ts')).shownConcepts(asked, context),
  seen: async (asked, context) => (await import('./concepts.ts')).seenPhoto(asked, context),
  curves: async (asked, context) => (await import('./curves.ts')).shownCurves(asked, context),
  async plot(asked, context) {
    const folder = `plot-${crypto.randomUUID()}`;
    const { plot } = await import('../../verbs/plot/index.ts');
    await plot({ ...asked, output: `${folder}/training.svg` }, context.host, { signal: context.signal });
    return taken(folder, context);
  },
  trainedBy: async (asked, { host }) =>
    (await import('../../verbs/import/trained.ts')).trainedBy(asked, host),
  snapshot: async (asked, context) => (await import('./snapshots.ts')).snapshotAnswers(asked, context),
  async snapshotHeat({ plan, photo, ...how }, context) {
    const { host } = await (await import('./snapshots.ts')).snapshotHost(plan, context);
    return shownExplanation(
      { model: plan.caffemodel, photos: [photo], method: 'lrp', ...how },
      context,
      host,
    );
  },
  answerCurves: async (asked) => (await import('./curves.ts')).answerCurves(asked),
  async randomised({ request, ...drawn }, context) {
    const { randomisedHost, likenessOf } = await import('./randomised.ts');
    const { layers, of, host } = await randomisedHost(
      request.model,
      drawn,
      explainHost(request, context, drawn.share > 0 ? drawn : undefined),
    );
    const shown = await shownExplanation(request, context, host);
    return { shown, layers, of, rank: likenessOf(await shownExplanation(request, context), shown) };
  },
  mean: async (asked, context) =>
    (await import('./results.ts')).meanHeatmap(asked, explainHost(asked, context), context),
};

const modelKey = (path: string, { files }: AskContext): string => `${path}#${files.versionOf(path)}`;

/** However photos are prepared, sessions that answer are the same. */
const classifyHost = (
  { model, provider }: Pick<ClassifyRequest, 'model' | 'provider'>,
  context: AskContext,
): Host => context.hostFor(`classify ${modelKey(model, context)} ${provider}`);

/** Sessions are the same for all photos and targets of a model, a method and its parameters. */
function explainHost(
  { photos: _photos, target: _target, model, ...how }: ExplainRequest,
  context: AskContext,
  drawn?: { readonly share: number; readonly seed: number },
): Host {
  return context.hostFor(`explain ${modelKey(model, context)} ${JSON.stringify({ ...how, drawn })}`);
}

/** What only some of the page's rooms could show. */
interface OtherEvent {
  readonly kind: 'photo' | 'note' | 'failed';
}

const watchOf = ({ signal, tell }: AskContext): Watch<ProgressEvent | OtherEvent> => ({
  signal,
  on: (event) => {
    if (event.kind !== 'progress' || event.total < 2) return;
    tell({ text: `${event.done} of ${event.total} ${event.what}`, done: event.done, total: event.total });
  },
});

async function shownExplanation(
  asked: ExplainRequest,
  context: AskContext,
  host?: Host,
): Promise<ShownExplanation> {
  const start = performance.now();
  const { each, made } = await explainOne(asked, context, host);
  const { item, reading, heat, view, description } = each;
  const photo = each.photo!;
  return {
    item,
    reading,
    map: heat.map,
    view: view!,
    toInput: each.toInput ?? inputTransform(photo, preprocessingOf(made.classifier)),
    photo: { width: photo.width, height: photo.height },
    description,
    summary: summary(description),
    remarks: remarksOn(reading).map(remarkText),
    milliseconds: performance.now() - start,
  };
}

async function explainOne(
  asked: ExplainRequest,
  context: AskContext,
  host: Host = explainHost(asked, context),
): Promise<{ readonly each: ExplainedPhoto; readonly made: Explanations }> {
  const made = await explain(asked, host, watchOf(context));
  for await (const each of made.photos) {
    if ('error' in each) failItem(each);
    else return { each, made };
  }
  throw new LimnError(asked.photos.join(', '), 'there is nothing to explain in it');
}

/** What was written into a folder; it is removed there. */
async function taken(folder: string, { files }: AskContext): Promise<MadeFile[]> {
  const made: MadeFile[] = [];
  for (const [path, bytes] of files.written) {
    if (!path.startsWith(`${folder}/`)) continue;
    made.push({ name: path.slice(folder.length + 1), bytes: bytes as Uint8Array<ArrayBuffer> });
  }
  for (const { name } of made) await files.remove(`${folder}/${name}`);
  return made;
}
