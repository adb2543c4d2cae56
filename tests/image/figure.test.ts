import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { drawFigure, drawSvg, writeFigure } from '../../src/image/figure/figure.node.ts';
import { figureSvg, layoutFigure } from '../../src/image/figure/figure.ts';
import { CAP_HEIGHT, GLYPHS } from '../../src/image/figure/glyphs.ts';
import { drawLegend, shortNumber } from '../../src/image/figure/parts.ts';
import type { Figure } from '../../src/image/figure/spec.ts';
import { textPath, textWidth, truncate, wrap } from '../../src/image/figure/text.ts';
import { colormap } from '../../src/image/maps/colormap.ts';
import { decodeBytes, decodeFile } from '../../src/image/pixels/decode.node.ts';
import { encodePng } from '../../src/image/pixels/encode.node.ts';
import { repeatImage } from '../../src/image/pixels/enlarge.ts';
import { noiseImage } from './pictures.ts';

const photo = noiseImage(12, 12, 1);
const figure: Figure = {
  title: 'a <photo> & "more"',
  subtitle: 'a network',
  panels: [
    { caption: 'photo', image: photo },
    {
      caption: 'relevance',
      image: photo,
      enlarge: 'pixels',
      legend: { colours: colormap('bwr'), limit: 0.5 },
    },
  ],
  scores: [
    {
      title: 'class',
      scores: [
        {
          label: 'a label far too long for its place '.repeat(5),
          fraction: 0.9,
          text: '90 %',
          explained: true,
        },
        { label: 'b', fraction: Number.NaN, text: '?' },
      ],
    },
  ],
  footer: 'small print '.repeat(60),
};

