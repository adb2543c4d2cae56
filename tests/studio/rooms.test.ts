import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/evaluation/index.ts';
import { writeResult } from '../../src/evaluation/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { type Served, serveStudio } from '../../src/server/serve.node.ts';
import { findingsOfPage, notebookPage } from '../../src/studio/notebook/report.ts';
import type { PinnedFinding } from '../../src/studio/state/notebook.ts';
import { eventLine, type RunEvent } from '../../src/training/run/events.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { site } from './site.ts';
import { settled } from './visit.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const portrait = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));

const finding: fc.Arbitrary<PinnedFinding> = fc.record(
  {
    id: fc.uuid(),
    date: fc.constant('2026-01-01T00:00:00.000Z'),
    title: fc.string(),
    comment: fc.string({ unit: 'binary' }),
    address: fc.string(),
    facts: fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 3 }),
    pictures: fc.array(fc.record({ source: fc.constant('data:image/png;base64,AAAA'), alt: fc.string() }), {
      maxLength: 2,
    }),
    command: fc.oneof(fc.string(), fc.constant('</script><script>alert(1)</script>')),
    program: fc.string(),
  },
  { requiredKeys: ['id', 'date', 'title', 'comment', 'address', 'facts', 'pictures'] },
);

describe('a notebook that is saved', () => {
  it('is taken in again as it was, whatever people write', () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 4 }), (findings) => {
        const html = notebookPage(findings);
        expect(findingsOfPage(html, 'notebook.html')).toEqual(findings);
        expect(html).not.toContain('<script>alert');
      }),
    );
  });

  it('brings nothing but pixels and words', () => {
    const [one] = fc.sample(finding, 1);
    const evil = { ...one, pictures: [{ source: 'data:image/svg+xml,<svg onload="x"/>', alt: '' }] };
    expect(() => findingsOfPage(notebookPage([evil]), 'n.html')).toThrow(
      'n.html, finding 1: a picture is no PNG',
    );
    expect(() => findingsOfPage('<p>', 'n.html')).toThrow('n.html: no notebook of limn studio');
  });
});

/** A run's log from one iteration to another: the loss is the iteration's tenth part. */
const logOf = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i): RunEvent => {
    const iteration = from + i;
    return {
      event: 'train',
      iteration,
      loss: 1 + iteration / 10,
      rate: 0.01,
      outputs: [{ name: 'loss', index: 0, value: 1 + iteration / 10, weight: 1 }],
    };
  })
    .map(eventLine)
    .join('');

