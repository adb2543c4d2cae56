import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { groupedBy } from '../../src/common/groups.ts';
import { writeResult } from '../../src/evaluation/store.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { compare, report } from '../../src/verbs/index.ts';
import { photoLikeness, photoMaps } from '../../src/verbs/regions/likeness.ts';
import { LOOK_MEASURES, type SeenLook } from '../../src/verbs/regions/looks.ts';
import { lookContrasts, lookEstimates, lookLikeness, lookPairs } from '../../src/verbs/regions/statistics.ts';
import { folder } from '../cli/limn.ts';
import { gradient, savePicture } from '../data/pictures.ts';
import { result, times } from '../evaluation/results.ts';
import { noise } from '../nets.ts';

let dir = '';
const at = (name: string) => join(dir, name);

/** What `regions` measures of looks whose share in the eyes is `eyes`, and in each other region as much. */
function record(models: Readonly<Record<string, number>>, title?: string): Record<string, unknown> {
  const drawing = { resamples: 200, seed: 1 };
  const looks = Object.entries(models).flatMap(([model, eyes], m) =>
    Array.from({ length: 12 }, (_, i): SeenLook => {
      const own = eyes + 0.01 * Math.sin(i);
      const shares = Array.from({ length: 8 }, (__, r) => {
        const share = r === 0 ? own : (1 - own) / 7;
        return { relevance: share, positive: share, area: 1 / 8 };
      });
      const values = [...shares.map(({ relevance }) => relevance), 1 - (1 - own) / 7, 0.5];
      const map = { width: 8, height: 8, data: noise([8, 8], 20 * m + i).data };
      return { model, photo: `p${i}`, target: i % 2 ? 'old' : 'young <b>', shares, values, map };
    }),
  );
  const places = new Map(Object.keys(models).map((model) => [model, { start: model.split(' ')[1] }]));
  const estimates = lookEstimates(looks, drawing);
  const likeness = [...groupedBy(looks, ({ photo }) => photo)].flatMap(([photo, own]) =>
    photoLikeness(photo, photoMaps(own)),
  );
  return {
    format: 'limn regions 1',
    ...(title !== undefined && { title }),
    models: Object.keys(models).map((name) => ({ name, sources: [name], place: places.get(name) })),
    photos: 12,
    without: [{ item: 'nobody.png', error: 'no face' }],
    findings: ['Start trained has more of its relevance in the eyes.'],
    estimates,
    pairs: lookPairs(looks, drawing),
    contrasts: lookContrasts(looks, places, drawing),
    likeness: lookLikeness(looks, likeness, drawing),
    settings: { pooling: 'sum', resamples: 200, seed: 1 },
    versions: {},
    files: [],
  };
}

async function keep(name: string, content: unknown): Promise<void> {
  mkdirSync(at(name), { recursive: true });
  writeFileSync(at(`${name}/regions.json`), JSON.stringify(content));
  await savePicture(at(name), 'regions.png', gradient(30, 20, 1));
  await savePicture(at(name), 'mean.png', gradient(20, 20, 2));
}

beforeAll(async () => {
  dir = folder();
  const given = result(times(50, { said: 0 }), { name: 'a', ordered: true });
  await writeResult(at('a'), given, nodeHost);
  await compare({ results: [at('a')], output: at('compared'), resamples: 100 }, nodeHost);
  await keep('compared/where', record({ 'net plain': 0.2, 'net trained': 0.5 }, 'age'));
  await keep('other', record({ 'alone plain': 0.3 }));
});

const page = async (more: object = {}) => {
  const made = await report({ comparison: at('compared'), charts: false, ...more }, nodeHost);
  return { ...made, html: readFileSync(made.file, 'utf8') };
};

it('a report has a section for each folder of regions, in it and named, with findings, charts, tables and pictures', async () => {
  const { html, pictures } = await page({ regions: [at('other')], photosBy: 'nobody, CC0' });
  const sections = html.split('<section ').filter((each) => each.includes('Where in faces the models look'));
  expect(sections).toHaveLength(2);
  const [first, second] = sections as [string, string];
  expect(first).toContain('Where in faces the models look: age</h2>');
  expect(first).toContain('class="significant">Start trained has more');
  // All shares as they were measured, to the digit that is shown, sorted by the whole number.
  const { estimates } = record({ 'net plain': 0.2, 'net trained': 0.5 }) as {
    estimates: readonly { readonly mean: number; readonly target?: string }[];
  };
  expect(estimates).toHaveLength(2 * 3 * LOOK_MEASURES.length);
  for (const { mean } of estimates)
    expect(first).toMatch(
      new RegExp(`data-sort="${String(mean).replace('.', '\\.')}">${(100 * mean).toFixed(1)} %`),
    );
  expect(first).toContain('What difference each factor makes');
  expect(first).toContain('How alike heatmaps');
  expect(first).toContain('young &#60;b&#62;');
  expect(second).not.toContain('What difference each factor makes');
  expect(second).not.toContain('How alike heatmaps');
  expect(html.match(/<figcaption>[^<]*Photos: nobody, CC0/g)?.length).toBe(2);
  expect(pictures).toBe(4);
  // Charts of both stand in one page.
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it('a report without photos shows mean heatmaps, and no photo with its regions', async () => {
  const { html, pictures } = await page({ photos: false });
  expect(html).not.toContain('The regions on photos');
  expect(pictures).toBe(1);
});

it.each([
  [
    (all: object) => ({ ...all, format: 'limn regions 9' }),
    /regions\.json: it is of another version, 'limn regions 9'/,
  ],
  [
    (all: object) => ({ ...all, estimates: [{ model: 1 }] }),
    /regions\.json: estimates\.0\.model: damaged: expected string, got 1/,
  ],
  [() => ({}), /regions\.json: it is not a record of regions; measure the regions again/],
] as const)('says what is wrong with regions: %#', async (damage, message) => {
  await keep('damaged', damage(record({ 'a plain': 0.2 })));
  await expect(page({ regions: [at('damaged')] })).rejects.toThrow(message);
});
