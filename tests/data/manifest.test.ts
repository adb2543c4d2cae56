import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/data/index.ts';

const parse = (text: string, options = {}) => parseManifest(text, 'm.csv', options);

describe('a CSV manifest', () => {
  it('has paths, labels and groups', () => {
    const { rows, ...columns } = parse(
      'file,age,race,note\r\na.jpg,"(25, 32)",1,"says ""hi"",\nlong"\r\nb.jpg,,2,\r\n',
    );
    expect(columns).toEqual({ labelColumns: ['age'], groupColumns: ['race', 'note'] });
    expect(rows).toEqual([
      { path: 'a.jpg', labels: { age: '(25, 32)' }, groups: { race: '1', note: 'says "hi",\nlong' } },
      { path: 'b.jpg', labels: {}, groups: { race: '2' } },
    ]);
  });

  it('takes the columns that are named', () => {
    const { rows } = parse('n;where;smile\n1;x.png;yes\n', { path: 'where', labels: ['smile'] });
    expect(rows).toEqual([{ path: 'x.png', labels: { smile: 'yes' }, groups: { n: '1' } }]);
  });

  it.each([
    ['path,age\na.jpg,3\nb.jpg,"4\n', /^m\.csv, row \d: .*quote/],
    ['path,age\na.jpg,3\nb.jpg\n', 'm.csv, row 3: 1 fields, expected 2'],
    ['path,age\na.jpg,3\n,4\n', 'm.csv, row 3: no path'],
    ['path,age,age\na.jpg,3,4\n', "m.csv, row 1: two columns are named 'age'"],
    ['path,age\n', 'm.csv: no rows after the header'],
    ['', 'm.csv: no rows after the header'],
    ['path,smile\na.jpg,3\n', 'm.csv: which columns are labels?; name them; its columns are path, smile'],
  ])('that is broken is refused with its place', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it.each([',', ';', '\t'])('of very many columns parted by %j is refused by its first row', (delimiter) => {
    const header = (n: number) => ['path', 'age', ...Array.from({ length: n - 2 }, (_, i) => `c${i}`)];
    const wide = (n: number) => `\n${header(n).join(delimiter)}\na.jpg${delimiter}3\n`;
    // The second row is not looked at.
    expect(() => parse(wide(1_000_000))).toThrow(
      'm.csv, row 1: 1,000,000 columns, a manifest has at most 10,000; leave out those',
    );
    expect(() => parse(wide(10_001))).toThrow('m.csv, row 1: 10,001 columns');
    expect(() => parse(wide(10_000))).toThrow('m.csv, row 2: 2 fields, expected 10000');
    const whole = `"${header(10_001).join(delimiter)}",age\na.jpg,3\n`;
    expect(parse(whole).labelColumns).toEqual(['age']);
  });

  it('is read as it was written', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', ';', ' ', '0'), maxLength: 8 });
    const row = fc.tuple(
      cell.map((text) => `p${text}`),
      cell,
      cell,
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 10 }), (rows) => {
        const text = Papa.unparse([['path', 'label', 'group'], ...rows], { newline: '\n', delimiter: ',' });
        const found = parse(text).rows.map(({ path, labels, groups }) => [
          path,
          labels.label ?? '',
          groups.group ?? '',
        ]);
        expect(found).toEqual(rows.map((cells) => cells.map((each) => each.trim())));
      }),
    );
  });
});
