import { groupedBy } from '../../common/groups.ts';
import { extremesOf, isRate } from './metricaxis.ts';
import type { ProgressRow } from './progressrow.ts';

/** A row and what is drawn of it. */
export interface LinePoint {
  readonly row: ProgressRow;
  readonly value: number;
  /** Its own value, where `value` is a mean. */
  readonly raw?: number;
}

/**
 * Lines of rows, each with the running mean over `window` of them, centred, by metric, run and series. Where there are few (tests beside
 * training), and for rates, which do not jump about, a row's value is its own.
 */
export function smoothed(rows: readonly ProgressRow[], window: number): LinePoint[][] {
  const lines = groupedBy(rows, ({ metric, run, series }) => JSON.stringify([metric, run, series]));
  const longest = extremesOf([...lines.values()].map(({ length }) => length)).most;
  return [...lines.values()].map((line) => {
    if (window < 2 || line.length < Math.max(2 * window, longest / 4) || isRate(line[0].metric)) {
      return thinned(line.map((row) => ({ row, value: row.value })));
    }
    const half = Math.floor(window / 2);
    return thinned(
      line.map((row, i) => {
        const near = line.slice(Math.max(0, i - half), i + half + 1);
        return { row, raw: row.value, value: near.reduce((sum, each) => sum + each.value, 0) / near.length };
      }),
    );
  });
}

/** More points than pixels draw nothing but ink: of each share of a long line its lowest and its highest are kept. */
function thinned(line: readonly LinePoint[]): LinePoint[] {
  const shares = 600;
  if (line.length <= 4 * shares) return [...line];
  return Array.from({ length: shares }, (_, i) => {
    const share = line.slice(
      Math.floor((i * line.length) / shares),
      Math.floor(((i + 1) * line.length) / shares),
    );
    const own = ({ raw, value }: LinePoint) => raw ?? value;
    const lowest = share.reduce((a, b) => (own(b) < own(a) ? b : a));
    const highest = share.reduce((a, b) => (own(b) > own(a) ? b : a));
    return share.filter((point) => point === lowest || point === highest);
  }).flat();
}
