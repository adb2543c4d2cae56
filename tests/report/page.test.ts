import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import { printableLines } from '../../src/common/quoted.ts';
import { compareResults } from '../../src/evaluation/comparison/index.ts';
import { measure } from '../../src/evaluation/index.ts';
import { chartSvg, targetCharts } from '../../src/report/charts/index.ts';
import { reportOn } from '../../src/report/comparison.ts';
import { parseComparison } from '../../src/report/comparison-file.ts';
import { comparisonPage, type ReportMaterial } from '../../src/report/page-comparison.ts';
import { reportPage } from '../../src/report/page-report.ts';
import { escapeHtml, proseHtml } from '../../src/report/page-text.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { result, times } from '../evaluation/results.ts';
import { nastyNames } from './markup.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A page of two models, named as given, with groups, and everything else that a page can have. */
function material([a, b, group]: readonly [string, string, string]): ReportMaterial {
  const by = (said: number, of: string) => ({ said, groups: { gender: of } });
  const sources = [
    result([...times(60, by(0, 'x')), ...times(40, by(1, group))], { name: a, target: 'age', ordered: true }),
    result([...times(30, by(0, 'x')), ...times(70, by(2, group))], { name: b, target: 'age', ordered: true }),
  ];
  const report = reportOn(compareResults(sources, { resamples: 100 }), { limn: '0' });
  return {
    title: a,
    report: reportOn(
      compareResults(sources, { groupBy: [['gender']], allowDifferentData: true, resamples: 100 }),
      report.versions,
    ),
    measures: [sources.map((source) => measure(source))],
    pictures: [{ source: 'data:image/png;base64,iVBORw0KGgo=', width: 40, height: 20, alt: a, caption: b }],
    progress: [],
    missing: [group],
    footer: a,
  };
}

/** The place of every field of a document, as keys from the outermost on. */
const fieldsIn = (value: unknown): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [
        [key],
        ...fieldsIn(inner).map((more) => [key, ...more]),
      ])
    : [];

const plain = ['net a', 'net b', 'female'] as const;

