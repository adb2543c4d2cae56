import { LimnError } from '../../common/error.ts';
import { type Dataset, pictureOf } from '../../data/index.ts';
import {
  type LabelledPicture,
  type LabelReading,
  readingOf,
  type Survey,
  survey,
} from '../../evaluation/index.ts';
import type { Head } from '../../graph/index.ts';
import type { Host } from '../host.ts';
import type { LabelledPhotos } from '../labelled.ts';

/** Reads the labels; if their numbers are none of the model's classes, as if they counted from 1. */
export async function readLabels(
  { dataset, column, target }: LabelledPhotos,
  head: Head,
  classes: number,
): Promise<{ reading: LabelReading; surveyed: Survey }> {
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
export function namesOfClasses(
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
export async function samplePictures(
  dataset: Dataset,
  chosen: readonly { readonly index: number; readonly truth: number }[],
  host: Host,
): Promise<LabelledPicture[]> {
  const truths = new Map(chosen.map(({ index, truth }) => [index, truth]));
  const found = new Map<number, LabelledPicture>();
  let index = Math.min(...truths.keys());
  for await (const { name, content } of dataset.samples(index)) {
    const truth = truths.get(index);
    if (truth !== undefined) {
      found.set(index, {
        name,
        truth,
        picture: async () => pictureOf(await content(), name, host.images.decode),
      });
    }
    index++;
    if (found.size === truths.size) break;
  }
  return chosen.flatMap((each) => found.get(each.index) ?? []);
}
