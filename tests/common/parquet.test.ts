import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { csvLine } from '../../src/common/csv.ts';
import { type ColumnType, parquetOf } from '../../src/common/parquet.ts';

type Row = Readonly<Record<string, string | number | readonly number[] | undefined>>;

const types: Readonly<Record<string, ColumnType>> = {
  photo: 'text',
  face: 'whole',
  'score, in %': 'number',
  landmarks: 'numbers',
};

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const anyNumber = fc.double({ noNaN: true });
const rows = fc.array(
  fc.record({
    photo: optional(fc.string({ minLength: 1, unit: 'grapheme' })),
    face: optional(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    'score, in %': optional(anyNumber),
    landmarks: optional(fc.array(anyNumber, { minLength: 1, maxLength: 5 })),
  }),
  { maxLength: 40 },
);

const names = Object.keys(types);

/** The table as limn writes it. */
const csvOf = (given: readonly Row[]): string =>
  [
    names,
    ...given.map((row) =>
      names.map((name) => {
        const value = row[name];
        return typeof value === 'object' ? value.join(' ') : (value ?? '');
      }),
    ),
  ]
    .map(csvLine)
    .join('');

/** A text in parts of a length. */
const cut = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, i) => text.slice(i * length, (i + 1) * length));

const parquetOfRows = async (given: readonly Row[], length = 1000): Promise<ArrayBuffer> => {
  const bytes = await parquetOf(cut(csvOf(given), length), (name) => types[name], 'faces.csv');
  return new Uint8Array(bytes).buffer;
};

describe('a table as Parquet', () => {
  it('has the values of the CSV, typed, and null where nothing is', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 50 }), async (given, length) => {
        const read = await parquetReadObjects({ file: await parquetOfRows(given, length) });
        const valuesOf = (all: readonly Row[]) =>
          all.map((row) => names.map((name) => withoutSign(row[name] ?? undefined) ?? null));
        expect(valuesOf(read)).toEqual(valuesOf(given));
      }),
    );
  });

  it('says what its columns hold, also where there are no rows', async () => {
    const metadata = parquetMetadata(await parquetOfRows([]));
    expect(metadata.num_rows).toBe(0n);
    expect(metadata.created_by).toMatch(/^limn version \d/);
    const columns = parquetSchema(metadata).children.map(({ element }) => [
      element.name,
      element.type ?? element.logical_type?.type,
      element.repetition_type,
    ]);
    expect(columns).toEqual([
      ['photo', 'BYTE_ARRAY', 'OPTIONAL'],
      ['face', 'INT32', 'OPTIONAL'],
      ['score, in %', 'DOUBLE', 'OPTIONAL'],
      ['landmarks', 'LIST', 'OPTIONAL'],
    ]);
  });

  it('comes in groups of rows', async () => {
    const many = Array.from({ length: 41_000 }, (_, i) => ({ photo: `${i % 7}`, face: i }));
    const file = await parquetOfRows(many, 2 ** 16);
    expect(parquetMetadata(file).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([
      20_000, 20_000, 1_000,
    ]);
    const read = await parquetReadObjects({ file, rowStart: 39_999, rowEnd: 40_001 });
    expect(read.map(({ face }) => face)).toEqual([39_999, 40_000]);
  });

  it.each([
    ['photo,face\na.png,1.5\n', "'1.5' in the column 'face' is no whole number"],
    ['photo,score\na.png,much\n', "'much' in the column 'score' is no number"],
    ['photo,face\na.png\n', '1 cells, the header has 2'],
    ['', 'the table is empty'],
  ])('refuses what is no such table: %j', async (text, message) => {
    const typeOf = (name: string): ColumnType => types[name] ?? 'number';
    await expect(parquetOf([text], typeOf, 'faces.csv')).rejects.toThrow(message);
  });
});

/** In lists, the text of −0 is 0. */
const withoutSign = (value: Row[string]): Row[string] =>
  typeof value === 'object' ? value.map((each) => each + 0) : value;
