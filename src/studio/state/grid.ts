import { placedState } from './view.ts';

/** How explanations stand side by side. */
export interface GridView {
  /** Photos in columns, models and methods in rows. */
  readonly turned: boolean;
  /** The two columns whose difference is shown, by their places. */
  readonly first: number;
  readonly second: number;
}

const place = (given: unknown, usual: number): number =>
  Number.isInteger(given) && (given as number) >= 0 ? (given as number) : usual;

/** In the address, too. */
export const gridView = placedState<GridView>(
  'grid',
  { turned: false, first: 0, second: 1 },
  ({ turned, first, second }) => ({
    turned: turned === true,
    first: place(first, 0),
    second: place(second, 1),
  }),
);

export function showGrid(change: Partial<GridView>): void {
  gridView.value = { ...gridView.value, ...change };
}
