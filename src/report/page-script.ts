/**
 * The script of a report: a click on a heading sorts its table by that column, another one turns the order round.
 * Cells are compared by their number where all have one, else as text with numbers in it; cells that are empty or a
 * dash stay last either way.
 */
export const sortScript = `
for (const button of document.querySelectorAll('table.sortable th button')) {
  button.addEventListener('click', () => {
    const heading = button.parentElement;
    const row = heading.parentElement;
    const body = row.closest('table').tBodies[0];
    const column = [...row.children].indexOf(heading);
    const numeric = heading.classList.contains('number');
    const before = heading.getAttribute('aria-sort');
    // Large numbers are what one looks for first, and the beginning of the alphabet.
    const order = before ? (before === 'ascending' ? -1 : 1) : numeric ? -1 : 1;
    for (const other of row.children) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', order > 0 ? 'ascending' : 'descending');
    const rows = [...body.rows].map((line) => {
      const cell = line.cells[column];
      const text = cell ? cell.textContent.trim() : '';
      return { line, text, value: cell && cell.dataset.sort !== undefined ? Number(cell.dataset.sort) : NaN, empty: /^[–—-]?$/.test(text) };
    });
    const byNumber = rows.every(({ value, empty }) => empty || Number.isFinite(value));
    rows.sort((a, b) => {
      if (a.empty || b.empty) return a.empty - b.empty;
      return order * (byNumber ? a.value - b.value : a.text.localeCompare(b.text, undefined, { numeric: true }));
    });
    body.append(...rows.map(({ line }) => line));
  });
}
`;
