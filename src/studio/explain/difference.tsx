import { Select } from '../parts/controls.tsx';
import { Waiting } from '../parts/notice.tsx';
import { answered, knownAnswer } from '../state/asked.ts';
import { gridView, showGrid } from '../state/grid.ts';
import { columnTitle, requestOf } from '../state/request.ts';
import { view } from '../state/view.ts';
import { Heat } from './heat.tsx';
import { ownLimit } from './limits.ts';
import { differenceOf } from './region.ts';

/** Which two of the columns are held against each other: of columns that are gone, the first and the last there are. */
export function chosenTwo(): readonly [number, number] {
  const { first, second } = gridView.value;
  const last = view.value.columns.length - 1;
  return [first <= last ? first : 0, Math.min(second, last)];
}

/** What the difference is of; any two, where there are more. */
export function DifferenceHead() {
  const { columns } = view.value;
  const [first, second] = chosenTwo();
  if (columns.length === 2)
    return (
      <>
        <span>difference</span>
        <small>first − second, each by its own scale</small>
      </>
    );
  const choices = columns.map((column, i) => ({ value: `${i}`, label: `${i + 1}: ${columnTitle(column)}` }));
  return (
    <div class="difference-head">
      <span>difference</span>
      <Select
        label="of"
        value={`${first}`}
        choices={choices}
        onChange={(value) => showGrid({ first: Number(value) })}
      />
      <Select
        label="less"
        value={`${second}`}
        choices={choices}
        onChange={(value) => showGrid({ second: Number(value) })}
      />
      <small>each by its own scale</small>
    </div>
  );
}

/** What one column holds for stronger than another. */
export function Difference({ photo }: { readonly photo: string }) {
  const { columns, drawing } = view.value;
  void answered.value;
  const [a, b] = chosenTwo().map((i) =>
    knownAnswer('explain', requestOf(columns[i], photo, drawing.pooling)),
  );
  if (!a || !b) return <Waiting text="waits for both" />;
  const { percentile, colors } = drawing;
  const map = differenceOf(a.map, ownLimit(a.map, percentile), b.map, ownLimit(b.map, percentile));
  if (!map) return <p class="hint">The networks see pictures of different sizes.</p>;
  return (
    <div class="cell">
      <Heat map={map} view={a.view} limit={1} colors={colors} opacity={1} label={`difference for ${photo}`} />
      <small>for: more in the first; against: more in the second</small>
    </div>
  );
}
