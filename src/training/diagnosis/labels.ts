import type { DataTop, LabelRange, TrainingNet } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import { numbers } from '../../graph/index.ts';
import type { Batch, DataSummary } from '../batch.ts';
import type { Note } from '../notes.ts';

type Labelled = Pick<TrainingNet, 'data' | 'ranges'>;

/**
 * Refuses labels that a network has no class for, before it sees them. `where` says which picture of a data layer's
 * batch it is, counted from 0: the file or the record, if that is known. Errors: the first such label, and the layer
 * that has no class for it.
 */
export function checkLabels(
  net: Labelled,
  batch: Batch,
  where: (top: DataTop, image: number) => string = (top, image) =>
    `${top.where}: image ${image} of the batch`,
): void {
  for (const range of net.ranges) {
    const top = topOf(net, range);
    const tensor = batch[range.label];
    if (!top || !tensor) continue;
    const labels = numbers(tensor);
    const at = labels.findIndex((value) => !isClass(value, range));
    if (at < 0) continue;
    const image = Math.floor((at * tensor.shape[0]) / labels.length);
    failLabel(where(top, image), labels[at], range);
  }
}

/** Refuses, before anything is computed, labels of the data layers that were looked at. Errors: as {@link checkLabels}'s. */
export function checkKnownLabels(net: Labelled, summaries: ReadonlyMap<string, DataSummary>): void {
  for (const range of net.ranges) {
    const labels = summaries.get(topOf(net, range)?.layer.name ?? '')?.labels ?? [];
    const bad = labels.find(({ label }) => !isClass(label, range));
    if (!bad) continue;
    const values = labels.map(({ label }) => label);
    failLabel(bad.where, bad.label, range, least(values) === 1 && largest(values) === range.classes);
  }
}

/** Losses with at least twice as many classes as the labels that were looked at name. */
export function unusedClasses(net: Labelled, summaries: ReadonlyMap<string, DataSummary>): Note[] {
  const told = new Set<string>();
  return net.ranges.flatMap((range): Note[] => {
    const { label, classes, layer, ignored } = range;
    const summary = summaries.get(topOf(net, range)?.layer.name ?? '');
    const values = summary?.labels.map((each) => each.label).filter((value) => value !== ignored) ?? [];
    const top = largest(values);
    const key = `${label} ${classes}`;
    if (!summary || values.length === 0 || classes < 2 * (top + 1) || told.has(key)) return [];
    told.add(key);
    const { source } = summary;
    return [{ kind: 'classes-unused', source, layer, classes, largest: top, looked: values.length }];
  });
}

const topOf = ({ data }: Labelled, { label }: LabelRange): DataTop | undefined =>
  data.find((top) => top.label === label);

const isClass = (value: number, { classes, ignored }: LabelRange): boolean =>
  value === ignored || (Number.isInteger(value) && value >= 0 && value < classes);

function failLabel(where: string, label: number, { classes, layer }: LabelRange, fromOne = false): never {
  const fix = fromOne
    ? 'labels count from 0, and these from 1: subtract 1 from each'
    : classes === 1
      ? 'labels can only be 0'
      : `labels go from 0 to ${classes - 1}: correct them, or raise num_output`;
  return fail(where, `the label ${label} is none of the ${classes} classes of layer '${layer}'`, fix);
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity);
const largest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), -Infinity);
