import Papa from 'papaparse';
import { fail } from '../common/error.ts';
import { count } from '../common/format.ts';
import { firstOf, quoted } from '../common/quoted.ts';

/** Which columns of a manifest hold what. */
export interface ManifestOptions {
  /** The column of paths; unless given, `path`, `file`, `image` or `filename`, or else the first. */
  readonly path?: string | undefined;
  /** The columns of labels, none if it is empty; unless given, those of `label`, `class`, `age`, `gender` that there are. */
  readonly labels?: readonly string[] | undefined;
}

/** A table of pictures: path, labels, and every other column as a group. */
export interface Manifest {
  readonly labelColumns: readonly string[];
  readonly groupColumns: readonly string[];
  readonly rows: readonly {
    readonly path: string;
    /** As written; empty cells are left out. */
    readonly labels: Readonly<Record<string, string>>;
    readonly groups: Readonly<Record<string, string>>;
  }[];
}

const pathNames = ['path', 'file', 'image', 'filename'];
const labelNames = ['label', 'class', 'age', 'gender'];
const delimiters = [',', ';', '\t'];

/** The most columns of a manifest: a hundred times those of any that is known. */
const MOST_COLUMNS = 10_000;

/**
 * Parses a CSV manifest (RFC 4180, the names of the columns in the first row; semicolons and tabs part fields as well
 * as commas). Errors name the file and the row, counted from the header as 1: a quote that is not closed, too many or
 * too few fields, no path, columns that do not exist, are named twice, or are more than 10,000.
 */
export function parseManifest(text: string, file: string, options: ManifestOptions = {}): Manifest {
  const table = text.replace(/^\uFEFF/, '');
  checkWidth(table, file);
  const { data, errors } = Papa.parse<string[]>(table, {
    skipEmptyLines: true,
    delimitersToGuess: delimiters,
  });
  const error = errors.find(({ type }) => type !== 'Delimiter');
  if (error) fail(`${file}, row ${(error.row ?? 0) + 1}`, error.message.toLowerCase(), 'repair the table');
  const header = data[0];
  const rows = data.slice(1);
  if (!header || rows.length === 0)
    return fail(file, 'no rows after the header', 'give a table with one row per picture');
  const columns = header.map((name) => name.trim());
  const names = new Set<string>();
  for (const name of columns) {
    if (names.has(name)) fail(`${file}, row 1`, `two columns are named ${quoted(name)}`, 'rename one');
    names.add(name);
  }
  const known = (name: string) =>
    names.has(name)
      ? name
      : fail(file, `there is no column ${quoted(name)}`, `its columns are ${firstOf(columns)}`);
  const path = options.path ? known(options.path) : (pathNames.find((name) => names.has(name)) ?? columns[0]);
  const labelColumns = (options.labels?.map(known) ?? labelNames.filter((name) => names.has(name))).filter(
    (name) => name !== path,
  );
  if (labelColumns.length === 0 && !options.labels) {
    fail(file, 'which columns are labels?', `name them; its columns are ${firstOf(columns)}`);
  }
  const taken = new Set([path, '', ...labelColumns]);
  const groupColumns = columns.filter((name) => !taken.has(name));
  return {
    labelColumns,
    groupColumns,
    rows: rows.map((cells, i) => {
      const where = `${file}, row ${i + 2}`;
      if (cells.length !== columns.length)
        fail(where, `${cells.length} fields, expected ${columns.length}`, 'repair the table');
      const row = new Map(columns.map((name, j) => [name, cells[j].trim()]));
      const pick = (names: readonly string[]) =>
        Object.fromEntries(names.map((name) => [name, row.get(name)!]).filter(([, value]) => value !== ''));
      return {
        path: row.get(path) || fail(where, 'no path', 'repair the table'),
        labels: pick(labelColumns),
        groups: pick(groupColumns),
      };
    }),
  };
}

/** Errors: too many columns. Of the first row alone, before every cell of a table that is no manifest takes memory. */
function checkWidth(table: string, file: string): void {
  const rows = table.replace(/^[\r\n]+/, '');
  for (const delimiter of delimiters) {
    const [header] = Papa.parse<string[]>(rows, { delimiter, preview: 1 }).data;
    if (!header || header.length <= MOST_COLUMNS) continue;
    const [columns, most] = [header.length, MOST_COLUMNS].map(count);
    fail(
      `${file}, row 1`,
      `${columns} columns, a manifest has at most ${most}`,
      'leave out those that are no labels or groups',
    );
  }
}
