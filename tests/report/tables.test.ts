import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { compareResults } from '../../src/evaluation/comparison/index.ts';
import { PUBLISHED, publishedValue } from '../../src/report/published.ts';
import {
  csvTable,
  htmlTable,
  latexTable,
  markdownTable,
  paperTable,
  type Table,
  textOf,
} from '../../src/report/tables/index.ts';
import { result, times } from '../evaluation/results.ts';

/** A result whose accuracy and one-off accuracy are so many in a thousand. */
const scored = (
  architecture: string,
  preprocessing: string,
  initialisation: string,
  of: [number, number],
  fold?: string,
) => {
  const [right, oneOff] = of;
  const given = [
    ...times(right, { said: 0 }),
    ...times(oneOff - right, { said: 1 }),
    ...times(1000 - oneOff, { said: 3 }),
  ].map((each, i) => ({ ...each, image: `${fold ?? ''}/${i}.jpg` }));
  const place = { architecture, preprocessing, initialisation, ...(fold && { fold }) };
  const name = `${architecture} ${preprocessing}${initialisation}${fold ? ` fold ${fold}` : ''}`;
  return result(given, { name, place, ordered: true, data: fold ?? preprocessing });
};

const cells = ({ rows }: Table) => rows.map((row) => row.map(textOf));
const titles = ({ columns }: Table) => columns.map(({ title }) => title);
const paper = (sources: Parameters<typeof compareResults>[0], options = {}) =>
  paperTable(compareResults(sources).targets[0], options);

describe("the paper's table", () => {
  const results = [
    scored('vgg-16', 'm', 'w', [631, 958]),
    scored('GoogLeNet', 'm', 'n', [585, 930]),
    scored('CaffeNet', 'm', '', [544, 897]),
    scored('GoogLeNet', 'i', '', [544, 890]),
    scored('Tiny', 'i', '', [544, 890]),
    scored('GoogLeNet', 'r', '', [5850, 9300].map((n) => n / 10) as [number, number]),
  ];

  it('has preprocessing and initialisation down and architectures across, in the order of the paper', () => {
    const table = paper(results);
    expect(titles(table)).toEqual(['', 'CaffeNet', 'GoogleNet', 'VGG16', 'Tiny']);
    expect(cells(table)).toEqual([
      ['[i, ·]', '', '54.4 (89.0)', '', '54.4 (89.0)'],
      ['[r, ·]', '', '58.5 (93.0)', '', ''],
      ['[m, ·]', '54.4 (89.7)', '', '', ''],
      ['[m, n]', '', '58.5 (93.0)', '', ''],
      ['[m, w]', '', '', '63.1 (95.8)', ''],
    ]);
    // Equal as printed: both.
    const best = table.rows.flatMap((row) =>
      row.flatMap((cell) => (typeof cell !== 'string' && cell.best ? cell.text : [])),
    );
    expect(best).toEqual(['58.5 (93.0)', '58.5 (93.0)']);
    expect(table.caption).toBe(
      'age: accuracy in %, one-off accuracy in brackets; the best of each column in bold',
    );
  });

  it('keeps networks on other faces than their own in rows of their own, without what was published', () => {
    const swapped = scored('GoogLeNet', 'm', 'n', [500, 900]);
    const table = paper(
      [
        ...results,
        {
          ...swapped,
          info: { ...swapped.info, name: 'swapped', place: { ...swapped.info.place, test: 'i' } },
        },
      ],
      { published: true },
    );
    const row = cells(table).findIndex(([name]) => name === '[m, n] on i');
    expect(cells(table)[row - 1][0]).toBe('[m, n]');
    const at = titles(table).indexOf('GoogleNet');
    expect(cells(table)[row].slice(at, at + 3)).toEqual(['50.0 (90.0)', '', '']);
    expect(table.notes?.join(' ')).toContain('tested on other faces');
  });

  it('shows on request what was published, also where nothing was evaluated, and the difference', () => {
    const table = paper(results, { published: true });
    expect(titles(table).slice(0, 5)).toEqual([
      '',
      'AdienceNet',
      'AdienceNet published',
      'AdienceNet difference',
      'CaffeNet',
    ]);
    const row = (name: string) =>
      Object.fromEntries(
        cells(table)
          .find(([first]) => first === name)!
          .map((text, i) => [titles(table)[i], text]),
      );
    expect(cells(table).map(([name]) => name)).toEqual([
      '[i, ·]',
      '[r, ·]',
      '[m, ·]',
      '[i, n]',
      '[r, n]',
      '[m, n]',
      '[i, w]',
      '[m, w]',
    ]);
    expect(row('[m, n]')).toMatchObject({
      GoogleNet: '58.5 (93.0)',
      'GoogleNet published': '58.8 (92.7)',
      'GoogleNet difference': '−0.3 (+0.3)',
      CaffeNet: '',
      'CaffeNet published': '53.0 (88.4)',
      'CaffeNet difference': '',
      Tiny: '',
    });
    expect(row('[m, w]')).toMatchObject({ 'VGG16 difference': '+0.1 (−0.2)' });
    expect(table.notes!.join(' ')).toContain('Levi and Hassner 2015: 50.7 (84.7)');
  });

  it('takes means over folds, with standard deviations on request', () => {
    const folds = [
      scored('CaffeNet', 'm', '', [500, 900], '0'),
      scored('CaffeNet', 'm', '', [600, 900], '1'),
      scored('CaffeNet', 'm', '', [700, 960], '2'),
    ];
    expect(cells(paper(folds))).toEqual([['[m, ·]', '60.0 (92.0)']]);
    const table = paper(folds, { spread: true });
    expect(cells(table)).toEqual([['[m, ·]', '60.0 ± 8.2 (92.0 ± 2.8)']]);
    expect(table.caption).toContain('mean ± population standard deviation over folds');
  });

  it('takes any results: without a place by name, and two at one place', () => {
    const named = (name: string, said: number, place = {}) => result(times(10, { said }), { name, place });
    expect(cells(paper([named('b', 0), named('a', 1)]))).toEqual([
      ['b', '100.0'],
      ['a', '0.0'],
    ]);
    const table = paper([
      named('first', 0, { architecture: 'X', preprocessing: 'i' }),
      named('second', 1, { architecture: 'X', preprocessing: 'i' }),
    ]);
    expect(cells(table)).toEqual([
      ['[i, ·]', '100.0'],
      ['second', '0.0'],
    ]);
    const number = paper([
      result([{ said: 5, truth: 3 }], { name: 'x', kind: 'number' }),
      result([{ said: 6, truth: 3 }], { name: 'y', kind: 'number' }),
    ]);
    expect(cells(number)).toEqual([
      ['x', '2.00'],
      ['y', '3.00'],
    ]);
    expect(number.rows[0][1]).toMatchObject({ best: true });
  });
});

