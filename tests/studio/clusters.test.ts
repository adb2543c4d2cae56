import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clustersCommand } from '../../src/cli/commands/clusters.ts';
import { type ClusterReport, parsePhotoTable, placeColumns } from '../../src/clusters/index.ts';
import { csvLine } from '../../src/common/csv.ts';
import { CONCEPTS_FILE, type ConceptReport } from '../../src/concepts/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { writeNpy } from '../../src/image/index.ts';
import { type Served, serveStudio } from '../../src/server/serve.node.ts';
import { chosenPlaces, commonOf, isWithin, scatterOf } from '../../src/studio/clusters/choose.ts';
import type { ShownClusters } from '../../src/studio/protocol/index.ts';
import type { PhotoChoice } from '../../src/studio/state/clusters.ts';
import { analysisCommandText } from '../../src/studio/state/commands.ts';
import { analysisProgramText } from '../../src/studio/state/programs.ts';
import { numbersColumn } from '../../src/studio/worker/clusters.ts';
import { columnOfValues } from '../../src/studio/worker/columns.ts';
import { clusters, clustersRequest } from '../../src/verbs/clusters/index.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { site } from './site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('the table of a clustering', () => {
  it('is read as it was written, whatever photos are called', () => {
    const known = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), { maxKeys: 3 });
    const number = fc.double({ noDefaultInfinity: true, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.tuple(fc.string({ minLength: 1 }), number, fc.option(number)), { minLength: 1 }),
        known,
        (dimensions, photos, columns) => {
          const names = Object.keys(columns).filter((name) => !placeColumns(dimensions).includes(name));
          const places = placeColumns(dimensions).slice(4);
          const text = [
            csvLine([...placeColumns(dimensions), ...names]),
            ...photos.map(([photo, confidence, at]) =>
              csvLine([
                photo,
                'cat',
                1,
                confidence,
                ...places.map(() => at ?? ''),
                ...names.map((name) => columns[name]),
              ]),
            ),
          ].join('');
          const table = parsePhotoTable(text, 'photos.csv');
          expect(table.photos).toEqual(photos.map(([photo]) => photo));
          expect([...table.confidence]).toEqual(photos.map(([, confidence]) => confidence));
          expect([...table.places.keys()]).toEqual(places);
          for (const values of table.places.values())
            expect([...values]).toEqual(photos.map(([, , at]) => at ?? Number.NaN));
          expect([...table.known.keys()]).toEqual(names);
          for (const name of names) expect(new Set(table.known.get(name))).toEqual(new Set([columns[name]]));
        },
      ),
    );
  });

  it('says what is wrong with one, and where', () => {
    const header = csvLine(placeColumns(1));
    expect(() => parsePhotoTable('image,truth\n', 'a.csv')).toThrow('a.csv: no table of photos');
    expect(() => parsePhotoTable(`${header}x,cat\n`, 'a.csv')).toThrow('a.csv, line 2: 2 cells');
    expect(() => parsePhotoTable(`${header}x,cat,1,0.5,left,,,,\n`, 'a.csv')).toThrow(
      "a.csv, line 2: 'spectral_1' is no number: left",
    );
  });

  it('has numbers in parts that hold all of them, in order, about as many each', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 }), (values) => {
        const column = numbersColumn('age', Float64Array.from(values))!;
        values.forEach((a, i) => {
          expect(column.of[i]).toBeGreaterThanOrEqual(0);
          values.forEach((b, j) => {
            if (a <= b) expect(column.of[i]).toBeLessThanOrEqual(column.of[j]);
          });
        });
        if (new Set(values).size < values.length) return;
        const sizes = column.values.map((_, part) => column.of.filter((each) => each === part).length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
    expect([...numbersColumn('age', Float64Array.of(Number.NaN, 3))!.of]).toEqual([-1, 0]);
  });
});

/** The angle that a line goes round a point, in turns: not 0 for points within it. */
function turns(around: readonly number[], x: number, y: number): number {
  let sum = 0;
  for (let i = 0; i < around.length; i += 2) {
    const j = (i + 2) % around.length;
    const [a, b] = [i, j].map((k) => [around[k] - x, around[k + 1] - y] as const);
    sum += Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]);
  }
  return Math.round(sum / (2 * Math.PI));
}

