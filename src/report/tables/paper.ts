import type { ComparedEntry, OutcomeInfo, TargetComparison } from '../../evaluation/comparison/index.ts';
import { figureText, rounded, signed } from '../numbers.ts';
import {
  PUBLISHED,
  PUBLISHED_ARCHITECTURES,
  type PublishedValue,
  publishedArchitecture,
  publishedValue,
} from '../published.ts';
import type { Cell, Table, TableColumn } from './table.ts';

/** What stands in the paper's table besides the values. */
export interface PaperOptions {
  /** Add what was published and the difference to it, where the target is one of the paper's. */
  readonly published?: boolean;
  /** Write ± population standard deviations over folds. */
  readonly spread?: boolean;
}

/** What an entry shows: means over folds as in the paper, or else the values of all images. */
export interface EntryValue {
  readonly main: number;
  readonly oneOff?: number;
  readonly sd?: readonly [main: number, oneOff: number | undefined];
}

/** A row: its name, and the place in the published tables that it stands for. */
interface Row {
  readonly name: string;
  readonly place?: {
    readonly preprocessing: string;
    readonly initialisation: string;
    /** The faces that it is tested on, where they are not its own. */
    readonly test?: string;
  };
  /** By architecture; undefined where only the published table has a value. */
  readonly entries: Map<string, ComparedEntry | undefined>;
}

/**
 * The paper's table of a target from any set of results: preprocessing and initialisation down, architectures across,
 * one-off accuracy in brackets, the best of each column in bold. Results without an architecture stand in rows of their
 * own, under the measure.
 */
export function paperTable(comparison: TargetComparison, options: PaperOptions = {}): Table {
  const { target, entries, outcomes } = comparison;
  const [main] = outcomes as readonly [OutcomeInfo];
  const reference = options.published && main.kind === 'share' && Object.hasOwn(PUBLISHED, target);
  const rows = rowsOf(entries, main, reference ? target : undefined);
  const architectures = knownFirst(
    [...rows.values()].flatMap(({ entries: cells }) => [...cells.keys()]),
    PUBLISHED_ARCHITECTURES,
  );
  const shown = new Map(entries.map((entry) => [entry, entryValue(entry, main)]));
  const columns: TableColumn[] = [{ title: '', fields: ['row'] }];
  const cells: Cell[][] = rows.map(({ name }) => [{ text: name, values: [name] }]);
  const hasOneOff = outcomes.some(({ name }) => name === 'oneOff');
  const fieldsOf = (title: string) => {
    const measures = hasOneOff ? [main.title, 'one-off accuracy'] : [main.title];
    return measures.map((measure) => (title === measure ? title : `${title} ${measure}`));
  };
  for (const architecture of architectures) {
    const add = (title: string, each: readonly Cell[]) => {
      columns.push({ title, align: 'right', fields: fieldsOf(title) });
      each.forEach((cell, r) => void cells[r].push(cell));
    };
    const values = rows.map(({ entries: row }) => {
      const entry = row.get(architecture);
      return entry && shown.get(entry)!;
    });
    add(
      architecture,
      markBest(
        values.map((value) => cellOf(value, main, options.spread)),
        values,
        main,
      ),
    );
    if (!reference || !publishedArchitecture(architecture)) continue;
    const published = rows.map(
      ({ place }) => place && place.test === undefined && publishedValue(target, { ...place, architecture }),
    );
    const fractions = published.map((value) => (value ? fractionsOf(value) : undefined));
    add(
      `${architecture} published`,
      fractions.map((value) => cellOf(value, main)),
    );
    add(
      `${architecture} difference`,
      values.map((value, r) => differenceOf(value, fractions[r], main)),
    );
  }
  return {
    caption: captionOf(comparison, main, hasOneOff, options),
    columns,
    rows: cells,
    notes: notesOf(rows, reference ? target : undefined),
  };
}

function rowsOf(entries: readonly ComparedEntry[], main: OutcomeInfo, target: string | undefined): Row[] {
  const rows = new Map<string, Row>();
  const rowAt = (name: string, place?: Row['place']): Row => {
    const found = rows.get(name) ?? { name, ...(place && { place }), entries: new Map() };
    rows.set(name, found);
    return found;
  };
  for (const { preprocessing, initialisation, values } of target ? PUBLISHED[target].rows : []) {
    const row = rowAt(placeName(preprocessing, initialisation), { preprocessing, initialisation });
    // What nobody evaluated stays visible as a gap.
    for (const architecture of Object.keys(values)) row.entries.set(architecture, undefined);
  }
  for (const entry of entries) {
    const { architecture, preprocessing, initialisation, test } = entry.place;
    const column =
      architecture === undefined ? main.title : (publishedArchitecture(architecture) ?? architecture);
    const isPlaced = preprocessing !== undefined || initialisation !== undefined;
    const own = isPlaced ? placeName(preprocessing ?? '', initialisation ?? '') : main.title;
    const name = test === undefined ? own : `${own} on ${test}`;
    const row =
      architecture === undefined
        ? rowAt(entry.name)
        : rowAt(
            name,
            isPlaced
              ? {
                  ...{ preprocessing: preprocessing ?? '', initialisation: initialisation ?? '' },
                  ...(test !== undefined && { test }),
                }
              : undefined,
          );
    // A place that is taken already: the entry gets a row of its own.
    (row.entries.get(column) ? rowAt(entry.name) : row).entries.set(column, entry);
  }
  const rank = ({ place }: Row) =>
    place
      ? 10 * order(place.initialisation, INITIALISATIONS) +
        order(place.preprocessing, PREPROCESSINGS_IN_ORDER) +
        // Below the same networks on faces of their own kind.
        (place.test === undefined ? 0 : 0.1 * (1 + order(place.test, PREPROCESSINGS_IN_ORDER)))
      : 1000;
  return [...rows.values()].sort((a, b) => rank(a) - rank(b));
}

