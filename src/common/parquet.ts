import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { cellText } from './csv.ts';
import { csvRecords } from './csvrecords.ts';
import { fail } from './error.ts';
import { quoted } from './quoted.ts';
import { version } from './version.ts';

/*
 * The tables that limn writes as CSV, as Apache Parquet: typed columns, in groups of rows, which data frames and databases read
 * without parsing. An empty cell is null.
 */

/** What a column holds: text (UTF-8), whole numbers (INT32), numbers (DOUBLE), or lists of numbers, spaces between them (LIST of DOUBLE). */
export type ColumnType = 'text' | 'whole' | 'number' | 'numbers';

/** Rows that are encoded at a time: memory holds so many, however long a table is. */
const GROUP = 20_000;

/**
 * A CSV table as a Parquet file. `typeOf` says what the columns hold, by their names. Errors name `file`, the row and the
 * column: a number that is none.
 */
export async function parquetOf(
  table: AsyncIterable<string> | Iterable<string>,
  typeOf: (column: string) => ColumnType,
  file: string,
): Promise<Uint8Array> {
  const writer = new ByteWriter();
  let open: { readonly columns: readonly Column[]; readonly parquet: ParquetWriter } | undefined;
  let row = 0;
  const flush = () => {
    if (!open || open.columns[0].data.length === 0) return;
    // Nothing waits: what is written is kept in memory.
    void open.parquet.write({
      columnData: open.columns.map(({ name, data }): ColumnSource => ({ name, data })),
      rowGroupSize: GROUP,
    });
    for (const { data } of open.columns) data.length = 0;
  };
  for await (const records of csvRecords(table, file))
    for (const cells of records) {
      row++;
      if (cells.length === 1 && cells[0] === '') continue;
      if (!open) {
        const columns = cells.map(cellText).map((name): Column => ({ name, type: typeOf(name), data: [] }));
        const schema = [{ name: 'table', num_children: columns.length }, ...columns.flatMap(elementsOf)];
        open = { columns, parquet: new ParquetWriter({ writer, schema, createdBy }) };
        continue;
      }
      const { columns } = open;
      if (cells.length !== columns.length)
        fail(`${file}, record ${row}`, `${cells.length} cells, the header has ${columns.length}`);
      columns.forEach((column, i) => {
        column.data.push(cellValue(cells[i], column, `${file}, record ${row}`));
      });
      if (columns[0].data.length >= GROUP) flush();
    }
  if (!open) return fail(file, 'the table is empty');
  flush();
  void open.parquet.finish();
  return writer.getBytes();
}

const createdBy = `limn version ${version}`;

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly data: unknown[];
}

function cellValue(given: string, { name, type }: Column, where: string): unknown {
  if (given === '') return undefined;
  // Of a list that begins with a number below 0 a spreadsheet would make a formula, too.
  const cell = cellText(given);
  if (type === 'text') return cell;
  const values = type === 'numbers' ? cell.split(' ').map(Number) : [Number(cell)];
  const isNumber = (value: number) =>
    type === 'whole' ? Number.isInteger(value) : !Number.isNaN(value) || /^nan$/i.test(cell);
  if (cell.trim() === '' || !values.every(isNumber))
    fail(
      where,
      `${quoted(cell)} in the column ${quoted(name)} is no ${type === 'whole' ? 'whole ' : ''}number`,
    );
  return type === 'numbers' ? values : values[0];
}

/** A column in the file's schema; each value may be null. */
function elementsOf({ name, type }: Column): SchemaElement[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (type) {
    case 'text':
      return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }];
    case 'whole':
      return [{ ...optional, type: 'INT32' }];
    case 'number':
      return [{ ...optional, type: 'DOUBLE' }];
    case 'numbers':
      return [
        { ...optional, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
        { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
        { name: 'element', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
      ];
  }
}