const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe('photos that are chosen on the map', () => {
  it('are those within the line: it goes round them an odd number of times', () => {
    // Corners on whole numbers, and points on no line between two of them.
    const whole = fc.nat(16);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(whole, whole), { minLength: 3, maxLength: 12 }),
        whole,
        whole,
        (corners, column, row) => {
          const around = corners.flat();
          const [x, y] = [column + Math.SQRT2 - 1, row + 1 / Math.PI];
          expect(isWithin(around, x, y)).toBe(Math.abs(turns(around, x, y)) % 2 === 1);
        },
      ),
    );
  });

  const photo = fc.record({
    class: fc.constantFrom('cat', 'dog'),
    cluster: fc.constantFrom('1', '2', undefined),
    race: fc.constantFrom('a', 'b', undefined),
    x: fc.oneof(unit, fc.constant(Number.NaN)),
    y: unit,
  });
  const chosen = fc.array(
    fc.oneof(
      fc.record({ column: fc.constantFrom('cluster', 'race', 'none'), value: fc.constantFrom('1', 'a') }),
      fc.record({ view: fc.constant('pca'), around: fc.array(unit, { minLength: 6, maxLength: 6 }) }),
    ) satisfies fc.Arbitrary<PhotoChoice>,
    { maxLength: 3 },
  );
  const shownOf = (photos: readonly (typeof photo extends fc.Arbitrary<infer P> ? P : never)[]) =>
    ({
      report: {} as ShownClusters['report'],
      photos: photos.map((_, i) => `${i}.png`),
      views: [
        {
          name: 'pca',
          x: Float64Array.from(photos, ({ x }) => x),
          y: Float64Array.from(photos, ({ y }) => y),
        },
      ],
      columns: (['class', 'cluster', 'race'] as const).flatMap(
        (name) =>
          columnOfValues(
            name,
            photos.map((each) => each[name]),
          ) ?? [],
      ),
    }) satisfies ShownClusters;

  it('are of one class, and in any of what is chosen', () => {
    fc.assert(
      fc.property(fc.array(photo, { maxLength: 25 }), chosen, (photos, wanted) => {
        const shown = shownOf(photos);
        const drawn = scatterOf(shown, 'cat', 'pca');
        const expected = photos.flatMap((each, i) => {
          const at = drawn.places.indexOf(i);
          const isIn = wanted.some((one) =>
            'column' in one
              ? (one.column === 'cluster' || one.column === 'race') && each[one.column] === one.value
              : at >= 0 && isWithin(one.around, drawn.x[at], drawn.y[at]),
          );
          return each.class === 'cat' && (wanted.length === 0 || isIn) ? [i] : [];
        });
        expect([...chosenPlaces(shown, 'cat', wanted)]).toEqual(expected);
      }),
    );
  });

  it('are held against the others of their class, the largest difference of shares first', () => {
    fc.assert(
      fc.property(fc.array(photo, { maxLength: 25 }), fc.func(fc.boolean()), (photos, isTaken) => {
        const { columns } = shownOf(photos);
        const all = photos.map((_, i) => i);
        const taken = all.filter((i) => isTaken(i));
        const common = commonOf(columns, taken, all);
        const gap = ({ inside, insideOf, outside, outsideOf }: (typeof common)[number]) =>
          inside / Math.max(1, insideOf) - outside / Math.max(1, outsideOf);
        for (const each of common) {
          const name = each.column as 'class' | 'cluster' | 'race';
          const has = (places: readonly number[]) =>
            places.filter((i) => photos[i][name] === each.value).length;
          const known = (places: readonly number[]) =>
            places.filter((i) => photos[i][name] !== undefined).length;
          const others = all.filter((i) => !taken.includes(i));
          expect(each).toMatchObject({ inside: has(taken), insideOf: known(taken) });
          expect(each).toMatchObject({ outside: has(others), outsideOf: known(others) });
          expect(gap(each)).toBeGreaterThan(0);
        }
        common.slice(1).forEach((each, i) => {
          expect(gap(each)).toBeLessThanOrEqual(gap(common[i]) + 1e-12);
        });
      }),
    );
  });
});

