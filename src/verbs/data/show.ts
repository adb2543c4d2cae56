import { plural } from '../../common/format.ts';
import {
  type Dataset,
  layoutSheet,
  picturesPerLabel,
  type Summary,
  sortedLabels,
  summarise,
} from '../../data/index.ts';
import { openPictures } from '../dataset.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { FailedEvent, ProgressEvent, Watch } from '../verb.ts';
import { type DataShowRequest, dataShowRequest } from './request.ts';

/** How many pictures have each value of a column, in the order of the values. */
export type LabelCounts = readonly (readonly [value: string, pictures: number])[];

/** What labelled pictures hold. */
export interface DataShowResult {
  readonly data: string;
  readonly kind: Dataset['kind'];
  readonly pictures: number;
  /** How labels were read, in words. */
  readonly notes: readonly string[];
  /** By column of labels: how many of each; '' are those without. */
  readonly labels: Readonly<Record<string, LabelCounts>>;
  /** By any other column. */
  readonly groups: Readonly<Record<string, LabelCounts>>;
  /** By `height×width`. */
  readonly sizes: LabelCounts;
  /** What is wrong with pictures that are missing or cannot be read. */
  readonly unreadable: readonly string[];
  /** The contact sheet that was written. */
  readonly grid?: string;
}

/**
 * Counts the labels and sizes of labelled pictures, tells of all that are missing or cannot be read, and draws a contact
 * sheet. Errors: the request's; no labelled pictures.
 */
export async function dataShow(
  request: DataShowRequest,
  host: Host,
  { on, signal }: Watch<ProgressEvent | FailedEvent> = {},
): Promise<DataShowResult> {
  const { data, grid, perLabel, ...how } = checkRequest(dataShowRequest, request, signal);
  const dataset = await openPictures(data, how, host);
  if (grid !== undefined) await host.files.claim([grid]);
  const summary = await summarise(dataset, host.images.measure, (done) => {
    signal?.throwIfAborted();
    on?.({ kind: 'progress', what: 'pictures', done, total: dataset.size });
  });
  const damaged = grid === undefined ? [] : await drawSheet(grid, dataset, summary, perLabel, host);
  const bad = [...summary.bad, ...damaged];
  for (const { where, message } of bad) on?.({ kind: 'failed', failed: { item: where, error: message } });
  const { name, kind, size, notes } = dataset;
  return {
    data: name,
    kind,
    pictures: size,
    notes,
    labels: countsOf(summary.labels),
    groups: countsOf(summary.groups),
    sizes: [...summary.sizes],
    unreadable: bad.map(({ message }) => message),
    ...(grid !== undefined && { grid }),
  };
}

/** Writes the contact sheet, a row for each label; returns the errors of pictures that turn out to be damaged. */
async function drawSheet(
  path: string,
  dataset: Dataset,
  summary: Summary,
  perLabel: number,
  { files, images }: Host,
) {
  const { pictures, bad } = await picturesPerLabel(dataset, summary, perLabel, images.decode);
  const [column] = dataset.labelColumns;
  const rows = [...pictures].map(([label, some]) => ({
    title: `${column} ${label || 'none'}: ${plural(summary.labels[column].get(label) ?? 0, 'picture')}`,
    pictures: some,
  }));
  await files.write(path, await images.encodePng(await images.draw(layoutSheet(dataset.name, rows))));
  return bad;
}

const countsOf = (counters: Summary['labels']): Record<string, LabelCounts> =>
  Object.fromEntries(
    Object.entries(counters).map(([column, counter]) => [
      column,
      sortedLabels(counter).map((label) => [label, counter.get(label) ?? 0] as const),
    ]),
  );