/** The paper's, in the order of its tables. */
export const PREPROCESSINGS_IN_ORDER = ['i', 'r', 'm'];
export const INITIALISATIONS = ['', 'n', 'w'];

/** `[m, n]`, `[i, ·]`. */
export const placeName = (preprocessing: string, initialisation: string): string =>
  `[${[preprocessing, initialisation || '·'].filter((part) => part !== '').join(', ')}]`;

const order = (value: string, known: readonly string[]): number =>
  known.includes(value) ? known.indexOf(value) : known.length;

/** Distinct names, the known ones first, in their order. */
export function knownFirst(names: readonly string[], known: readonly string[]): string[] {
  return [...new Set(names)].sort((a, b) => order(a, known) - order(b, known));
}

export function entryValue({ values, folds }: ComparedEntry, { name }: OutcomeInfo): EntryValue {
  const main = folds?.spread[name]?.mean ?? values[name]!.value;
  const oneOff = folds?.spread.oneOff?.mean ?? values.oneOff?.value;
  return {
    main,
    ...(oneOff !== undefined && { oneOff }),
    ...(folds && { sd: [folds.spread[name]!.sd, folds.spread.oneOff?.sd] }),
  };
}

const fractionsOf = ({ accuracy, oneOff }: PublishedValue): EntryValue => ({
  main: accuracy / 100,
  ...(oneOff !== undefined && { oneOff: oneOff / 100 }),
});

function cellOf(value: EntryValue | undefined, { kind }: OutcomeInfo, spread = false): Cell {
  if (!value) return { text: '', values: [] };
  const { main, oneOff, sd } = value;
  const text = (x: number, deviation: number | undefined) =>
    figureText(x, kind) + (spread && deviation !== undefined ? ` ± ${figureText(deviation, kind)}` : '');
  const brackets = oneOff === undefined ? '' : ` (${text(oneOff, sd?.[1])})`;
  return { text: text(main, sd?.[0]) + brackets, sort: main, values: numbers(main, oneOff, kind) };
}

function differenceOf(
  value: EntryValue | undefined,
  other: EntryValue | undefined,
  { kind }: OutcomeInfo,
): Cell {
  if (!value || !other) return { text: '', values: [] };
  const main = value.main - other.main;
  const oneOff =
    value.oneOff === undefined || other.oneOff === undefined ? undefined : value.oneOff - other.oneOff;
  const brackets = oneOff === undefined ? '' : ` (${signed(oneOff, kind)})`;
  return { text: signed(main, kind) + brackets, sort: main, values: numbers(main, oneOff, kind) };
}

function numbers(
  main: number,
  oneOff: number | undefined,
  kind: OutcomeInfo['kind'],
): (number | undefined)[] {
  const unit = kind === 'share' ? 100 : 1;
  return [rounded(unit * main), oneOff === undefined ? undefined : rounded(100 * oneOff)];
}

/** Bold for the best as printed: who looks the same is the same. */
function markBest(
  cells: readonly Cell[],
  values: readonly (EntryValue | undefined)[],
  main: OutcomeInfo,
): Cell[] {
  const present = values.flatMap((value) => value?.main ?? []);
  if (present.length < 2) return [...cells];
  const best = main.better === 'higher' ? Math.max(...present) : Math.min(...present);
  return cells.map((cell, i) => {
    const value = values[i];
    return value && figureText(value.main, main.kind) === figureText(best, main.kind)
      ? { ...cell, best: true }
      : cell;
  });
}

function captionOf(
  { target, entries }: TargetComparison,
  main: OutcomeInfo,
  hasOneOff: boolean,
  { spread, published }: PaperOptions,
): string {
  const folded = entries.filter(({ folds }) => folds).length;
  const how =
    folded === 0
      ? ''
      : `, mean ${spread ? '± population standard deviation ' : ''}over folds${folded < entries.length ? ' where there are any' : ''}`;
  const unit = main.kind === 'share' ? ' in %' : '';
  const brackets = hasOneOff ? ', one-off accuracy in brackets' : '';
  const difference = published ? '; published values and the difference to them beside' : '';
  return `${target}: ${main.title}${unit}${brackets}${how}; the best of each column in bold${difference}`;
}

function notesOf(rows: readonly Row[], target: string | undefined): string[] {
  const places = rows.flatMap(({ place }) => place ?? []);
  const usual =
    places.length > 0 &&
    places.every(
      (place) =>
        PREPROCESSINGS_IN_ORDER.includes(place.preprocessing) &&
        INITIALISATIONS.includes(place.initialisation),
    );
  const legend =
    'Rows: faces aligned (i), rotated only (r) or both in training (m); weights from scratch (·), from ImageNet (n) or ' +
    'from ImageNet and IMDB-WIKI (w).';
  const earlier = target && PUBLISHED[target].earlier;
  return [
    ...(usual ? [legend] : []),
    ...(places.some(({ test }) => test !== undefined)
      ? ['Rows with “on”: tested on other faces than those that the network was trained for.']
      : []),
    ...(earlier
      ? [
          `For comparison, Levi and Hassner 2015: ${earlier.accuracy.toFixed(1)}` +
            `${earlier.oneOff === undefined ? '' : ` (${earlier.oneOff.toFixed(1)})`}.`,
        ]
      : []),
  ];
}
