import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOn } from '../../src/hosts/calls.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { readNpy } from '../../src/image/index.ts';
import type { ClassifiedPhoto } from '../../src/verbs/index.ts';
import { hasChromium, launch } from './chromium.ts';
import { serve } from './server.ts';
import { inputs, networkFiles, type Outcome, outcomeOf, paths, requests } from './verbs.ts';

const face = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'limn-verbs-'));
const cwd = process.cwd();

beforeAll(() => {
  for (const [path, bytes] of inputs()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  copyFileSync(face, join(folder, paths.photo));
  mkdirSync(join(folder, paths.networks));
  for (const name of networkFiles) {
    const from = createRequire(import.meta.url).resolve(`@vladmandic/face-api/model/${name}`);
    copyFileSync(from, join(folder, paths.networks, name));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of errors that are not about the request. */
const kinds: Readonly<Record<string, string>> = {
  'an unknown head': 'input',
  'no such file': 'input',
  'import labels of another number': 'input',
  'import what is no weights': 'input',
  'run with an input that is none': 'input',
  'run to a layer that is none': 'input',
  'evaluate what is missing': 'input',
  'evaluate another column': 'input',
  'page of a broken photo': 'item',
  'a grid of data that is gone': 'input',
  'a grid without the true class': 'input',
  'analyse photos that are broken': 'input',
  'analyse concepts of a layer that is none': 'input',
  'lists of what is no folds': 'input',
  'a mean of pictures that are gone': 'input',
  'mistakes by a head that is none': 'input',
  'plot what is no run': 'input',
  'report on no comparison': 'input',
};

/** Requests name files relative to where the process is. */
async function inFolder<T>(work: () => Promise<T>): Promise<T> {
  rmSync(join(folder, paths.output), { recursive: true, force: true });
  process.chdir(folder);
  try {
    return await work();
  } finally {
    process.chdir(cwd);
  }
}

const inNode = (name: string) =>
  inFolder(async () => {
    const outcome = await outcomeOf(name, nodeHost);
    return { outcome, relevance: readRelevance(join(folder, paths.output, 'photo.npy')) };
  });

function readRelevance(path: string): number[] | undefined {
  try {
    return Array.from(readNpy(readFileSync(path), path).data, Number);
  } catch {
    return undefined;
  }
}

/** Equal but for what float32 rounds, and for the words in which hosts complain of files. */
function expectAlike(there: unknown, here: unknown, where = ''): void {
  if (typeof here === 'number') expect(there, where).toBeCloseTo(here, 3);
  else if (typeof here === 'object' && here !== null) {
    expect(Object.keys(there as object), where).toEqual(Object.keys(here));
    for (const [key, value] of Object.entries(here)) {
      if (key === 'error' && typeof value === 'string') continue;
      expectAlike((there as Record<string, unknown>)[key], value, `${where}.${key}`);
    }
  } else expect(there, where).toEqual(here);
}

describe('verbs in Node', () => {
  it.each([
    'an unknown head',
    'a wrong field',
    'a field too many',
    'fields of another method',
    'two scales',
    'a grid of data that is gone',
    'a grid of nothing',
    'a grid with too few names',
    'a grid with a truth too many',
    'a grid by no column',
    'a grid without the true class',
    'import with a field that does not fit',
    'import with numbers from 0 to 1',
    'import the other way round',
    'import labels of another number',
    'import what is no weights',
    'compile a variant that is none',
    'run without an input',
    'run with an input twice',
    'run with an input that is none',
    'run to a layer that is none',
    'init to another file',
    'evaluate what is missing',
    'evaluate another column',
    'evaluate folds of nothing',
    'evaluate several by one name',
    'compare by columns without names',
    'analyse faithfulness of nothing that is known',
    'analyse by a method that is none',
    'analyse two methods of one name',
    'analyse localisation without masks',
    'analyse photos that are broken',
    'cluster nothing',
    'cluster shards of heatmaps',
    'hide a cluster of nothing',
    'hide what is not there',
    'hide what pictures have, of a mask',
    'explain shards with one scale',
    'page of a broken photo',
    'lists of what is no folds',
    'a mean of pictures that are gone',
    'show a column that is none',
    'mistakes by a head that is none',
    'plot to what is no picture',
    'plot what is no run',
    'report on no comparison',
    'no such file',
  ])('say of %s whose business it is, in words of the request', async (name) => {
    const { error } = (await inNode(name)).outcome;
    expect(error?.kind).toBe(kinds[name] ?? 'request');
    expect(error?.message).not.toMatch(/--/);
    expect(error?.message).toMatchSnapshot();
  });

  it('tell of each photo, also of the one that is broken, and of how far they are', async () => {
    const { result, events } = (await inNode('classify photos')).outcome as {
      result: { photos: { item: string; error?: string; outputs?: object }[] };
      events: { kind: string; done?: number; photo?: object }[];
    };
    expect(result.photos.map(({ item }) => item)).toEqual([paths.photo, paths.broken, paths.photo]);
    expect(result.photos[1].error).toMatch(/^in\/broken\.png: not an image/);
    expect(result.photos[2]).toEqual(result.photos[0]);
    expect(events.filter(({ kind }) => kind === 'progress').map(({ done }) => done)).toEqual([1, 2, 3]);
    expect(events.filter(({ kind }) => kind === 'photo').map(({ photo }) => photo)).toEqual(result.photos);
  });

  it('evaluate, read back what is finished, and compare', async () => {
    const { result, events } = (await inNode('evaluate and compare')).outcome as {
      result: { answers: { image: string }[][]; again: unknown; files: string[]; format: string };
      events: { kind: string; failed?: { item: string } }[];
    };
    expect(result.answers.map((each) => each.map(({ image }) => image))).toEqual([['photo.png']]);
    expect(result.again).toEqual(result.answers);
    expect(result.files).toContain('comparison.json');
    expect(result.format).toBe('limn comparison 1');
    expect(events.map(({ kind }) => kind)).toEqual(['progress', 'progress', 'failed']);
    expect(events[2].failed!.item).toBe('broken.png');
  });

  it('say whether maps are faithful, and read back what is finished', async () => {
    const { result, events } = (await inNode('analyse faithfulness')).outcome as {
      result: {
        estimates: { measure: string; n: number }[];
        format: string;
        findings: string[];
        again: string[];
      };
      events: { kind: string; what: string; done: number; total: number }[];
    };
    expect(result.format).toBe('limn faithfulness 1');
    expect(new Set(result.estimates.map(({ measure }) => measure))).toEqual(
      new Set([
        'abpc',
        'aopc-morf',
        'aopc-lerf',
        'monotonicity',
        'road',
        'correlation',
        'sensitivity-n',
        'infidelity',
        'max-sensitivity',
        'lipschitz',
        'completeness',
        'randomisation',
        'complexity-rise',
        'random-logit',
      ]),
    );
    expect(result.findings.length).toBeGreaterThan(3);
    expect(result.again).toEqual(result.findings);
    const last = events.filter(({ what }) => what === 'passes').at(-1)!;
    expect(last.done).toBe(last.total);
  });

  it('are one call for one photo', async () => {
    const { classify, explain } = callsOn(nodeHost);
    const at = (path: string) => join(folder, path);
    const one = await classify(at(paths.model), at(paths.photo));
    expect(Object.keys(one.outputs)).toEqual(['class']);
    const [same, failed] = await classify(at(paths.model), [at(paths.photo), at(paths.broken)]);
    expectAlike(same, one);
    expect(failed).toHaveProperty('error');
    await expect(classify(at(paths.model), at(paths.broken))).rejects.toMatchObject({ kind: 'item' });
    const explained = await explain(at(paths.model), at(paths.photo), { target: 'dog' });
    expect(explained.reading.target.name).toBe('dog');
    expect(explained.relevance.shape).toEqual([1, 3, 17, 17]);
  });

  it('stop when they are told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const { classify } = callsOn(nodeHost);
    const asked = classify(join(folder, paths.model), join(folder, paths.photo), { signal });
    await expect(asked).rejects.toThrow('enough');
  });

  it.each([
    'classify photos',
    'explain photos',
    'evaluate and compare',
    'page',
    'a grid of photos',
    'a grid of means',
    'a mean',
    'show pictures',
    'look for mistakes',
  ])('stop in the middle of %s', async (name) => {
    const abort = new AbortController();
    const watch = { on: () => abort.abort(new Error('enough')), signal: abort.signal };
    await expect(inFolder(() => requests[name](nodeHost, watch))).rejects.toThrow('enough');
  });
});

describe.skipIf(!hasChromium)('verbs in Chromium', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    server = await serve();
    browser = await launch();
    page = await browser.newPage();
    page.on('pageerror', (error) => console.warn(`page: ${error.message}`));
    await page.goto(`${server.address}/verbs.html`);
    await page.waitForFunction('globalThis.run');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  // Hosts have words of their own for files that are missing or damaged.
  const names = Object.keys(requests).filter(
    (name) => name !== 'no such file' && name !== 'page of a broken photo',
  );
  it.each(names.flatMap((name) => (['page', 'opfs'] as const).map((kind) => [name, kind] as const)))(
    'answer %s as in Node, on files of a %s',
    async (name, kind) => {
      const there: { outcome: Outcome; relevance?: number[] } = await page.evaluate(
        `answer(${JSON.stringify(name)}, '${kind}')`,
      );
      const here = await inNode(name);
      expectAlike(there.outcome, here.outcome);
      // What an earlier request left in the browser's own file system is not this one's.
      if (here.relevance) expectAlike(there.relevance, here.relevance, 'relevance');
    },
  );

  it('are one call for chosen files and addresses', async () => {
    const said: { outputs: ClassifiedPhoto['outputs']; score: number; missing: string } =
      await page.evaluate('oneCall()');
    const { classify, explain } = callsOn(nodeHost);
    expectAlike(said.outputs, (await classify(join(folder, paths.model), face)).outputs);
    const { reading } = await explain(join(folder, paths.model), face, { target: 'dog' });
    expectAlike(said.score, reading.score);
    expect(said.missing).toMatch(/none\.png: the server answers 404/);
  });
});
