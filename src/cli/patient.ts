import { failRequest } from '../common/error.ts';
import type { Dataset } from '../data/index.ts';
import type { LabelledPicture } from '../evaluation/doctor/index.ts';
import type { LabelReading } from '../evaluation/labels.ts';
import type { Survey } from '../evaluation/survey.ts';
import type { Graph, Head, Preprocessing } from '../graph/index.ts';
import type { LoadedModel } from './model.ts';
import { imageInput } from './tensors.ts';

/** What a model is asked for, and where photos are. */
export interface Asked {
  readonly target?: string;
  readonly head?: string;
  readonly images?: string;
}

/** The data and the column of its labels that is asked for. */
export async function openData(
  path: string,
  { model }: LoadedModel,
  { images, target, head }: Asked,
): Promise<{ dataset: Dataset; column: string; target: string }> {
  const [{ openDataset }, { headOf }] = await Promise.all([
    import('../data/open.ts'),
    import('../relevance/scores.ts'),
  ]);
  const named = target !== undefined && /\.[ct]sv$/i.test(path);
  const dataset = await openDataset(path, (await import('../common/files.node.ts')).nodeFiles, {
    images,
    ...(named && { columns: { labels: [target] } }),
  });
  const columns = dataset.labelColumns;
  if (target !== undefined)
    return { dataset, column: columns.includes(target) ? target : columns[0], target };
  const main = headOf(model, head).name;
  if (columns.includes(main)) return { dataset, column: main, target: main };
  return columns.length === 1
    ? { dataset, column: columns[0], target: columns[0] }
    : failRequest('--target', `${path} has several labels`, `choose one: ${columns.join(', ')}`);
}

/** The part of a model that answers, and how photos are prepared: as the model says, or as its input suggests. */
export async function patientOf(
  { model, path }: LoadedModel,
  target: string,
  options: Asked,
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
export async function readLabels(
  dataset: Dataset,
  column: string,
  target: string,
  head: Head,
  classes: number,
): Promise<{ reading: LabelReading; surveyed: Survey }> {
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
export function namesOf(
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
export async function specimensOf(
  dataset: Dataset,
  chosen: readonly { readonly index: number; readonly truth: number }[],
): Promise<LabelledPicture[]> {
  const { pictureOf } = await import('../data/pictures.node.ts');
  const truths = new Map(chosen.map(({ index, truth }) => [index, truth]));
  const found = new Map<number, LabelledPicture>();
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