describe.skipIf(!hasChromium)('rooms beside explanations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-rooms-'));
  const problems: string[] = [];
  let server: Served;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    for (const run of ['a', 'b']) {
      mkdirSync(join(folder, 'runs', run), { recursive: true });
      writeFileSync(join(folder, 'runs', run, 'log.jsonl'), logOf(0, 20));
    }
    const head = { name: 'class', output: 'y', kind: 'classes', labels: ['cat', 'dog'] } as const;
    const answers = Array.from(
      { length: 40 },
      (_, i): Answer => ({
        image: `${i}.png`,
        truth: i % 2,
        scores: [0.6, 0.4],
        groups: { part: `${i % 4}` },
      }),
    );
    const info = {
      name: 'net',
      model: { network: 'net', file: 'net.onnx', sha256: 'x', head },
      data: { source: 'photos', sha256: 'y', images: answers.length },
      settings: {},
      ordered: false,
      place: {},
      versions: {},
    };
    await writeResult(join(folder, 'result'), { info, answers }, nodeHost);
    server = await serveStudio({ folder, page: resolve(site), port: 0 });
    browser = await launch();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    page = await open(server.address);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(address: string): Promise<Page> {
    const opened = await context.newPage();
    opened.setDefaultTimeout(60_000);
    opened.on('pageerror', (error) => problems.push(error.message));
    opened.on('console', (message) => {
      if (message.type() === 'error' && !/status of 40\d/.test(message.text())) problems.push(message.text());
    });
    await opened.goto(address);
    await opened.locator('.stage-numbers').waitFor();
    return opened;
  }

  const enter = (name: string) =>
    page.getByRole('navigation').getByRole('button', { name, exact: true }).click();

  it('show a training, and follow it while it goes on', async () => {
    await enter('Training');
    await page.locator('.chart svg').waitFor();
    const cells = page.locator('.report-table tbody tr').first().locator('td');
    expect(await cells.nth(0).textContent()).toBe('19');
    await page.locator('.chart-stage').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.chart .reading').textContent()).toMatch(/^training: \S.* at iteration 0$/);
    appendFileSync(join(folder, 'runs', 'a', 'log.jsonl'), logOf(20, 31));
    await expect.poll(() => cells.nth(0).textContent(), { timeout: 20_000 }).toBe('30');
    expect(await cells.nth(1).textContent()).toBe('4.000');
  });

  it('show several trainings, logarithmic and smoothed, and say the command', async () => {
    await page.getByRole('checkbox', { name: 'runs/b' }).check();
    await page.getByText('logarithmic').click();
    await page.getByRole('checkbox', { name: 'loss' }).check();
    await expect.poll(() => page.locator('.report-table tbody tr').count()).toBe(2);
    await page.getByText('The same on the command line').click();
    expect(await page.getByLabel('the command').inputValue()).toBe(
      'limn plot runs/a runs/b --what loss --log -o training.svg',
    );
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Curves, SVG' }).click();
    expect(String(readFileSync(await (await download).path()))).toMatch(/^<svg /);
  });

  it('keep what is pinned, as a page to take along and to take in again', async () => {
    await page.getByRole('button', { name: 'Pin to the notebook' }).click();
    await page.getByRole('button', { name: 'Pinned' }).waitFor();
    await enter('Explain');
    await page.getByRole('button', { name: 'Pin to the notebook' }).click();
    await page.getByRole('button', { name: 'Pinned' }).waitFor();
    await enter('Notebook');
    const findings = page.locator('.finding');
    await expect.poll(() => findings.count()).toBe(2);
    const comment = page.getByLabel(/^what you say of What speaks for female/);
    await comment.fill('the <eyes>');
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: /^move What speaks for female.* up$/ }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Save as a page/ }).click();
    const saved = readFileSync(await (await download).path());
    const [first, second] = findingsOfPage(String(saved), 'notebook.html');
    expect([first.comment, second.title]).toEqual(['the <eyes>', 'Training of runs/a, runs/b']);
    expect(first.facts).toContainEqual(['score', '0.8798']);
    for (const _ of [0, 1]) {
      await page.getByRole('button', { name: 'Remove' }).first().click();
      await page.getByRole('button', { name: 'Remove it for good' }).click();
    }
    await page.getByText('Nothing is pinned yet').waitFor();
    await page
      .locator('.notebook input[type=file]')
      .setInputFiles({ name: 'notebook.html', mimeType: 'text/html', buffer: saved });
    await expect.poll(() => findings.count()).toBe(2);
    await page.reload();
    await expect.poll(() => findings.count()).toBe(2);
    await page.getByRole('link', { name: 'Go there' }).nth(1).click();
    await page.locator('.chart svg').waitFor();
    expect(await page.getByRole('checkbox', { name: 'runs/b' }).isChecked()).toBe(true);
  });

  it('find the photo of a link by what it holds', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const own = join(folder, 'my portrait.png');
    // Other bytes than those of the first visit.
    writeFileSync(own, Buffer.concat([readFileSync(portrait), Buffer.from('x')]));
    await enter('Explain');
    await page.locator('.strip input[type=file]').setInputFiles(own);
    await page.locator('.thumbnail[aria-label="look at my portrait.png"][aria-pressed="true"]').waitFor();
    await page.locator('.stage-numbers').waitFor();
    await page.getByRole('button', { name: 'Copy a link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).not.toContain('token');
    const elsewhere = await browser.newContext();
    const other = await elsewhere.newPage();
    other.setDefaultTimeout(60_000);
    await other.goto(link);
    await other
      .getByText(/The link is about my portrait.png \(SHA-256 \w{12}…\), which is not here/)
      .waitFor();
    const renamed = join(folder, 'renamed.png');
    copyFileSync(own, renamed);
    await other.locator('.strip input[type=file]').setInputFiles(renamed);
    await other.locator('.thumbnail[aria-label="look at renamed.png"][aria-pressed="true"]').waitFor();
    await expect.poll(() => other.getByText('The link is about').count()).toBe(0);
    await elsewhere.close();
  });

  it.each([
    ['wide and light', 1440, 'light'],
    ['wide and dark', 1440, 'dark'],
    ['on a phone', 390, 'light'],
  ] as const)('are for everybody, %s', async (_, width, colorScheme) => {
    await page.setViewportSize({ width, height: 844 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(axe);
    for (const [name, shown] of [
      ['Results', '.gallery-cell'],
      ['Training', '.chart svg'],
      ['Notebook', '.finding'],
    ] as const) {
      await enter(name);
      await page.locator(shown).first().waitFor();
      if (name === 'Results') {
        await page.getByLabel('By', { exact: true }).selectOption('part');
        await page.locator('.group-bar').first().waitFor();
        await page.locator('.gallery-cell').first().click();
        await page.locator('.answer-part').waitFor();
      }
      await settled(page);
      const { violations }: { violations: { id: string; nodes: { html: string }[] }[] } =
        await page.evaluate('axe.run()');
      expect(
        violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]),
        name,
      ).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(
        width,
      );
    }
  });

  it('are printed without what is pressed, and with pictures within the paper', async () => {
    await page.setViewportSize({ width: 1440, height: 844 });
    await enter('Results');
    await page.locator('.gallery-cell').nth(8).waitFor();
    await page.emulateMedia({ media: 'print' });
    // As wide as paper, before anything can be laid out anew for it.
    const { cells, buttons } = await page.evaluate(() => {
      const studio = document.querySelector<HTMLElement>('#studio')!;
      studio.style.width = '700px';
      studio.style.margin = '0';
      const cells = [...document.querySelectorAll('.gallery-cell')].map(
        (cell) => cell.getBoundingClientRect().right,
      );
      const buttons = [...document.querySelectorAll('.buttons, .results-tools button')].filter(
        (each) => each.getBoundingClientRect().height > 0,
      );
      studio.removeAttribute('style');
      return { cells, buttons: buttons.length };
    });
    expect(cells.length).toBeGreaterThan(8);
    expect(Math.max(...cells)).toBeLessThanOrEqual(700);
    expect(buttons).toBe(0);
    await page.emulateMedia({ media: 'screen' });
  });

  it('break no policy and have no error', () => {
    expect(problems).toEqual([]);
  });
});
