import type { PageCell, PageTable } from '../page-blocks.ts';

/** A cell of a table; `values` are what it holds for other programs, one for each of its column's `fields`. */
export interface Cell extends PageCell {
  readonly values?: readonly (number | string | undefined)[];
}

/** A column of a table: its title, and what it becomes in CSV. */
export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** The columns that it becomes in CSV; one of its title unless given. */
  readonly fields?: readonly string[];
}

/** A table as data, for a page and for every format. The first cell of a row is its heading. */
export interface Table extends PageTable {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly (Cell | string)[])[];
  /** Sentences below it. */
  readonly notes?: readonly string[];
}

/** The text of a cell. */
export const textOf = (cell: Cell | string): string => (typeof cell === 'string' ? cell : cell.text);
/** Whether a cell holds the best value of its kind. */
export const isBest = (cell: Cell | string): boolean => typeof cell !== 'string' && cell.best === true;
