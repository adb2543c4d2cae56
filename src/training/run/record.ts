import { fail } from '../../common/error.ts';
import type { Smoothing } from './smoothing.ts';

/** Bytes of a run's logs that belong to what came before a snapshot. */
export interface LogLengths {
  readonly log: number;
  readonly clock: number;
  readonly train: number;
  /** Of TensorBoard's event file, where there is one. */
  readonly tensorboard?: number;
}

/** What Caffe's files do not hold, but going on to the last bit needs. */
export interface RunState {
  readonly iteration: number;
  /** As Caffe names it: `SGD`. */
  readonly solver: string;
  /** Of order, crops, mirrors, masks. */
  readonly seed: number;
  /** In how many parts a batch is computed: sums depend on it in their last bits. */
  readonly parts: number;
  readonly smoothing: Smoothing;
  /** How many more iterations than others had a loss near its ceiling; 0 unless given. See `watchCeiling`. */
  readonly ceiling?: number;
  /** Seconds of training so far. */
  readonly seconds: number;
  readonly logs: LogLengths;
  /** SHA-256 of what the run is made of, by name (solver, net, data): whoever goes on can say what has changed. */
  readonly contents: Readonly<Record<string, string>>;
}

/** A file that belongs to a snapshot. */
export interface FileRecord {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A `.limnstate`: it makes a snapshot complete. */
export interface SnapshotRecord extends RunState {
  readonly model: FileRecord;
  readonly state: FileRecord;
}

const format = 'limn snapshot 1';

/** A `.limnstate` as text: JSON, whose numbers are exact. */
export const writeRecord = (record: SnapshotRecord): string =>
  `${JSON.stringify({ format, ...record }, null, 2)}\n`;

/** Reads it. Errors name `file`: no JSON, not limn's, a newer limn's, parts missing. */
export function parseRecord(text: string, file: string): SnapshotRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail(file, 'damaged: no JSON', 'go on from another snapshot');
  }
  const { format: found, ...record } = fieldsOf(value);
  if (found !== format) {
    const known = typeof found === 'string' && found.startsWith('limn snapshot');
    if (known) fail(file, `a '${found}', this limn reads '${format}'`, 'use the limn that wrote it');
    fail(file, 'no snapshot of limn', 'pass a .limnstate here');
  }
  const missing = Object.keys(parts).filter((name) => !parts[name as keyof SnapshotRecord](record[name]));
  if (missing.length > 0) {
    fail(file, `damaged: no valid ${missing.join(', ')}`, 'go on from another snapshot');
  }
  return record as unknown as SnapshotRecord;
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const whole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const text = (value: unknown): boolean => typeof value === 'string';
const number = (value: unknown): boolean => Number.isFinite(value);
const object = (checks: Readonly<Record<string, (value: unknown) => boolean>>) => (value: unknown) =>
  Object.entries(checks).every(([name, check]) => check(fieldsOf(value)[name]));
const file = object({ file: text, bytes: whole, sha256: text });

const parts: Readonly<Record<keyof SnapshotRecord, (value: unknown) => boolean>> = {
  iteration: whole,
  solver: text,
  seed: Number.isSafeInteger,
  parts: (value) => whole(value) && value !== 0,
  smoothing: object({
    window: (value) => whole(value) && value !== 0,
    start: whole,
    losses: (value) => Array.isArray(value) && value.every(number),
    mean: number,
  }),
  ceiling: (value) => value === undefined || whole(value),
  seconds: number,
  logs: object({
    log: whole,
    clock: whole,
    train: whole,
    tensorboard: (value) => value === undefined || whole(value),
  }),
  contents: (value) => typeof value === 'object' && value !== null && Object.values(value).every(text),
  model: file,
  state: file,
};

/** Names of what a run was made of and is not any more. */
export const changedContents = (before: RunState['contents'], now: RunState['contents']): string[] =>
  Object.keys(now).filter((name) => before[name] !== undefined && before[name] !== now[name]);
