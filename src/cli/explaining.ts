import type { Explainer, Target } from '../attribution/index.ts';
import { inItem, LimnError } from '../common/error.ts';
import type { Head, Model, Preprocessing } from '../graph/index.ts';
import type { ChannelReduction, HeatmapScale } from '../image/index.ts';
import { networkViews } from '../image/preprocess.ts';
import { ordered } from '../runtime/ordered.ts';
import { drawFigure, drawHeatmap } from './drawing.ts';
import { lineOf } from './errors.ts';
import { stems } from './output.ts';
import { preparePhoto, preprocessingOf, readBatch } from './photos.ts';
import { Progress } from './progress.ts';
import type { Explained, Failed } from './record.ts';
import { heatOf, type RawFormat, read, writeRaw } from './results.ts';

/** Everything about a call of `limn explain` but its photos. */
export interface Job {
  /** The model's file. */
  readonly path: string;
  readonly model: Model;
  readonly made: Explainer;
  readonly target: Target;
  readonly head: Head;
  /** Whether the head's values are probabilities. */
  readonly probabilities: boolean;
  readonly folder: string;
  readonly raw: readonly RawFormat[];
  readonly figure: boolean;
  /** Pixels per unit of figures. */
  readonly density: number;
  readonly top: number;
  readonly colors: string;
  readonly pooling: ChannelReduction;
  readonly scale: HeatmapScale;
  readonly sharedScale: boolean;
}

/** Explains a batch that is already prepared: one file of relevance, a heatmap for each image. */
export async function* explainBatch(job: Job, file: string): AsyncGenerator<Explained> {
  const { made, model, target, folder, colors } = job;
  const batch = await readBatch(file, model, job.path);
  const progress = new Progress('passes');
  const explanation = await made.explain(batch, { target, onProgress: (n, all) => progress.at(n, all) });
  progress.clear();
  const raw = await writeRaw(folder, 'relevance', explanation, job.raw, model.info.preprocessing);
  const count = batch.shape[0]!;
  const heats = Array.from({ length: count }, (_, i) => heatOf(explanation, i, job.pooling, job.scale, file));
  const shared = job.sharedScale ? Math.max(...heats.map(({ limit }) => limit)) : undefined;
  for (const [i, { map, limit: own }] of heats.entries()) {
    const limit = shared ?? own;
    const heatmap = await drawHeatmap(
      folder,
      count === 1 ? 'relevance' : `relevance-${i}`,
      { map, limit },
      colors,
    );
    const reading = read(count === 1 ? file : `${file}[${i}]`, explanation, i, job.head, job.top);
    yield { reading, limit, files: { ...raw, heatmap }, description: explanation.description };
  }
}

/**
 * Explains photos and yields them in their order: while `workers` runs go on, the next photos are decoded and the last
 * ones drawn. What is wrong with one photo does not concern the others; any other error ends all.
 */
export async function* explainPhotos(
  job: Job,
  photos: readonly string[],
  workers: number,
): AsyncGenerator<Explained | Failed> {
  const how = preprocessingOf(job.model, job.path);
  const names = stems(photos);
  const passes = new Progress('passes');
  const task = async (i: number): Promise<Pending | Failed> => {
    const photo = photos[i]!;
    try {
      const watched = photos.length === 1 ? passes : undefined;
      const pending = await explainPhoto(job, how, photo, names[i]!, watched);
      return job.sharedScale ? pending : { ...pending, drawn: await pending.draw(pending.limit) };
    } catch (error) {
      if (error instanceof LimnError && error.kind === 'item') return { photo, error: lineOf(error) };
      throw error;
    }
  };
  const progress = new Progress('photos');
  const waiting: Pending[] = [];
  let done = 0;
  for await (const result of ordered(photos.keys(), task, workers + 2)) {
    progress.clear();
    if ('error' in result) yield result;
    else if (result.drawn) yield result.drawn;
    else waiting.push(result);
    progress.at(++done, photos.length);
  }
  progress.clear();
  const limit = Math.max(...waiting.map((each) => each.limit));
  for (const { draw } of waiting) yield await draw(limit);
}

/** A photo that is explained, and perhaps not drawn yet: its limit may have to wait for those of the others. */
interface Pending {
  readonly limit: number;
  readonly draw: (limit: number) => Promise<Explained>;
  readonly drawn?: Explained;
}

async function explainPhoto(
  job: Job,
  how: Preprocessing,
  photo: string,
  stem: string,
  passes: Progress | undefined,
): Promise<Pending> {
  const { made, model, target, head, probabilities, folder, colors, density } = job;
  const { photo: picture, input } = await preparePhoto(photo, model, how, 'center');
  const explanation = await inItem(photo, () =>
    made.explain(input, { target, onProgress: (n, all) => passes?.at(n, all) }),
  );
  passes?.clear();
  const { description } = explanation;
  const raw = await writeRaw(folder, stem, explanation, job.raw, how, 0);
  const reading = read(photo, explanation, 0, head, job.top);
  const { map, limit: own } = heatOf(explanation, 0, job.pooling, job.scale, photo);
  const view = networkViews(picture, how)[0]!;
  const network = model.graph.name;
  return {
    limit: own,
    async draw(limit) {
      const heat = { map, limit };
      const story = { reading, heat, colors, network, head, probabilities, description, density };
      const figure = job.figure ? await drawFigure(folder, stem, story, view) : undefined;
      const heatmap = await drawHeatmap(folder, stem, heat, colors);
      return { reading, limit, files: { ...(figure && { figure }), heatmap, ...raw }, description };
    },
  };
}
