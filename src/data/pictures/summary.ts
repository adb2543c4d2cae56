import { LimnError } from '../../common/error.ts';
import { ordered } from '../../common/ordered.ts';
import type { Extent } from '../../graph/index.ts';
import type { Image } from '../../image/index.ts';
import { type Dataset, type Sample, sortedLabels } from '../dataset.ts';
import type { Content, Decode } from './content.ts';
import { PICTURES_AHEAD, pictureOf } from './pictures.ts';

/** What is known of a data set after a look at every sample. */
export interface Summary {
  /** By column, by label: how many. Samples without a label count as ''. */
  readonly labels: Readonly<Record<string, Map<string, number>>>;
  readonly groups: Readonly<Record<string, Map<string, number>>>;
  /** By `height×width`: how many. */
  readonly sizes: Map<string, number>;
  /** Errors of the samples that are missing or no pictures. */
  readonly bad: LimnError[];
  /** By label of the first column: the indices of the samples that have it and are pictures. */
  readonly members: Map<string, number[]>;
}

/** Tells the size of a picture from its file's bytes. Errors call it `name`. */
export type MeasurePicture = (bytes: Uint8Array, name: string) => Promise<Extent>;

/** Counts labels, groups and sizes. */
export async function summarise(
  dataset: Dataset,
  measure: MeasurePicture,
  progress?: (done: number) => void,
): Promise<Summary> {
  const counters = (columns: readonly string[]) =>
    Object.fromEntries(columns.map((column) => [column, new Map<string, number>()]));
  const summary: Summary = {
    labels: counters(dataset.labelColumns),
    groups: counters(dataset.groupColumns),
    sizes: new Map(),
    bad: [],
    members: new Map(),
  };
  const look = async (sample: Sample) => {
    try {
      return { sample, extent: await contentExtent(await sample.content(), sample.name, measure) };
    } catch (error) {
      if (error instanceof LimnError) return { sample, extent: error };
      throw error;
    }
  };
  let index = 0;
  for await (const { sample, extent } of ordered(dataset.samples(), look, PICTURES_AHEAD)) {
    for (const column of dataset.labelColumns) {
      add(summary.labels[column], labelName(dataset, sample, column));
    }
    for (const column of dataset.groupColumns) add(summary.groups[column], sample.groups[column] ?? '');
    if (extent instanceof LimnError) summary.bad.push(extent);
    else {
      add(summary.sizes, `${extent.height}×${extent.width}`);
      const label = labelName(dataset, sample, dataset.labelColumns[0]);
      const members = summary.members.get(label);
      if (members) members.push(index);
      else summary.members.set(label, [index]);
    }
    index++;
    progress?.(index);
  }
  return summary;
}

const add = (counter: Map<string, number>, key: string): void => {
  counter.set(key, (counter.get(key) ?? 0) + 1);
};

/** A label as people read it: `4 (25, 32)`; nothing where there is none. */
function labelName({ classes }: Dataset, { labels }: Sample, column: string): string {
  const label = labels[column];
  if (label === undefined) return '';
  const name = typeof label === 'number' ? classes[column]?.[label] : undefined;
  return name === undefined ? String(label) : `${label} ${name}`;
}

async function contentExtent(content: Content, name: string, measure: MeasurePicture): Promise<Extent> {
  if (content.kind === 'file') return measure(content.bytes, name);
  const { height, width } = content;
  return { height, width };
}

/**
 * Up to `perLabel` pictures for each label of the first column. Errors of pictures that turn out to be damaged are
 * collected; they are left out.
 */
export async function picturesPerLabel(
  dataset: Dataset,
  { members }: Summary,
  perLabel: number,
  decode: Decode,
): Promise<{ pictures: Map<string, Image[]>; bad: LimnError[] }> {
  const pictures = new Map(sortedLabels(members).map((label) => [label, [] as Image[]]));
  const chosen = new Map<number, string>();
  for (const [label, indices] of members) {
    const n = Math.min(perLabel, indices.length);
    // Spread evenly over the label's samples: neighbours are often of one person.
    for (let i = 0; i < n; i++) chosen.set(indices[Math.floor((i * indices.length) / n)], label);
  }
  const bad: LimnError[] = [];
  let index = 0;
  for await (const sample of dataset.samples()) {
    const label = chosen.get(index++);
    if (label === undefined) continue;
    try {
      pictures.get(label)?.push(await pictureOf(await sample.content(), sample.name, decode));
    } catch (error) {
      if (!(error instanceof LimnError)) throw error;
      bad.push(error);
    }
  }
  return { pictures, bad };
}
