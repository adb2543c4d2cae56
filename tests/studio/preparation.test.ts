import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { percent, short } from '../../src/common/format.ts';
import type { Preprocessing } from '../../src/graph/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { preprocess } from '../../src/image/index.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { fieldOfFinding, formOf, mendedForm, readForm } from '../../src/studio/models/preparation.ts';
import { doctorCommandText } from '../../src/studio/state/commands.ts';
import { inputChannels } from '../../src/studio/worker/prepared.ts';
import { evidenceText } from '../../src/verbs/doctor/words.ts';
import { classify, type DoctorResult, doctor, importFromOnnx } from '../../src/verbs/index.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { head, net, photos, right } from '../evaluation/doctor/task.ts';
import { serveSite } from './site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const portrait = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));

describe('the form of how photos are prepared', () => {
  const known = formOf({
    resize: { height: 256, width: 320, mode: 'pad' },
    crop: { height: 224, width: 224 },
    channels: 'bgr',
    mean: [1, 2.5, 3],
  });

  it('says what the model says, and changes only what a person changes', () => {
    expect(known).toMatchObject({ resize: '256×320', resizeMode: 'pad', crop: '224', mean: '1, 2.5, 3' });
    expect(readForm(known, known)).toEqual({ fields: {}, wrong: {} });
    const changed = {
      ...known,
      resize: '200x100',
      std: '58.4 57.1;57.4',
      labels: 'cat\n\n dog ',
      scale: '2',
    };
    expect(readForm(changed, known).fields).toEqual({
      resize: { height: 200, width: 100 },
      std: [58.4, 57.1, 57.4],
      scale: 2,
      labels: ['cat', 'dog'],
    });
  });

  it('says beside each field which text it cannot read, and reads the others', () => {
    const { fields, wrong } = readForm({ ...known, crop: 'large', mean: '1, two', scale: '3' }, known);
    expect(fields).toEqual({ scale: 3 });
    expect(wrong.crop).toContain("'large' is no size");
    expect(wrong.mean).toContain("'1, two' is no list");
  });

  const size = fc.record({
    height: fc.integer({ min: 1, max: 999 }),
    width: fc.integer({ min: 1, max: 999 }),
  });
  const numbers = fc.array(fc.double({ min: -300, max: 300, noNaN: true }), { minLength: 1, maxLength: 3 });
  const fields = fc.record(
    {
      resize: size,
      resizeMode: fc.constantFrom('stretch' as const, 'shorter-side' as const, 'pad' as const),
      crop: size,
      channels: fc.constantFrom('rgb' as const, 'gray' as const),
      mean: numbers,
      scale: fc.double({ min: 1e-6, max: 300, noNaN: true }),
      std: numbers,
    },
    { requiredKeys: [] },
  );
  it('takes what mends a finding, number by number', () => {
    fc.assert(
      fc.property(fields, (fix) => {
        const read = readForm(mendedForm(formOf(undefined), fix, undefined), formOf(undefined));
        expect(read.wrong).toEqual({});
        // A form has no −0.
        expect(JSON.stringify(read.fields)).toBe(JSON.stringify(fix));
      }),
    );
  });

  it('tells a finding beside the field that mends it', () => {
    expect(fieldOfFinding('normalisation')).toBe('mean');
    expect(fieldOfFinding('crop')).toBe('crop');
    expect(fieldOfFinding('softmax')).toBeUndefined();
  });

  it('has a command that makes the same', () => {
    const asked = { model: 'a net.onnx', data: 'photos', sample: 80 };
    expect(doctorCommandText({ ...asked, fields: {} })).toBe("limn doctor 'a net.onnx' photos --sample 80");
    expect(
      doctorCommandText({
        ...asked,
        fields: { crop: { height: 4, width: 5 }, mean: [1, 2, 3], labels: ['cat', "a dog's"] },
      }),
    ).toBe(
      `printf '%s\\n' cat 'a dog'\\''s' > labels.txt && limn import onnx 'a net.onnx' --crop 4x5 --mean 1,2,3 ` +
        `--labels labels.txt -o 'a net-prepared.onnx'\nlimn doctor 'a net-prepared.onnx' photos --sample 80`,
    );
  });
});

describe('the channels of an input', () => {
  it('are what it holds, in the order of the network', () => {
    const order = fc.constantFrom('rgb' as const, 'bgr' as const, 'gray' as const);
    fc.assert(
      fc.property(
        order,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        (how, h, w, seed) => {
          const channels = how === 'gray' ? 1 : 3;
          const data = Float32Array.from(
            { length: channels * h * w },
            (_, i) => ((seed % 97) * (i + 1)) % 31,
          );
          const found = inputChannels({ type: 'float32', shape: [1, channels, h, w], data }, how);
          expect(found.map(({ name }) => name)).toEqual(
            { rgb: ['red', 'green', 'blue'], bgr: ['blue', 'green', 'red'], gray: ['grey'] }[how],
          );
          found.forEach(({ least, most, mean, map }, c) => {
            const values = [];
            for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) values.push(data[(c * h + y) * w + x]);
            expect([...map.data]).toEqual(values);
            expect([least, most]).toEqual([Math.min(...values), Math.max(...values)]);
            expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 9);
          });
        },
      ),
    );
  });
});

