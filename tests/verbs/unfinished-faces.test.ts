/** Faces of many photos whose search was interrupted: nothing is done twice, and nothing comes out otherwise. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { dataAdience, type FacesRequest, faces, facesShard } from '../../src/verbs/index.ts';
import { filesIn, folder, placeless } from '../cli/limn.ts';

const photos = 5;
const empty = 1;
const broken = 2;
let dir = '';
const at = (name: string) => join(dir, name);

beforeAll(async () => {
  dir = folder();
  const portrait = fileURLToPath(new URL('../../demo/astronaut.jpg', import.meta.url));
  for (let i = 0; i < photos; i++)
    await sharp(portrait)
      .extract({ left: 100 + 4 * i, top: 10, width: 220, height: 220 })
      .png()
      .toFile(at(`${i}.png`));
  await sharp({ create: { width: 90, height: 90, channels: 3, background: '#70806c' } })
    .png()
    .toFile(at(`${empty}.png`));
  writeFileSync(at(`${broken}.png`), 'no photo');
  const rows = Array.from({ length: photos }, (_, i) => `${i}.png,${10 + i},${i % 2 ? 'male' : 'female'}`);
  writeFileSync(at('people.csv'), ['path,age,gender', ...rows, ''].join('\n'));
});

/** Does some work to the end, or until so many events of a kind have come; which came, and what was noted. */
async function until<E extends { readonly kind: string }>(
  kind: string,
  most: number,
  work: (watch: { signal: AbortSignal; on(event: E): void }) => Promise<unknown>,
) {
  const stop = new AbortController();
  const events: E[] = [];
  const notes: string[] = [];
  const done = work({
    signal: stop.signal,
    on(event) {
      if (event.kind === 'note') notes.push((event as unknown as { text: string }).text);
      if (event.kind === kind) events.push(event);
      if (events.length === most) stop.abort(new Error('stopped'));
    },
  });
  if (Number.isFinite(most)) await expect(done).rejects.toThrow('stopped');
  else await done;
  return { events, notes };
}

const all = Number.POSITIVE_INFINITY;

describe('faces', () => {
  const found = async (name: string, most = all, more: Partial<FacesRequest> = {}) => {
    const request: FacesRequest = {
      photos: Array.from({ length: photos }, (_, i) => at(`${i}.png`)),
      output: at(name),
      ...{ detector: 'tiny', landmarks: 'tiny', turned: false, size: 32, threads: 1 },
      ...more,
    };
    const { events, notes } = await until<{ kind: 'photo'; photo: object }>('photo', most, (watch) =>
      faces(request, nodeHost, watch as never),
    );
    return { told: events.map(({ photo }) => Number(/(\d)\.png/.exec(JSON.stringify(photo))![1])), notes };
  };

  it.each([1, 3, 4])('of %d photos are not looked for again', async (done) => {
    await found(`whole-${done}`);
    const first = await found(`stopped-${done}`, done);
    expect(filesIn(at(`stopped-${done}`))).toContain('faces.unfinished');
    expect(filesIn(at(`stopped-${done}`))).not.toContain('faces.csv');
    const kept = first.told.filter((i) => i !== broken);
    const rest = await found(`stopped-${done}`);
    expect(rest.told).toEqual([...Array(photos).keys()].filter((i) => !kept.includes(i)));
    expect(rest.notes).toEqual([
      `${kept.length} of ${photos} photos ${kept.length === 1 ? 'is' : 'are'} looked through already; going on`,
    ]);
    expect(placeless(at(`stopped-${done}`))).toEqual(placeless(at(`whole-${done}`)));
  });

  it('that are gone, or were cut otherwise, are looked for again', async () => {
    await found('gone', 4);
    rmSync(join(at('gone'), '0_face1.png'));
    expect((await found('gone', 2)).told).toEqual([0, broken]);
    expect((await found('gone', all, { size: 40 })).told).toEqual([...Array(photos).keys()]);
  });

  it('of a shard go on as well', async () => {
    const shard = async (name: string, most: number) =>
      until('photo', most, (watch) =>
        facesShard(
          {
            photos: Array.from({ length: photos }, (_, i) => at(`${i}.png`)),
            shard: { index: 2, of: 2 },
            output: at(name),
            ...{ detector: 'tiny', landmarks: 'tiny', turned: false, size: 32, threads: 1 },
          },
          nodeHost,
          watch as never,
        ),
      );
    const { events } = await shard('shard-whole', all);
    await shard('shard-stopped', events.length - 1);
    expect((await shard('shard-stopped', all)).notes).toHaveLength(1);
    expect(placeless(at('shard-stopped'))).toEqual(placeless(at('shard-whole')));
  });
});

it('photos that are laid out as Adience and aligned are not aligned again', async () => {
  const request = (name: string) => ({
    ...{ manifest: at('people.csv'), output: at(name), align: true, size: 48, folds: 2 },
  });
  const laid = (name: string, most = all) =>
    until('progress', most, (watch) => dataAdience(request(name), nodeHost, watch as never));
  await laid('adience-whole');
  await laid('adience-stopped', 4);
  expect(filesIn(at('adience-stopped'))).toContain('adience.unfinished');
  const { notes } = await laid('adience-stopped');
  expect(notes).toEqual([expect.stringMatching(/^\d of 5 photos (is|are) cut out already; going on$/)]);
  expect(placeless(at('adience-stopped'))).toEqual(placeless(at('adience-whole')));
  expect(existsSync(join(at('adience-whole'), 'adience.unfinished'))).toBe(false);
});
