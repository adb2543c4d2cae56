import * as v from 'valibot';
import { failRequest } from '../common/error.ts';
import { distinct } from '../common/groups.ts';
import type { Shard } from '../common/shard.ts';
import { field, words } from '../common/words.ts';

/** Where and how a model is run, as fields of a request. */
export const computeFields = {
  /** Where to compute: `cpu`, `webgpu`, `cuda`, or `wasm` in a page; the host's own choice unless given. */
  provider: v.optional(v.picklist(['cpu', 'webgpu', 'cuda', 'wasm'])),
  /** Threads in all; as many as there are cores unless given. */
  threads: v.optional(whole(1)),
};

/** A whole number from `least` on. */
export function whole(least = 0) {
  return v.pipe(
    v.number(),
    v.check((x: number) => Number.isSafeInteger(x) && x >= least, `expected a whole number from ${least} on`),
  );
}

/** A number between `least` and `most`. */
export function number(least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY) {
  const range = Number.isFinite(most)
    ? ` from ${least} to ${most}`
    : Number.isFinite(least)
      ? ` from ${least} on`
      : '';
  return v.pipe(
    v.number(),
    v.check((x: number) => Number.isFinite(x) && x >= least && x <= most, `expected a number${range}`),
  );
}

/** A list, which callers may hold to be read-only: the library's own type would refuse it. */
export const list = <T>(item: v.GenericSchema<T>): v.GenericSchema<readonly T[]> =>
  v.array(item) as unknown as v.GenericSchema<readonly T[]>;

/** Folds by number, each once; `{fold}` stands for them in paths. */
export const foldNumbers = v.pipe(
  list(whole()),
  v.transform((all: readonly number[]) => distinct(all)),
);

/** A path in a fold; itself where there is none. */
export const inFold = (path: string, fold: number | undefined): string =>
  fold === undefined ? path : path.replaceAll('{fold}', String(fold));

/** Names or paths, at least one. */
export const names: v.GenericSchema<readonly string[]> = v.pipe(
  list(v.string()),
  v.check((all: readonly string[]) => all.length > 0, 'expected at least one'),
);

/** One of several parts of a request's items: `{ index: 2, of: 8 }`. */
export const shard = v.pipe(
  v.strictObject({ index: whole(1), of: whole(1) }),
  v.check(({ index, of }: Shard) => index <= of, 'expected an index that is not above the number of shards'),
);

/** Whether a table is written as Parquet besides CSV: typed columns for data frames and databases. */
export const parquet = v.optional(v.boolean(), false);

/** A size in pixels: 256, or height and width. */
export const extent = v.union([whole(1), v.strictObject({ height: whole(1), width: whole(1) })]);

/** N×C×H×W. */
export const inputShape: v.GenericSchema<readonly number[]> = v.pipe(
  list(whole(1)),
  v.check((dims: readonly number[]) => dims.length === 4, 'expected N, C, H, W'),
);

/**
 * Holds a request, which may come from anywhere, against its schema and fills in the defaults. Errors, of kind
 * `request`: a field that is missing, unknown or has a wrong value. Work that was stopped before it began is not begun: the
 * signal's reason is thrown.
 */
export function checkRequest<S extends v.GenericSchema>(
  schema: S,
  given: v.InferInput<S>,
  signal?: AbortSignal,
): v.InferOutput<S> {
  signal?.throwIfAborted();
  const result = v.safeParse(schema, given, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const name = v.getDotPath(issue) ?? 'request';
  const { message, expected, received } = issue;
  if (issue.kind === 'schema' && issue.type === 'strict_object') {
    return failRequest(
      words`${field(name)}`,
      expected === 'never' ? 'there is no such field' : 'it is missing',
      expected === 'never' ? 'leave it out' : 'give it',
    );
  }
  const what =
    issue.kind === 'schema' ? `expected ${expected}, got ${received}` : `${message}, got ${received}`;
  return failRequest(words`${field(name)}`, what);
}