describe('a page', () => {
  it('loads nothing: every address in it is a part of the page or data', async () => {
    const html = await comparisonPage(material(plain));
    const addresses = [...html.matchAll(/\s(?:src|href|srcset|action|data|poster)=["']?([^"'\s>]*)/g)].map(
      ([, to]) => to,
    );
    expect(addresses.length).toBeGreaterThan(3);
    expect(addresses.filter((to) => !/^(#|data:)/.test(to))).toEqual([]);
    expect(html.match(/@import|url\((?!#)|<link|<iframe|<script src/g)).toBeNull();
    // The names of namespaces are no addresses.
    expect(html.replaceAll('http://www.w3.org/2000/svg', '').match(/https?:/g)).toBeNull();
  });

  it('holds findings, every table, charts, what the labels are, and hashes', async () => {
    const given = material(plain);
    // Spaces that hold numbers and units together are spaces.
    const html = (await comparisonPage(given)).replaceAll('\u00a0', ' ');
    const texts = [
      // Without places, the paper's table would say what the summary says.
      ...given.report.tables.filter(({ kind }) => kind !== 'paper').map(({ table }) => table.caption),
      ...given.report.findings.map(({ text }) => text),
    ];
    expect(texts.filter((text) => !html.includes(escapeHtml(text.slice(1))))).toEqual([]);
    expect(html.match(/<svg /g)!.length).toBeGreaterThanOrEqual(6);
    const has = ['apparent ages', 'binary annotation', '0'.repeat(64), 'Race or ethnicity'];
    expect(has.map((text) => html.includes(text))).toEqual([true, true, true, false]);
  });

  it('is made of any comparison that is read, or the file is refused by name', async () => {
    const given = material(plain);
    const text = JSON.stringify(given.report);
    const places = fieldsIn(JSON.parse(text));
    const damage = fc.constantFrom(undefined, null, 'x', -1, 1e9, true, [], {}, [null]);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), damage, async (place, value) => {
        const whole = JSON.parse(text);
        const [last, ...before] = place.toReversed();
        before.reduceRight((at, key) => at[key], whole)[last] = value;
        let report: ReportMaterial['report'];
        try {
          report = parseComparison(JSON.stringify(whole), 'c.json');
        } catch (error) {
          expect(error).toBeInstanceOf(LimnError);
          expect((error as LimnError).message).toMatch(/^c\.json: /);
          return;
        }
        expect(await comparisonPage({ ...given, report })).toContain('</html>');
      }),
      { numRuns: 10 },
    );
  });

  it('tears no number from its unit, and shows ages in their order, whatever their gaps', async () => {
    expect(proseHtml('from 5 % to 7.5 %, p = 0.02, p < 0.0001 (n = 30): 8.3 min, 2 images, 3 minutes')).toBe(
      'from 5\u00a0%\u00a0to\u00a07.5\u00a0%, p\u00a0=\u00a00.02, p\u00a0&#60;\u00a00.0001 (n\u00a0=\u00a030): 8.3\u00a0min, 2\u00a0images, 3 minutes',
    );
    const of = (age: string, right: number) =>
      [
        ...times(right, { said: 0, groups: { age } }),
        ...times(40 - right, { said: 1, groups: { age } }),
      ] as const;
    const ages = result(
      [...of('10-19', 20), ...of('3-9', 5), ...of('0-2', 38), ...of('70+', 1), ...of('20-29', 30)],
      {
        name: 'net',
        target: 'gender',
      },
    );
    const { targets } = compareResults([ages], { groupBy: [['age']], resamples: 100 });
    const chart = targetCharts(targets[0], []).find(({ kind }) => kind === 'groups');
    const svg = await chartSvg(chart!.spec, { letters: 'text' });
    const shown = [...svg.matchAll(/<text[^>]*>(\d+(?:-\d+|\+))<\/text>/g)].map(([, age]) => age);
    expect(shown).toEqual(['0-2', '3-9', '10-19', '20-29', '70+']);
  });

  it('has one heading per section, links to all of them, and ids that are there once', async () => {
    const html = await comparisonPage(material(plain));
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(links.length).toBe(html.match(/<section /g)!.length);
    for (const to of [...links, ...[...html.matchAll(/aria-labelledby="([^"]*)"/g)].map(([, id]) => id)]) {
      expect(ids).toContain(to);
    }
  });

  it('escapes whatever it is given', () => {
    const name = fc.oneof(
      fc.constantFrom(...nastyNames),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
    );
    const blocks = (text: string) =>
      [
        { kind: 'text', paragraphs: [text] },
        { kind: 'list', items: [text] },
        { kind: 'findings', findings: [{ text }] },
        { kind: 'cards', cards: [{ label: text, value: text, note: text }] },
        {
          kind: 'table',
          table: {
            caption: text,
            columns: [{ title: text }, { title: text, align: 'right' }],
            rows: [[text, { text, note: text, best: true }]],
            notes: [text],
          },
        },
        { kind: 'picture', picture: { source: text, width: 1, height: 1, alt: text, caption: text } },
        { kind: 'facts', sheets: [{ title: text, facts: [[text, text]] }] },
        { kind: 'charts', charts: [{ caption: text, width: 1, svg: '<svg></svg>' }] },
      ] as const;
    const page = (text: string) =>
      reportPage({
        title: text,
        lead: text,
        sections: [{ title: text, text, blocks: blocks(text) }],
        footer: text,
      });
    // Without texts and the values of attributes, a page is always the same; long words may wrap.
    const skeleton = (html: string) =>
      html
        .replaceAll(' class="words"', '')
        .replace(/"[^"]*"/g, '""')
        .replace(/>[^<]*</g, '><');
    const expected = skeleton(page('x'));
    fc.assert(
      fc.property(name, (text) => {
        expect(skeleton(page(text))).toBe(expected);
      }),
    );
    expect(escapeHtml(`<a href='x'>&"`)).toBe('&#60;a href=&#39;x&#39;&#62;&#38;&#34;');
  });
});

describe.skipIf(!hasChromium)('in a browser, a page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-test-'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page at a width; what it asks for and complains of is collected. */
  async function open(
    html: string,
    width = 1280,
  ): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    const [requests, complaints]: [string[], string[]] = [[], []];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(pathToFileURL(file).href);
    return { page, requests, complaints };
  }

  const cells = (page: Page, column: number) =>
    page.evaluate(
      (at) =>
        [...document.querySelectorAll('table')][0].tBodies[0].rows.length &&
        [...document.querySelectorAll('table')[0].tBodies[0].rows].map((row) =>
          row.cells[at].textContent.trim(),
        ),
      column,
    );

  it('sorts a table by a click on its heading: numbers by value, words by alphabet, blanks last', async () => {
    const row = (name: string, text: string, sort?: number) => [
      name,
      sort === undefined ? { text } : { text, sort },
    ];
    const table = {
      caption: 'c',
      columns: [{ title: 'name' }, { title: 'value', align: 'right' as const }],
      rows: [
        row('fold 10', '9 %', 9),
        row('fold 2', '–'),
        row('Fold 1', '10 %', 10),
        row('fold 3', '−1 %', -1),
      ],
    };
    const html = reportPage({
      title: 't',
      lead: '',
      sections: [{ title: 's', blocks: [{ kind: 'table', table }] }],
      footer: '',
    });
    const { page } = await open(html);
    const heading = (i: number) => page.locator('thead th').nth(i);
    await heading(1).locator('button').click();
    expect(await cells(page, 1)).toEqual(['10 %', '9 %', '−1 %', '–']);
    expect(await heading(1).getAttribute('aria-sort')).toBe('descending');
    await heading(1).locator('button').press('Enter');
    expect(await cells(page, 1)).toEqual(['−1 %', '9 %', '10 %', '–']);
    await heading(0).locator('button').click();
    expect(await cells(page, 0)).toEqual(['Fold 1', 'fold 2', 'fold 3', 'fold 10']);
    expect(await heading(0).getAttribute('aria-sort')).toBe('ascending');
    expect(await heading(1).getAttribute('aria-sort')).toBeNull();
    await page.close();
  });

  it('asks for nothing, has no errors, and fits phones and desks', async () => {
    const html = await comparisonPage(material(plain));
    for (const width of [320, 390, 800, 1280]) {
      const { page, requests, complaints } = await open(html, width);
      expect(requests.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
      expect(complaints).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await page.close();
    }
  });

  it('has room for long names, and landmarks that can be told apart', async () => {
    const long = `images/${'1_1_0_20170109201107015'.repeat(6)}.jpg.chip.jpg`;
    const picture = {
      source: 'data:image/png;base64,iVBORw0KGgo=',
      width: 40,
      height: 20,
      alt: 'a',
      caption: long,
    };
    const table = { caption: 'all', columns: [{ title: 'name' }], rows: [[long]] };
    const blocks = [
      { kind: 'text' as const, paragraphs: [long] },
      { kind: 'list' as const, items: [long] },
      { kind: 'findings' as const, findings: [{ text: long }] },
      { kind: 'picture' as const, picture },
      { kind: 'picture' as const, picture },
      { kind: 'table' as const, table },
      { kind: 'table' as const, table },
    ];
    const html = reportPage({ title: long, lead: long, sections: [{ title: long, blocks }], footer: long });
    for (const width of [390, 1280]) {
      const { page } = await open(html, width);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await page.evaluate(axe);
      const { violations }: { violations: { id: string }[] } = await page.evaluate('axe.run()');
      expect(violations.map(({ id }) => id)).toEqual([]);
      await page.close();
    }
  });

  it('shows names as they are and runs none of them', async () => {
    for (const name of nastyNames) {
      const { page, complaints } = await open(await comparisonPage(material([name, `${name}2`, name])));
      expect(await page.evaluate(() => 'broken' in window)).toBe(false);
      expect(complaints).toEqual([]);
      const shown = printableLines(name).replace(/\s+/g, ' ');
      const heading = await page.evaluate(() => document.querySelector('h1')!.textContent);
      expect(heading.replace(/\s+/g, ' ')).toBe(shown);
      expect(await page.evaluate(() => document.querySelectorAll('img').length)).toBe(1);
      await page.close();
    }
  });
});