describe('an analysis elsewhere', () => {
  const data = { source: 'faces/list.csv', sha256: 'y', photos: 9, skipped: [] };
  const model = { file: "it's.onnx", sha256: 'x', network: 'n', head: 'gender' };

  it('is the command and the program with what was asked for, and nothing that goes without saying', () => {
    const usual = v.getDefaults(clustersRequest);
    const settings = { ...usual, views: 'pca umap', model: undefined, data: undefined, output: undefined };
    const given = Object.fromEntries(
      Object.entries(settings).filter(
        ([name, value]) =>
          value !== undefined &&
          !['batch', 'restart', 'skipBad', 'parquet', 'threads', 'provider'].includes(name),
      ),
    ) as Record<string, string | number | boolean>;
    const analysis = { model, data, settings: given };
    expect(analysisCommandText('clusters', analysis)).toBe(
      `limn clusters 'it'\\''s.onnx' faces/list.csv -o clusters`,
    );
    expect(analysisProgramText('clusters', analysis)).toContain(
      "await clusters({\n  model: 'it\\'s.onnx',\n  data: ['faces/list.csv'],\n  output: 'clusters',\n}, nodeHost);",
    );
  });

  it('has options that the command line has', () => {
    const settings = { head: 'age', signed: false, side: 28, truthColumn: 'a b', views: 'pca', clusters: 3 };
    const text = analysisCommandText('clusters', { data, settings });
    expect(text).toBe(
      "limn clusters faces/list.csv --head age --absolute --side 28 --truth-column 'a b' --views pca --clusters 3 -o clusters",
    );
    const known = clustersCommand().options.map(({ long }) => long);
    expect(known).toEqual(expect.arrayContaining(text.match(/--[a-z-]+/g)!));
  });
});

/** Maps of 6×6 cells that are bright in one of two corners, and noise. */
const mapsOfCorners = (count: number) => {
  const data = new Float32Array(count * 36);
  for (let n = 0; n < count; n++)
    for (let i = 0; i < 36; i++)
      data[36 * n + i] = (i < 12 === (n % 3 === 0) ? 1 : 0) + ((n * 7 + i * 13) % 17) / 60;
  return writeNpy({ type: 'float32', shape: [count, 1, 6, 6], data });
};

const concepts: ConceptReport = {
  format: 'limn concepts 1',
  model: { file: 'face-api-age-gender.onnx', sha256: 'x', network: 'FaceApiAgeGender', head: 'gender' },
  data: { source: 'photos', sha256: 'y', photos: 1, skipped: [] },
  settings: { layers: 'relu13', target: 'predicted', references: 6, channels: 6 },
  rules: 'r',
  versions: { limn: '0' },
  layers: [
    {
      name: 'relu13',
      channels: 512,
      grid: [7, 7],
      through: { mean: 1, n: 1 },
      half: 2,
      concepts: [466, 12].map((channel, i) => ({
        channel,
        share: { mean: 0.2 - i / 10, n: 1 },
        activation: { mean: 3, n: 1 },
        references: (['relevance', 'activation'] as const).map((kind) => ({
          kind,
          photo: 'astronaut-face.png',
          value: 0.5,
          target: 'female',
          at: [1, 1] as const,
          field: { left: 0, top: 0, width: 112, height: 112 },
          // Wider than the picture: what is within it is shown.
          crop: { left: 60, top: 40, width: 40 + 30 * i, height: 40 },
        })),
      })),
      classes: [],
    },
  ],
  edges: [],
  graph: 'graph.svg',
  photos: [],
  findings: ['channel 466 carries most.'],
  limits: ['a channel is a number.'],
};

