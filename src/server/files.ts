/** A regular file, open for reading; who opens it sends or closes it. */
export interface ServedFile {
  readonly bytes: number;
  readonly modified: Date;
  /** Another one when the content may be another. */
  readonly version: string;
  /** The bytes from `from` to before `to`; closes the file when they are read, or nobody wants them any more. */
  send(from: number, to: number): ReadableStream<Uint8Array>;
  close(): Promise<void>;
}

/** ServedFiles of which some may be read; `path` is relative, part by part. */
export interface ServedFiles {
  /** The file of that path; undefined where there is none that may be read. */
  open(path: readonly string[]): Promise<ServedFile | undefined>;
}

/** What the page can do with a file of the folder. */
export type ListedKind =
  | 'model'
  | 'photo'
  | 'evaluation'
  | 'comparison'
  | 'grid'
  | 'run'
  | 'faithfulness'
  | 'clusters'
  | 'concepts'
  | 'other';

/** A file of the folder, as the page lists it. */
export interface ListedFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** ISO 8601. */
  readonly modified: string;
  readonly kind: ListedKind;
}

/** The content of `files.json`. */
export interface Listing {
  readonly version: 1;
  /** The folder's name, without the path to it. */
  readonly folder: string;
  readonly files: readonly ListedFile[];
  /** What is not listed and why, in sentences. */
  readonly notes: readonly string[];
}

/** What `events` tells: files that came, went or have changed. */
export interface Changed {
  readonly type: 'changed';
  readonly paths: readonly string[];
  /** How many more have; absent where all are named. */
  readonly more?: number;
}

/** The folder that is looked at: read only. */
export interface SharedFolder extends ServedFiles {
  readonly name: string;
  /** Errors: the folder is gone. */
  list(): Promise<Listing>;
  /** Tells of changes until the result is called. */
  watch(on: (paths: readonly string[]) => void): () => void;
}
