import type { Content } from './pictures/content.ts';

/** A class as a number, or what stands in a table. */
export type Label = number | string;

/** One labelled picture; its content is fetched when it is asked for. */
export interface Sample {
  /** A path relative to the data set's folder, or a key. */
  readonly name: string;
  /** By column; a column is absent where the sample has no label in it. */
  readonly labels: Readonly<Record<string, Label>>;
  /** What else is known of it, by column: who is on it, where it is from. */
  readonly groups: Readonly<Record<string, string>>;
  /** Errors name the file: missing, unreadable. */
  content(): Promise<Content>;
}

/** Labelled pictures, whatever they are stored in. */
export interface Dataset {
  /** Where it was opened. */
  readonly name: string;
  readonly kind: 'list' | 'lmdb' | 'folder' | 'csv';
  readonly size: number;
  readonly labelColumns: readonly string[];
  readonly groupColumns: readonly string[];
  /** Names of the classes of columns whose labels are numbers, where they are known. */
  readonly classes: Readonly<Record<string, readonly string[]>>;
  /** Notes on how labels were read that a report should print. */
  readonly notes: readonly string[];
  /** Paths of all files that are read, on disk; none of files that are on no disk. */
  readonly files: Iterable<string>;
  /** The samples from index `from` on, always in the same order. */
  samples(from?: number): AsyncIterable<Sample>;
  /** Files that are named and not there, all of them. */
  missing(): Promise<readonly string[]>;
}

/** Where a data set's files are: a folder on disk, or files that a person chose in the browser. */
export interface FileStore {
  /** Where a file lies on disk; undefined where there is none. */
  place?(path: string): string;
  /** Errors name the path. */
  read(path: string): Promise<Uint8Array>;
  /** Which of the paths are not there. */
  missing(paths: readonly string[]): Promise<readonly string[]>;
}

/** How a column of labels is read as classes. */
export interface LabelRule {
  /** The names of the classes, in the order of their numbers. */
  readonly classes: readonly string[];
  /** The rule in words. */
  readonly description: string;
  /** The class; undefined where the rule drops the sample from this column. Errors name `where`. */
  classOf(label: Label, where: string): number | undefined;
}

/**
 * The data set with a column's labels read as classes by a rule, which its notes tell. Samples that the rule gives no
 * class stay, without a label in that column, so that whoever leaves them out can count them.
 */
export function relabel(dataset: Dataset, column: string, rule: LabelRule): Dataset {
  return {
    ...dataset,
    classes: { ...dataset.classes, [column]: rule.classes },
    notes: [...dataset.notes, `${column}: ${rule.description}`],
    async *samples(from) {
      for await (const sample of dataset.samples(from)) {
        const { [column]: label, ...labels } = sample.labels;
        const found =
          label === undefined ? undefined : rule.classOf(label, `${dataset.name}, ${sample.name}, ${column}`);
        yield { ...sample, labels: found === undefined ? labels : { ...labels, [column]: found } };
      }
    },
  };
}

/** The labels of a counter in the order of their numbers, or else of their letters. */
export function sortedLabels(counter: ReadonlyMap<string, unknown>): string[] {
  return [...counter.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
