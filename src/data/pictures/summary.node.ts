import { availableParallelism } from 'node:os';
import { LimnError } from '../../common/error.ts';
import { ordered } from '../../common/ordered.ts';
import type { Dataset, Sample } from '../dataset.ts';
import { extentOf } from './pictures.node.ts';

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

/** Counts labels, groups and sizes; of picture files only the headers are read. */
export async function summarise(dataset: Dataset, progress?: (done: number) => void): Promise<Summary> {
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
      return { sample, extent: await extentOf(await sample.content(), sample.name) };
    } catch (error) {
      if (error instanceof LimnError) return { sample, extent: error };
      throw error;
    }
  };
  let index = 0;
  for await (const { sample, extent } of ordered(dataset.samples(), look, 2 * availableParallelism())) {
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
