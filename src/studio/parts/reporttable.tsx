import type { PageCell, PageTable } from '../../report/page-blocks.ts';

const cellOf = (cell: PageCell | string): PageCell => (typeof cell === 'string' ? { text: cell } : cell);

/** A table of a report. */
export function ReportTable({
  table: { caption, columns, rows, notes = [] },
}: {
  readonly table: PageTable;
}) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section class="report-scroll" tabIndex={0} aria-label={caption}>
        <table class="report-table">
          <caption>{caption}</caption>
          <thead>
            <tr>
              {columns.map(({ title, align }, i) => (
                <th key={i} scope="col" class={align === 'right' ? 'right' : ''}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={i}>
                {row.map((each, j) => {
                  const { text, note, best } = cellOf(each);
                  const content = (
                    <>
                      {best ? <strong>{text}</strong> : text}
                      {note !== undefined && <small>{note}</small>}
                    </>
                  );
                  return j === 0 ? (
                    <th key={j} scope="row">
                      {content}
                    </th>
                  ) : (
                    <td key={j} class={columns[j]?.align === 'right' ? 'right' : ''}>
                      {content}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {notes.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
    </>
  );
}