describe('published numbers', () => {
  it('are those of the paper', () => {
    const count = (target: string) =>
      PUBLISHED[target].rows.flatMap(({ values }) => Object.keys(values)).length;
    expect([count('age'), count('gender')]).toEqual([19, 19]);
    expect(
      publishedValue('age', { architecture: 'vgg_16', preprocessing: 'm', initialisation: 'w' }),
    ).toEqual({
      accuracy: 63.0,
      oneOff: 96.0,
    });
    expect(publishedValue('gender', { architecture: 'CaffeNet', preprocessing: 'r' })).toEqual({
      accuracy: 88.0,
    });
    expect(
      publishedValue('gender', { architecture: 'AdienceNet', preprocessing: 'r', initialisation: 'n' }),
    ).toBeUndefined();
    expect(publishedValue('constructor', { architecture: 'CaffeNet', preprocessing: 'r' })).toBeUndefined();
  });
});

describe('formats', () => {
  const table: Table = {
    caption: 'A & B: 50 % <x>',
    columns: [{ title: 'row|name' }, { title: 'acc_x', align: 'right', fields: ['value', 'low'] }],
    rows: [
      [{ text: '[i, ·]' }, { text: '51.4 ± 2 (−0.3)', best: true, values: [51.43, undefined] }],
      ['a*b, "c"\\', { text: '' }],
    ],
    notes: ['† small'],
  };

  it('Markdown', () => {
    expect(markdownTable(table)).toBe(
      [
        'A & B: 50 % \\<x>',
        '',
        '| row\\|name | acc\\_x |',
        '| --- | ---: |',
        '| [i, ·] | **51.4 ± 2 (−0.3)** |',
        '| a\\*b, "c"\\\\ |  |',
        '',
        '† small',
        '',
      ].join('\n'),
    );
  });

  it('LaTeX', () => {
    const text = latexTable(table, 'paper-age');
    expect(text).toContain('\\caption{A \\& B: 50 \\% \\textless{}x\\textgreater{}}');
    expect(text).toContain('\\label{tab:paper-age}');
    expect(text).toContain('\\begin{tabular}{lr}');
    expect(text).toContain('    row|name & acc\\_x \\\\\n    \\midrule\n');
    expect(text).toMatch(
      /^ {4}\{\[\}i, \$\\cdot\$\{\]\} & \\textbf\{51\.4 \$\\pm\$ 2 \(\$-\$0\.3\)\} \\\\$/m,
    );
    expect(text).toContain('a*b, "c"\\textbackslash{} &  \\\\');
    // Nothing that LaTeX without packages cannot read.
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('CSV, with numbers as numbers and a column for each', () => {
    const { data } = Papa.parse(csvTable(table));
    expect(data).toEqual([
      ['row|name', 'value', 'low'],
      ['[i, ·]', '51.43', ''],
      ['a*b, "c"\\', '', ''],
      [''],
    ]);
  });

  it('HTML', () => {
    const text = htmlTable(table);
    expect(text).toContain('<caption>A &#38; B: 50 % &#60;x&#62;</caption>');
    expect(text).toContain(
      '<th scope="row">[i, ·]</th><td style="text-align:right"><strong>51.4 ± 2 (−0.3)</strong></td>',
    );
    expect(text).not.toContain('<x>');
  });
});
