/** Explanations of many photos that were interrupted: nothing is done twice, and nothing comes out otherwise. */
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { type SaveExplanationsRequest, saveExplanations } from '../../src/verbs/index.ts';
import { filesIn, folder, placeless, tinyModel } from '../cli/limn.ts';

const photos = 9;
const broken = 4;
let dir = '';
const at = (name: string) => join(dir, name);

beforeAll(async () => {
  dir = folder();
  writeFileSync(at('net.onnx'), writeOnnx(tinyModel()).bytes);
  const { default: sharp } = await import('sharp');
  for (let i = 0; i < photos; i++) {
    const data = Uint8Array.from({ length: 24 * 24 * 3 }, (_, j) => (j * (i + 3) * 37 + i * 50) % 256);
    await sharp(data, { raw: { width: 24, height: 24, channels: 3 } })
      .png()
      .toFile(at(`${i}.png`));
  }
  writeFileSync(at(`${broken}.png`), 'no photo');
});

/** Explains into a folder of that name, to the end or until so many photos are told of; which these are, and what else was said. */
async function explained(
  name: string,
  more: Partial<SaveExplanationsRequest> = {},
  until = Number.POSITIVE_INFINITY,
) {
  const told: string[] = [];
  const notes: string[] = [];
  const stop = new AbortController();
  const request: SaveExplanationsRequest = {
    model: at('net.onnx'),
    photos: Array.from({ length: photos }, (_, i) => at(`${i}.png`)),
    output: at(name),
    threads: 1,
    figure: false,
    ...more,
  };
  const work = saveExplanations(request, nodeHost, {
    signal: stop.signal,
    on(event) {
      if (event.kind === 'note') notes.push(event.text);
      if (event.kind !== 'photo') return;
      told.push('error' in event.photo ? event.photo.item : event.photo.photo);
      if (told.length === until) stop.abort(new Error('stopped'));
    },
  });
  if (Number.isFinite(until)) await expect(work).rejects.toThrow('stopped');
  else await work;
  return { told: told.map((path) => Number(/(\d)\.png/.exec(path)![1])), notes };
}

/** Every file of a folder without where that is, and without the hash of a shard's text, which has its name. */
const contents = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(placeless(at(name))).map(([file, text]) => [
      file,
      text.replace(/,"whole":"[0-9a-f]{64}"\}\n$/, ''),
    ]),
  );

it.each([1, 3, 6])(
  'what was done of %d photos is not done again, and all comes out as in one piece',
  async (done) => {
    const name = `stopped-${done}`;
    await explained(`whole-${done}`);
    const first = await explained(name, {}, done);
    expect(first.told).toEqual([...Array(done).keys()]);
    expect(filesIn(at(name))).toContain('explain.unfinished');
    expect(filesIn(at(name))).not.toContain('explain.json');
    const rest = await explained(name);
    // A photo that cannot be read may have been mended.
    const good = (i: number) => i !== broken;
    const kept = first.told.filter(good);
    expect(rest.told).toEqual([...Array(photos).keys()].filter((i) => !kept.includes(i)));
    expect(rest.notes).toEqual([
      `${kept.length} of ${photos} photos ${kept.length === 1 ? 'is' : 'are'} explained already; going on`,
    ]);
    expect(contents(name)).toEqual(contents(`whole-${done}`));
  },
);

it('folders as the photos lie in, and a target for each, stay what they are', async () => {
  const more = { mirror: '.', targets: ['0', '1', '2', '3', '4', '0', '1', 'top 2', '0 vs 1'] };
  await explained('mirror-whole', more);
  await explained('mirror-stopped', more, 6);
  const { told } = await explained('mirror-stopped', more);
  expect(told).toEqual([4, 6, 7, 8]);
  expect(contents('mirror-stopped')).toEqual(contents('mirror-whole'));
});

it('a shard goes on as well', async () => {
  const shard = { index: 2, of: 2 };
  await explained('shard-whole', { shard });
  await explained('shard-stopped', { shard }, 2);
  const { told } = await explained('shard-stopped', { shard });
  expect(told).toEqual([4, 6, 7, 8]);
  expect(contents('shard-stopped')).toEqual(contents('shard-whole'));
});

it('a photo whose files are gone is explained again; a journal that was cut off serves up to there', async () => {
  await explained('gone', {}, 4);
  rmSync(join(at('gone'), '1_heatmap.png'));
  appendFileSync(join(at('gone'), 'explain.unfinished'), '[7,{"photo":"');
  const { told } = await explained('gone');
  expect(told).toEqual([1, 4, 5, 6, 7, 8]);
});

it.each<[string, Partial<SaveExplanationsRequest>]>([
  ['target', { target: '1' }],
  ['method', { method: 'gradient' }],
  ['pictures', { colors: 'gray' }],
])('another %s is another work, which begins anew', async (what, more) => {
  await explained(`other-${what}`, {}, 3);
  const { told, notes } = await explained(`other-${what}`, more);
  expect(told).toEqual([...Array(photos).keys()]);
  expect(notes).toEqual([]);
});

it('one scale for all photos, and one photo alone, leave nothing to go on with', async () => {
  await explained('alone', { photos: [at('0.png')] });
  await explained('scale', { sharedScale: true });
  const { photos: all } = JSON.parse(readFileSync(join(at('scale'), 'explain.json'), 'utf8'));
  expect(all.map(({ photo }: { photo: string }) => photo)).toEqual(
    Array.from({ length: photos }, (_, i) => at(`${i}.png`)),
  );
  for (const name of ['alone', 'scale']) expect(existsSync(join(at(name), 'explain.unfinished'))).toBe(false);
});