describe.skipIf(!hasChromium)('the room of clusters and concepts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-clusters-'));
  const problems: string[] = [];
  let report: ClusterReport;
  let server: Served;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    writeFileSync(join(folder, 'maps.npy'), mapsOfCorners(60));
    const request = { heatmaps: [join(folder, 'maps.npy')], output: join(folder, 'found'), exemplars: 2 };
    ({ report } = await clusters(request, nodeHost));
    mkdirSync(join(folder, 'analysed'));
    writeFileSync(join(folder, 'analysed', CONCEPTS_FILE), JSON.stringify(concepts));
    const drawn = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"></svg>';
    writeFileSync(join(folder, 'analysed', 'graph.svg'), drawn);
    server = await serveStudio({ folder, page: resolve(site), port: 0 });
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${server.address}#clusters`);
    await page.locator('.gallery-cell').first().waitFor();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const chosenTitle = () => page.locator('#chosen-title').textContent();

  it('has the photos of a cluster and what is known of it', async () => {
    expect(await chosenTitle()).toBe('All 60 photos of all');
    const [{ number, photos }] = report.clusters;
    await page.getByRole('button', { name: `cluster ${number} ${photos}` }).click();
    expect(await chosenTitle()).toBe(`${photos} photos of all`);
    await page.getByRole('heading', { name: `Cluster ${number}: all` }).waitFor();
    await page.getByRole('img', { name: `mean heatmap of cluster ${number}` }).waitFor();
    expect(await page.locator('.gallery-cell').first().textContent()).toContain(`cluster ${number}`);
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await chosenTitle()).toBe('All 60 photos of all');
  });

  it('chooses photos by a line around them, and by keys, and keeps what is chosen', async () => {
    const stage = page.getByRole('application');
    const { x, y, width, height } = (await stage.boundingBox())!;
    await page.mouse.move(x + 3, y + 3);
    await page.mouse.down();
    for (const [right, down] of [
      [width - 3, 3],
      [width - 3, height - 3],
      [3, height - 3],
    ])
      await page.mouse.move(x + right, y + down, { steps: 3 });
    await page.mouse.up();
    expect(await chosenTitle()).toBe('60 photos of all');
    await page.reload();
    await page.locator('.gallery-cell').first().waitFor();
    expect(await chosenTitle()).toBe('60 photos of all');
    await stage.focus();
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowLeft');
    for (let i = 0; i < 12; i++) await page.keyboard.press('-');
    await page.keyboard.press('Enter');
    expect(await chosenTitle()).toMatch(/^\d photos? of all$/);
    for (let i = 0; i < 22; i++) await page.keyboard.press('+');
    await page.keyboard.press('Enter');
    expect(await chosenTitle()).toBe('60 photos of all');
    await page.keyboard.press('Escape');
    expect(await chosenTitle()).toBe('All 60 photos of all');
  });

  it('has the channels of a layer with what they look at', async () => {
    await page.getByLabel('Analysis', { exact: true }).selectOption('analysed');
    await page.getByRole('heading', { name: 'Channel 466 of relu13' }).waitFor();
    // The network and the portrait of the first visit are those of the analysis.
    const crop = page.locator('.concepts-references canvas').first();
    await crop.waitFor();
    expect(await crop.getAttribute('width')).toBe('40');
    await page.getByRole('button', { name: /^channel 12/ }).click();
    await page.getByRole('heading', { name: 'Channel 12 of relu13' }).waitFor();
    await expect.poll(() => crop.getAttribute('width')).toBe('52');
    await page.getByText('Which channel feeds which, as a graph').click();
    const graph = page.getByRole('img', { name: 'attribution graph of relu13' });
    await expect.poll(() => graph.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(640);
  });

  it('can be used by everybody, and has no errors', async () => {
    await page.evaluate(axe);
    const violations = () =>
      page.evaluate(async () => {
        const { violations } = await (
          globalThis as unknown as {
            axe: {
              run(): Promise<{ violations: { id: string; nodes: { target: readonly string[] }[] }[] }>;
            };
          }
        ).axe.run();
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join()}`);
      });
    expect(await violations()).toEqual([]);
    await page.getByLabel('Analysis', { exact: true }).selectOption('found');
    await page.locator('.gallery-cell').first().waitFor();
    expect(await violations()).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violations()).toEqual([]);
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth))
      .toBeLessThanOrEqual(390);
    expect(problems).toEqual([]);
  });
});
