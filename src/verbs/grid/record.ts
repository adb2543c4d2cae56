import * as v from 'valibot';
import type { Description } from '../../attribution/index.ts';
import { fail } from '../../common/error.ts';
import { checkTextSize } from '../../common/limits.ts';
import { list } from '../request.ts';

/** The file that tells of a grid. */
export const GRID_FILE = 'grid.json';

/** The picture that it tells of. */
export const GRID_PICTURE = 'grid.png';

const FORMAT = 'limn grid 1';

const description = v.custom<Description>(
  (given) => typeof given === 'object' && given !== null && 'method' in given && 'parameters' in given,
);

const common = {
  /** Absent in files of the first limn. */
  format: v.optional(v.literal(FORMAT), FORMAT),
  title: v.string(),
  subtitle: v.string(),
  /** What was explained, as the request said it. */
  target: v.string(),
  models: list(
    v.object({
      name: v.string(),
      file: v.string(),
      sha256: v.string(),
      /** The network's name. */
      network: v.string(),
      /** The output that was explained. */
      head: v.string(),
    }),
  ),
  explanation: v.optional(description),
};

/** A grid of photos: rows, and in each a cell per model. */
const photosRecord = v.object({
  kind: v.literal('photos'),
  ...common,
  /** Whether colours mean the same within a row, or within a cell only. */
  scale: v.picklist(['row', 'cell']),
  colors: v.string(),
  photos: list(
    v.object({
      photo: v.string(),
      truth: v.optional(v.string()),
      cells: list(
        v.object({
          model: v.string(),
          target: v.string(),
          /** The value at the ends of the cell's own colours. */
          limit: v.number(),
          scores: list(v.object({ label: v.string(), text: v.string() })),
        }),
      ),
    }),
  ),
});

/** A grid of average heatmaps: groups down, models across. */
const meansRecord = v.object({
  kind: v.literal('means'),
  ...common,
  data: v.object({
    source: v.string(),
    pictures: v.number(),
    /** How many were left out: their true class is not known. */
    withoutTruth: v.number(),
    /** How many are in no group. */
    withoutGroup: v.number(),
    notes: list(v.string()),
  }),
  /** The columns that groups are made by. */
  by: v.optional(list(v.string())),
  /** The rows, with the number of heatmaps by model. */
  groups: list(v.object({ group: v.string(), counts: v.record(v.string(), v.number()) })),
  /** H×W float32 of every mean and deviation, beside this file. */
  files: list(
    v.object({
      model: v.string(),
      group: v.string(),
      n: v.number(),
      mean: v.string(),
      deviation: v.string(),
    }),
  ),
});

const gridRecord = v.variant('kind', [photosRecord, meansRecord]);

/** What was drawn, with enough to repeat it: the content of `grid.json`. */
export type GridRecord = v.InferOutput<typeof gridRecord>;
/** A grid of photos down and models across: the content of `grid.json`. */
export type PhotoGridRecord = v.InferOutput<typeof photosRecord>;
/** A grid of average heatmaps, groups down and models across: the content of `grid.json`. */
export type MeanGridRecord = v.InferOutput<typeof meansRecord>;

/** Reads a record of this limn or of an earlier one. Errors name the file: it is no record, or one of a later limn. */
export function readGridRecord(text: string, path: string): GridRecord {
  checkTextSize(text, path);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return failRecord(path);
  }
  const { success, output, issues } = v.safeParse(gridRecord, given);
  if (success) return output;
  const found = typeof given === 'object' && given !== null && 'format' in given ? given.format : undefined;
  if (typeof found === 'string' && found !== FORMAT && found.startsWith('limn grid ')) {
    fail(path, `a '${found}', this limn reads '${FORMAT}'`, 'update limn');
  }
  const where = Array.isArray(given) ? null : v.getDotPath(issues[0]);
  return failRecord(where === null ? path : `${path}, ${where}`);
}

const failRecord = (where: string): never =>
  fail(where, 'not what limn grid writes', 'make the grid again, or move it away');
