import { roundedFigure } from '../../faithfulness/findings.ts';
import type { FaithfulnessReport } from '../../faithfulness/index.ts';
import { table } from '../table.ts';

/** Half an interval; 0 for one that rounding alone opens. */
const halfOf = (low: number, high: number): number => {
  const half = (high - low) / 2;
  return half < 1e-9 * Math.abs(high) ? 0 : half;
};

/** A line for each method, a column for each measure (half the 95 % interval beside), then what follows and what does not. */
export function reportText({ methods, measures, estimates, findings, limits }: FaithfulnessReport): string {
  const columns = measures.map(({ name, better }) => ({
    title: name + { higher: ' ↑', lower: ' ↓', neither: '' }[better],
  }));
  const rows = methods.map(({ name, kind }) => [
    kind === 'baseline' ? `${name} (no network)` : name,
    ...measures.map((measure) => {
      const found = estimates.find((each) => each.measure === measure.name && each.method === name);
      if (!found) return '';
      const { mean, low, high } = found;
      const half = low === undefined || high === undefined ? '' : ` ±${roundedFigure(halfOf(low, high))}`;
      return `${roundedFigure(mean)}${half}`;
    }),
  ]);
  const said = (title: string, all: readonly string[]) =>
    all.length === 0 ? '' : `\n${title}\n${all.map((each) => `  ${each}\n`).join('')}`;
  const numbers = table([{ title: '' }, ...columns], rows);
  return `${numbers}${said('What this shows', findings)}${said('What it does not show', limits)}`;
}