describe('figures', () => {
  test('lose nothing of long names, which move what is under them', () => {
    const name = 'age_finetuning_caffenet_unaligned_mixed_imdbwiki_fold-0';
    const named = (title: string) =>
      layoutFigure({
        title: `${title}_${title}.jpg`,
        subtitle: `explained: ${title}, ${title} and ${title}`,
        panels: [
          { caption: 'photo', image: photo },
          { caption: `relevance for ${title}`, image: photo },
        ],
        scores: [
          { title, scores: [{ label: `${title}.caffemodel`, fraction: 0.9, text: '90 %' }] },
          { title: 'b', scores: [{ label: title, text: '3' }] },
        ],
      });
    const [short, long] = [named('a'), named(name)];
    expect(long.elements).not.toContain('…');
    expect(long.height).toBeGreaterThan(short.height);
    expect(long.pictures[0].y).toBe(long.pictures[1].y);
    expect(long.pictures[0].y).toBeGreaterThan(short.pictures[0].y);
    for (const { x, y } of long.pictures) expect([x, y].every(Number.isInteger)).toBe(true);
  });

  test('the SVG is self-contained: no fonts, no text elements, no links out', async () => {
    // Base64 may spell anything.
    const svg = (await figureSvg(figure, encodePng)).replace(/base64,[^"]*/g, 'base64,');
    expect(svg).not.toMatch(/<text|font|href="(?!data:)/);
    expect(svg).toContain('<title>a &lt;photo&gt; &amp; &quot;more&quot;: a network</title>');
    expect(svg.match(/<image /g)).toHaveLength(2);
    expect(svg).not.toContain('NaN');
  });

  test.each([1, 2])(
    'the PNG has %i pixels per unit, and the pictures where the layout says',
    async (density) => {
      const drawn = await drawFigure({ ...figure, ...(density !== 2 && { density }) });
      const layout = layoutFigure(figure);
      expect([drawn.width, drawn.height]).toEqual([layout.width * density, layout.height * density]);
      const { x, y, width, height } = layout.pictures[1];
      const enlarged = repeatImage(photo, height * density, width * density);
      for (const [row, column] of [
        [0, 0],
        [height * density - 1, width * density - 1],
        [7, 155 * density + 1],
      ] as const) {
        const at = ((y * density + row) * drawn.width + x * density + column) * 3;
        const from = (row * width * density + column) * 3;
        expect([...drawn.data.slice(at, at + 3)]).toEqual([...enlarged.data.slice(from, from + 3)]);
      }
      // Letters were drawn: the strip of the title is not plain white.
      expect(drawn.data.subarray(0, drawn.width * 3 * 45 * density).some((v) => v < 60)).toBe(true);
    },
  );

  test('the SVG drawn by a viewer shows what the PNG shows', async () => {
    const svg = Buffer.from(await figureSvg(figure, encodePng));
    const viewed = await decodeBytes(await sharp(svg, { density: 144 }).png().toBuffer(), 'svg');
    const drawn = await drawFigure(figure);
    expect([viewed.width, viewed.height]).toEqual([drawn.width, drawn.height]);
    let worse = 0;
    for (let i = 0; i < drawn.data.length; i++) {
      if (Math.abs(drawn.data[i] - viewed.data[i]) > 8) worse++;
    }
    expect(worse / drawn.data.length).toBeLessThan(0.001);
  });

  test('is written as PNG or SVG by its name; a picture of any shape fits', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'limn-'));
    try {
      await writeFigure(join(folder, 'a.png'), { panels: [{ caption: '', image: noiseImage(1, 40, 1) }] });
      expect((await decodeFile(join(folder, 'a.png'))).width).toBe(2 * (288 + 56));
      await writeFigure(join(folder, 'a.svg'), figure);
      expect(await readFile(join(folder, 'a.svg'), 'utf8')).toMatch(/^<svg /);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('text', () => {
  const style = { size: 10, colour: '#000' };

  test('every printable ASCII character has a glyph, and no glyph leaves its width', () => {
    for (let code = 32; code < 127; code++) expect(GLYPHS).toHaveProperty([String.fromCharCode(code)]);
    for (const [width, path] of Object.values(GLYPHS)) {
      expect(width).toBeGreaterThanOrEqual(0);
      expect(path).toMatch(/^(M[-\d. MLHVCAZ]*)?$/);
    }
  });

  test('a line is its letters side by side, drawn as they are alone', async () => {
    /** Every letter in an element of its own, moved to its place. */
    const apart = (text: string, weight: 'regular' | 'bold') => {
      const bearing = textWidth(' ', { size: CAP_HEIGHT, weight }) / 2 - GLYPHS[' '][0] / 2;
      let at = 0;
      const letters = Array.from(text, (letter) => {
        const [width, path] = GLYPHS[letter];
        const placed = `<path transform="translate(${at + bearing})" d="${path}"/>`;
        at += width + 2 * bearing;
        return placed;
      });
      return textPath(text, 4, 20, { size: CAP_HEIGHT, colour: '#000', weight }).replace(
        /<path.*\/>/,
        letters.join(''),
      );
    };
    const drawn = async (elements: string) =>
      (await drawSvg(`<svg xmlns="http://www.w3.org/2000/svg" width="400" height="30">${elements}</svg>`, 1))
        .data;
    const all = Object.keys(GLYPHS).filter((letter) => letter !== ' ');
    for (const weight of ['regular', 'bold'] as const) {
      for (let from = 0; from < all.length; from += 20) {
        const text = all.slice(from, from + 20).join('');
        const expected = await drawn(apart(text, weight));
        const found = await drawn(textPath(text, 4, 20, { size: CAP_HEIGHT, colour: '#000', weight }));
        // Coordinates of three decimals; and where two letters share a pixel, each was laid over the other.
        const apartBy = Array.from(found, (v, i) => Math.abs(v - expected[i]));
        expect(Math.max(...apartBy)).toBeLessThanOrEqual(16);
        expect(apartBy.filter((difference) => difference > 2).length).toBeLessThan(found.length / 100);
      }
    }
  });

  test('a line is drawn as before after any number of others', () => {
    const styles = (['regular', 'bold'] as const).map((weight) => ({ ...style, weight }));
    const drawn = () =>
      styles.map((each) => textPath('the same', 3, 4, { ...each, colour: '#123', anchor: 'end' }));
    const before = drawn();
    expect(before[0]).not.toBe(before[1]);
    for (let i = 0; i < 500; i++) for (const each of styles) textPath(`another ${i}`, 0, 0, each);
    expect(drawn()).toEqual(before);
  });

  test('accents are dropped and unknown characters become boxes', () => {
    expect(textPath('é', 0, 0, style).replace('é', 'e')).toBe(textPath('e', 0, 0, style));
    expect(textPath('漢', 0, 0, style).replace('漢', '□')).toBe(textPath('□', 0, 0, style));
    expect(textWidth('ß', style)).toBe(textWidth('ss', style));
  });

  test('truncated text fits, keeps a beginning, of names an end, and any text is valid XML', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.integer({ min: 20, max: 200 }),
        async (text, width) => {
          const cut = truncate(text, style, width);
          expect(textWidth(cut, style)).toBeLessThanOrEqual(width);
          const at = cut.lastIndexOf('…');
          const [first, last] = cut === text ? [text, ''] : [cut.slice(0, at), cut.slice(at + 1)];
          expect(text.startsWith(first) && text.endsWith(last)).toBe(true);
          if (/\s/u.test(text)) expect(last).toBe('');
          const drawn = await drawFigure({ title: text, panels: [] });
          expect(drawn.channels).toBe(3);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('truncated names that begin alike are told apart', () => {
    const names = ['', '_mixed', '_unaligned'].map((ending) => `gender_finetuning_googlenet${ending}`);
    expect(names.map((name) => truncate(name, style, 170))).toEqual([
      expect.stringMatching(/^gender.*….*googlenet$/),
      expect.stringMatching(/^gender.*….*_mixed$/),
      expect.stringMatching(/^gender.*….*_unaligned$/),
    ]);
  });

  test('bold is wider, lines wrap at words', () => {
    expect(textWidth('word', { size: 10, weight: 'bold' })).toBeGreaterThan(textWidth('word', { size: 10 }));
    const lines = wrap('one two three four five six', { size: 10 }, 90);
    expect(lines.join(' ')).toBe('one two three four five six');
    expect(lines.length).toBeGreaterThan(1);
    for (const l of lines) expect(textWidth(l, style)).toBeLessThanOrEqual(90);
  });

  test('a line takes as many words, and parts of words that are too long, as if each line was measured anew', () => {
    type Weight = 'regular' | 'bold';
    const literal = (text: string, size: number, weight: Weight, width: number) => {
      const fits = (line: string) => textWidth(line, { size, weight }) <= width;
      const lines: string[] = [];
      for (const word of text.split(/\s+/).filter(Boolean)) {
        const behindMarks = word.split(/(?<=[_\-./\\:,+])(?![_\-./\\:,+])/);
        const pieces = fits(word)
          ? [word]
          : behindMarks.flatMap((part) => (fits(part) ? [part] : Array.from(part)));
        pieces.forEach((piece, i) => {
          const longer = `${lines.at(-1)}${i === 0 ? ' ' : ''}${piece}`;
          if (lines.length > 0 && fits(longer)) lines[lines.length - 1] = longer;
          else lines.push(piece);
        });
      }
      return lines.map((line) => truncate(line, { size, weight }, width));
    };
    const word = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc
        .array(fc.constantFrom('age', 'finetuning', 'vgg16', '_', '-', '.', '/'), { maxLength: 12 })
        .map((p) => p.join('')),
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 30 }),
        fc.double({ min: 3, max: 20, noNaN: true }),
        fc.constantFrom<Weight>('regular', 'bold'),
        fc.double({ min: 30, max: 300, noNaN: true }),
        (words, size, weight, width) => {
          const text = words.join(' ');
          expect(wrap(text, { size, weight }, width)).toEqual(literal(text, size, weight, width));
        },
      ),
    );
  });

  test('names too long for a line take several and lose nothing, up to as many as there may be', () => {
    const name = 'age_finetuning_caffenet_unaligned_mixed_imdbwiki_fold-0.caffemodel';
    const lines = wrap(name, style, 170);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join('')).toBe(name);
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/[_\-.]$/);
    const two = wrap(name, style, 170, 2);
    expect(two).toEqual([lines[0], expect.stringMatching(/^\w.*….*caffemodel$/)]);
    expect(wrap(`the class ${name} of it`, style, 170, 1)).toEqual([
      expect.stringMatching(/^the class .*…$/),
    ]);
  });

  test.each([
    [0.5124, '0.512'],
    [-1234.5, '−1230'],
    [1.5e-7, '1.5e−7'],
    [0.0000196, '1.96e−5'],
    [-0.000123, '−0.000123'],
    [-123456789, '−1.23e8'],
    [-0, '0'],
  ])('%d is written %s', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });
});