describe.skipIf(!hasChromium)('the doctor in the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-preparation-'));
  const data = join(folder, 'labelled');
  const model = join(folder, 'meanless.onnx');
  const { mean: _, ...meanless } = right;
  const how = { ...meanless, channels: 'bgr' } as Preprocessing;
  let found: DoctorResult;
  let server: Awaited<ReturnType<typeof serveSite>>;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const rows = ['path,class'];
    mkdirSync(join(data, 'photos'), { recursive: true });
    for (const [i, { truth, picture }] of photos(90, 3).entries()) {
      writeFileSync(join(data, `photos/${i}.png`), await nodeHost.images.encodePng(await picture()));
      rows.push(`photos/${i}.png,${head.labels![truth]}`);
    }
    writeFileSync(join(data, 'manifest.csv'), `${rows.join('\n')}\n`);
    const info = { heads: [head], preprocessing: how, provenance: {} };
    writeFileSync(model, writeOnnx({ graph: net(), info }).bytes);
    found = await doctor({ model, data: join(data, 'manifest.csv'), sample: 200, threads: 1 }, nodeHost);
    server = await serveSite();
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(90_000);
    await page.goto(`${server.address}#models`);
    await page.locator('.models-list input[type=file]').first().setInputFiles(model);
    await page.locator('.models-list button[aria-pressed="true"]', { hasText: 'meanless.onnx' }).waitFor();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const about = (label: string) => page.locator('.field', { has: page.getByLabel(label) }).locator('.about');
  const answers = () => page.locator('.gets-answers > div').allTextContents();

  it('shows what the network gets of a photo, and what it answers, as the library prepares it', async () => {
    const photo = await nodeHost.images.decode(await nodeHost.files.read(portrait), portrait);
    const shown = async () =>
      (await page.locator('.gets-channels small').allTextContents()).map((text) => text.replaceAll('−', '-'));
    const expected = (changed: Preprocessing) =>
      inputChannels(preprocess([photo], changed), changed.channels).map(
        ({ least, most, mean }) => `${short(least)} to ${short(most)}mean ${short(mean)}`,
      );
    await page.locator('.gets-channels').waitFor();
    expect(await shown()).toEqual(expected(how));
    expect(await page.locator('.gets-channels span').allTextContents()).toEqual([
      '1: blue',
      '2: green',
      '3: red',
    ]);

    await page.getByLabel('Order of channels').selectOption('rgb');
    await page.getByLabel('Mean, subtracted').fill('100, 110, 120');
    await page.keyboard.press('Tab');
    const changed = { ...how, channels: 'rgb', mean: [100, 110, 120] } as const;
    await expect.poll(shown).toEqual(expected(changed));
    const output = join(folder, 'changed.onnx');
    await importFromOnnx({ model, output, channels: 'rgb', mean: [100, 110, 120] }, nodeHost);
    const [was, is] = await answers();
    for (const [text, file] of [
      [was, model],
      [is, output],
    ]) {
      const { photos: said } = await classify(
        { model: file, photos: [portrait], top: 2, threads: 1 },
        nodeHost,
      );
      const [only] = said;
      if ('error' in only || only.outputs.class.kind !== 'classes') throw new Error('no classes');
      const [best] = only.outputs.class.top;
      expect(text).toContain(`${best.label}${percent(best.value)}`);
    }
  });

  it('says beside a field what the network does not take', async () => {
    await page.getByLabel('Mean, subtracted').fill('1, 2');
    await page.keyboard.press('Tab');
    await about('Mean, subtracted').getByText('2').waitFor();
    expect(await about('Mean, subtracted').textContent()).toMatch(/mean.*2.*3/);
    await page.getByRole('button', { name: 'As the model says' }).click();
    await expect.poll(() => about('Mean, subtracted').textContent()).toBe('');
  });

  it('finds what the command finds, beside the fields, and mends it with a click', async () => {
    await page
      .locator('section', { hasText: 'Is it right?' })
      .locator('input[type=file]')
      .setInputFiles(data);
    await page.getByLabel('Labelled photos', { exact: true }).selectOption('labelled/manifest.csv');
    await page.getByLabel('Photos to try').selectOption('200');
    await page.getByRole('button', { name: /^Check/ }).click();
    const summary = page.locator('.diagnosis');
    await summary.waitFor();
    expect(await summary.textContent()).toContain(
      `class of 90 photos of 90: accuracy ${percent(found.value)}`,
    );
    expect(found.findings.map(({ kind }) => kind)).toContain('channels');
    for (const finding of found.findings) {
      const beside = finding.kind === 'channels' ? 'Order of channels' : 'Mean, subtracted';
      const text = (await about(beside).textContent())!.toLowerCase();
      expect(text).toContain(finding.what.toLowerCase());
      expect(text).toContain(evidenceText(finding.evidence!, finding).toLowerCase());
    }
    expect(await page.getByLabel('the command that checks it').inputValue()).toBe(
      'limn doctor meanless.onnx labelled/manifest.csv --sample 200',
    );

    await page.evaluate(axe);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      const { violations }: { violations: { id: string }[] } = await page.evaluate('axe.run()');
      expect(violations.map(({ id }) => id)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }

    const all = page.getByRole('button', { name: 'Mend all of it here' });
    await ((await all.count()) > 0 ? all : page.getByRole('button', { name: 'Mend it here' }))
      .first()
      .click();
    await page.getByText(/^Nothing found: none of/).waitFor();
    expect(await page.getByLabel('Order of channels').inputValue()).toBe('rgb');

    // A wrong scale is seen at once.
    await page.getByLabel('Then times').fill('1');
    await page.keyboard.press('Tab');
    await about('Then times')
      .locator('.mistake')
      .or(about('Mean, subtracted').locator('.mistake'))
      .first()
      .waitFor();
  });
});
