import type { ComponentChildren } from 'preact';
import { short } from '../../common/format.ts';
import { Segments } from '../parts/controls.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { answered, useAsked } from '../state/asked.ts';
import { fileNameOf } from '../state/folder.ts';
import { gridView, showGrid } from '../state/grid.ts';
import { type Column, columnTitle, requestOf, takesLong } from '../state/request.ts';
import { show, view } from '../state/view.ts';
import { Difference, DifferenceHead } from './difference.tsx';
import { Heat } from './heat.tsx';
import { shownLimit, shownMaps } from './limits.ts';

/** A row or a column of the grid. */
interface Line {
  readonly key: string;
  readonly active: boolean;
  readonly head: ComponentChildren;
}

/** Photos, models and methods side by side: which of them in rows, a person says. */
export function Grid() {
  const { photos, columns, photo, column } = view.value;
  const { turned } = gridView.value;
  const ofPhotos: Line[] = photos.map((path, i) => ({
    key: path,
    active: i === photo,
    head: fileNameOf(path),
  }));
  const ofColumns: Line[] = columns.map((each, i) => ({
    key: `${i}`,
    active: i === column,
    head: <ColumnHead column={each} at={i} />,
  }));
  if (columns.length > 1)
    ofColumns.push({
      key: 'difference',
      active: false,
      head: <DifferenceHead />,
    });
  const cell = (row: number, at: number) =>
    at < columns.length ? (
      <Cell
        column={columns[at]}
        photo={photos[row]}
        active={row === photo && at === column}
        onChoose={() => show({ photo: row, column: at })}
      />
    ) : (
      <Difference photo={photos[row]} />
    );
  const [rows, across] = turned ? [ofColumns, ofPhotos] : [ofPhotos, ofColumns];
  return (
    <section class="grid-room" aria-labelledby="grid-title">
      <div class="grid-top">
        <h2 id="grid-title">Side by side</h2>
        <Segments
          label="In rows"
          value={turned ? 'columns' : 'photos'}
          choices={[
            { value: 'photos', label: 'photos' },
            { value: 'columns', label: 'methods' },
          ]}
          onChange={(value) => showGrid({ turned: value === 'columns' })}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section class="grid-scroll" tabIndex={0} aria-label="explanations side by side">
        <table class="grid">
          <thead>
            <tr>
              <td />
              {across.map(({ key, active, head }) => (
                <th key={key} scope="col" class={active ? 'active' : ''}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, active, head }, i) => (
              <tr key={key}>
                <th scope="row" class={active ? 'active' : ''}>
                  {head}
                </th>
                {across.map((each, k) => (
                  <td key={each.key}>{turned ? cell(k, i) : cell(i, k)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function ColumnHead({ column, at }: { readonly column: Column; readonly at: number }) {
  const { columns } = view.value;
  const { model, target, head } = column;
  return (
    <>
      <span>{columnTitle(column)}</span>
      <small>
        {model}
        {target !== 'predicted' && ` · ${target}`}
        {head && ` · ${head}`}
      </small>
      {columns.length > 1 && (
        <button
          type="button"
          class="remove"
          aria-label={`remove the column ${columnTitle(column)}`}
          onClick={() => show({ columns: columns.filter((_, k) => k !== at) })}
        >
          ×
        </button>
      )}
    </>
  );
}

function Cell({
  column,
  photo,
  active,
  onChoose,
}: {
  readonly column: Column;
  readonly photo: string;
  readonly active: boolean;
  onChoose(): void;
}) {
  const { drawing } = view.value;
  const request = requestOf(column, photo, drawing.pooling);
  const asked = useAsked('explain', takesLong(column) && !active ? undefined : request, 'explaining');
  void answered.value;
  if (asked.state === 'failed') return <Failure asked={asked} />;
  if (asked.state === 'idle')
    return (
      <button type="button" class="cell" onClick={onChoose}>
        This takes a while: choose it
      </button>
    );
  if (asked.state === 'asking') return <Waiting text="explaining" />;
  const { map, view: seen, reading } = asked.answer;
  const limit = shownLimit(map, drawing, shownMaps(view.value, column));
  const said = `${columnTitle(column)}: what speaks for ${reading.target.name} in ${photo}`;
  return (
    <button type="button" class="cell" aria-pressed={active} onClick={onChoose}>
      <Heat
        map={map}
        view={seen}
        limit={limit}
        colors={drawing.colors}
        opacity={drawing.opacity}
        label={said}
      />
      <small>
        <span>{reading.target.name}</span> <span>score {short(reading.score)}</span>{' '}
        <span>sum {short(reading.relevance.sum)}</span>
      </small>
    </button>
  );
}