test('the ends of a colour scale have room beside each other, whatever they are', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 9.99 }), fc.integer({ min: -30, max: 30 }), (digits, power) => {
      const end = shortNumber(digits * 10 ** power);
      const style = { size: 7.5 };
      // As wide as in a grid.
      const ends = textWidth(`−${end}  against`, style) + textWidth(`for  +${end}`, style);
      expect(ends, end).toBeLessThan(168 - 8);
    }),
  );
});

test('says of the ends of a scale what they mean', () => {
  const words = (ends?: readonly [string, string]) =>
    drawLegend({ colours: colormap('black-firered'), limit: 1, ends }, 0, 0);
  expect(words(['against', 'for'])).toBe(words());
  expect(words(['lowers', 'raises'])).not.toBe(words());
});

test('begins the scale of what is never below 0 at 0, in the colours of what is above it', () => {
  const colours = colormap('black-firered');
  const drawn = (fromZero?: boolean) => drawLegend({ colours, limit: 1, fromZero }, 0, 0);
  const first = (svg: string) => /stop-color="([^"]*)"/.exec(svg)?.[1];
  const last = (svg: string) => [...svg.matchAll(/stop-color="([^"]*)"/g)].at(-1)?.[1];
  expect(first(drawn(true))).toBe('rgb(0,0,0)');
  expect(first(drawn())).not.toBe('rgb(0,0,0)');
  expect(last(drawn(true))).toBe(last(drawn()));
  // Two numbers, and neither a tick nor words.
  expect([...drawn(true).matchAll(/<path /g)]).toHaveLength(2);
  expect(drawn(false)).toBe(drawn());
});

test('leaves out the 0 of a narrow colour scale rather than write it over the numbers', () => {
  const glyphs = (limit: number, width: number) =>
    [...drawLegend({ colours: colormap('black-firered'), limit }, 0, 0, width).matchAll(/<path /g)].length;
  expect(glyphs(1, 112)).toBe(glyphs(1, 288));
  expect(glyphs(0.000982, 112)).toBe(glyphs(0.000982, 288) - 1);
});
