import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellText, csvLine, inertCell } from '../../src/common/csv.ts';
import { LimnError } from '../../src/common/error.ts';
import { allNear, editDistance, nearest } from '../../src/common/nearest.ts';
import { clipped, firstOf, printable, printableLines, quoted } from '../../src/common/quoted.ts';
import { words } from '../../src/common/words.ts';
import { escapeXml } from '../../src/image/figure/text.ts';
import { escapeHtml } from '../../src/report/page-text.ts';
import { csvTable, htmlTable, latexTable, markdownTable } from '../../src/report/tables/index.ts';

/** Everything that steers a terminal or turns the direction of writing, by Unicode's categories; line breaks and tabs apart. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const steering = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/u;

const nasty = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constantFrom(
        '\x1b[2J',
        '\x1b]0;title\x07',
        '\0',
        '\x9b31m',
        '\u202eexe.jpg',
        '\u2066',
        '\n',
        '\r',
        '\t',
        '\ud800',
      ),
      fc.constantFrom(
        '=1+1',
        '@SUM(A1)',
        '-2+3',
        '+1',
        "'",
        '"',
        ',',
        '|',
        '<b>',
        '\\',
        '$x$',
        '&',
        '`',
        '[a](b)',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('text from outside', () => {
  it('is printable at every border', () => {
    const table = (text: string) => ({
      caption: text,
      columns: [{ title: text }, { title: 'n', align: 'right' as const, fields: [text] }],
      rows: [[text, { text, values: [text] }]],
      notes: [text],
    });
    fc.assert(
      fc.property(nasty, (text) => {
        const borders = {
          terminal: printableLines(text),
          message: new LimnError(text, text, text).message,
          fields: new LimnError(words`${text}`, words`${text}`).messageFor(({ field }) => field),
          quote: quoted(text),
          html: escapeHtml(text),
          xml: escapeXml(text),
          latex: latexTable(table(text), text),
          markdown: markdownTable(table(text)),
          page: htmlTable(table(text)),
          csv: csvTable(table(text)),
        };
        for (const [border, shown] of Object.entries(borders)) expect(shown, border).not.toMatch(steering);
        for (const border of ['message', 'quote'] as const) expect(borders[border]).not.toMatch(/[\n\t]/);
      }),
    );
  });

  it('stays what it was where it is harmless', () => {
    for (const text of ['conv1/7x7_s2', 'Müller, größer', '猫 🐱', 'مرحبا', 'a\u200db'])
      expect(printable(text)).toBe(text);
    expect(printable('a\x1b[31mb\0\u202e')).toBe('a\\x1b[31mb\\x00\\u202e');
    expect(printableLines('a\tb\nc\r')).toBe('a\tb\nc\\x0d');
  });

  it('is no row and no command of LaTeX or Markdown', () => {
    const rows = [['a\n\\end{tabular}|b', 'c']];
    const table = { caption: 'x', columns: [{ title: 'a' }, { title: 'b' }], rows };
    expect(markdownTable(table).split('\n').at(-2)).toBe('| a \\\\end{tabular}\\|b | c |');
    expect(latexTable(table, 'a}b\\c')).toContain('\\label{tab:a-b-c}');
    expect(latexTable(table, 'x')).toContain('a \\textbackslash{}end\\{tabular\\}|b & c');
  });
});

describe('a message', () => {
  it('quotes no more than can be read', () => {
    const long = 'a'.repeat(5000);
    expect(quoted(long)).toBe(`'${'a'.repeat(79)}…'`);
    const error = new LimnError(long, `unknown '${'a b '.repeat(1000)}'`, long);
    expect(error.message.length).toBeLessThan(900);
    expect(error.what).toMatch(/^unknown 'a b .*…'$/);
    expect(error.where).toHaveLength(300);
  });

  it('shows values of other kinds as they are written', () => {
    expect(quoted(12n)).toBe("'12'");
    expect(quoted(undefined)).toBe("'undefined'");
    expect(quoted([1, 'a'])).toBe(`'[1,"a"]'`);
    expect(quoted(9223372036854775807n)).toBe("'9223372036854775807'");
  });

  it('never cuts a character in half', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 20 }), (text, most) => {
        const cut = clipped(text, most);
        expect(cut.length).toBeLessThanOrEqual(most);
        expect(cut).not.toMatch(/\p{Cs}/u);
        expect(text.startsWith(cut.replace(/…$/, ''))).toBe(true);
      }),
    );
  });

  it('names the first of many', () => {
    expect(firstOf(['a', 'b'])).toBe('a, b');
    expect(
      firstOf(
        Array.from({ length: 1000 }, (_, i) => i),
        3,
      ),
    ).toBe('0, 1, 2, … (1,000)');
  });
});

describe('a cell of a table for other programs', () => {
  it('is no formula, and numbers stay numbers', () => {
    const cells = ['=1+1', '@a', '+a', '-b', '\tx', '\r=1', 'a=b', -1, '-2.5e-3', '+7', '-Infinity', -0];
    const written = [
      "'=1+1",
      "'@a",
      "'+a",
      "'-b",
      "'\tx",
      `"'\r=1"`,
      'a=b',
      '-1',
      '-2.5e-3',
      '+7',
      '-Infinity',
      '-0',
    ];
    expect(csvLine(cells)).toBe(`${written.join(',')}\n`);
  });

  it('is read back as it was', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string()), (text) => {
        expect(cellText(inertCell(text))).toBe(text);
        expect(inertCell(text)).toSatisfy(
          (cell: string) => !/^[=+\-@\t\r]/.test(cell) || (cell === text && Number(cell) === Number(text)),
        );
      }),
    );
  });
});

/** Levenshtein's distance with swaps of neighbours, by its definition: the least over all last steps. */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [x, y] = [a.slice(0, -1), b.slice(0, -1)];
  const ways = [
    slowDistance(x, b) + 1,
    slowDistance(a, y) + 1,
    slowDistance(x, y) + (a.at(-1) === b.at(-1) ? 0 : 1),
  ];
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) {
    ways.push(slowDistance(a.slice(0, -2), b.slice(0, -2)) + 1);
  }
  return Math.min(...ways);
}

describe('a word that may be meant', () => {
  it('is as far as its definition says', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(slowDistance(a, b));
      }),
    );
  });

  it('is named only when near', () => {
    const known = ['type', 'top', 'bottom', 'convolution_param', 'lr_mult'];
    expect(nearest('tpye', known)).toBe('type');
    expect(nearest('Botom', known)).toBe('bottom');
    expect(nearest('convolution_parm', known)).toBe('convolution_param');
    for (const far of ['x', 'lr', 'foo', 'zebra', 'a'.repeat(5000)])
      expect(nearest(far, known)).toBeUndefined();
    expect(allNear('bats', ['bat', 'cats', 'dog'])).toEqual(['bat', 'cats']);
  });
});
