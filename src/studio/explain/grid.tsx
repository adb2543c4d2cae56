import { short } from '../../common/format.ts';
import { Failure, Waiting } from '../parts/notice.tsx';
import { answered, knownAnswer, useAsked } from '../state/asked.ts';
import { fileNameOf } from '../state/folder.ts';
import { type Column, requestOf, takesLong } from '../state/request.ts';
import { show, view } from '../state/view.ts';
import { Heat } from './heat.tsx';
import { ownLimit, shownLimit, shownMaps } from './limits.ts';
import { differenceOf } from './region.ts';

/** What a column is called. */
export const columnTitle = ({ method, parameters }: Column): string =>
  method === 'lrp' ? String(parameters.composite ?? 'lrp') : method;

/** Photos in rows, models and methods in columns, side by side. */
export function Grid() {
  const { photos, columns, photo, column } = view.value;
  const differs = columns.length === 2;
  return (
    <section class="grid-room" aria-labelledby="grid-title">
      <h2 id="grid-title">Side by side</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section class="grid-scroll" tabIndex={0} aria-label="explanations side by side">
        <table class="grid">
          <thead>
            <tr>
              <td />
              {columns.map((each, i) => (
                <th key={i} scope="col" class={i === column ? 'active' : ''}>
                  <span>{columnTitle(each)}</span>
                  <small>
                    {each.model}
                    {each.target !== 'predicted' && ` · ${each.target}`}
                    {each.head && ` · ${each.head}`}
                  </small>
                  {columns.length > 1 && (
                    <button
                      type="button"
                      class="remove"
                      aria-label={`remove the column ${columnTitle(each)}`}
                      onClick={() => show({ columns: columns.filter((_, k) => k !== i) })}
                    >
                      ×
                    </button>
                  )}
                </th>
              ))}
              {differs && (
                <th scope="col">
                  <span>difference</span>
                  <small>first − second, each by its own scale</small>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {photos.map((path, row) => (
              <tr key={path}>
                <th scope="row" class={row === photo ? 'active' : ''}>
                  {fileNameOf(path)}
                </th>
                {columns.map((each, i) => (
                  <td key={i}>
                    <Cell
                      column={each}
                      photo={path}
                      active={row === photo && i === column}
                      onChoose={() => show({ photo: row, column: i })}
                    />
                  </td>
                ))}
                {differs && (
                  <td>
                    <Difference photo={path} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
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
  const limit = shownLimit(map, drawing, shownMaps(view.value));
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
        {reading.target.name} · score {short(reading.score)} · sum {short(reading.relevance.sum)}
      </small>
    </button>
  );
}

/** What the first column holds for stronger than the second. */
function Difference({ photo }: { readonly photo: string }) {
  const { columns, drawing } = view.value;
  void answered.value;
  const [a, b] = columns.map((column) => knownAnswer('explain', requestOf(column, photo, drawing.pooling)));
  if (!a || !b) return <Waiting text="waits for both" />;
  const { percentile, colors } = drawing;
  const map = differenceOf(a.map, ownLimit(a.map, percentile), b.map, ownLimit(b.map, percentile));
  if (!map) return <p class="hint">The networks see pictures of different sizes.</p>;
  return (
    <div class="cell">
      <Heat map={map} view={a.view} limit={1} colors={colors} opacity={1} label={`difference for ${photo}`} />
      <small>bright: stronger in the first</small>
    </div>
  );
}
