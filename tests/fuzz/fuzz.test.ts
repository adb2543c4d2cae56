import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { campaign, type Finding } from './campaign.ts';
import { FIXTURES } from './format.ts';
import { formats } from './formats.ts';
import { complaint } from './judge.ts';

/** Mutants of each format; fewer where a network is made or run of each. */
const slow: Readonly<Record<string, number>> = {
  'onnx-session': 40,
  'onnx-relevance': 25,
  onnx: 60,
  prototxt: 60,
  tfjs: 40,
};
const usual = 120;

describe('damaged files', () => {
  it.each(formats.map((format) => [format.name, format] as const))(
    '%s: are read or refused in words',
    async (name, format) => {
      const found: Finding[] = [];
      const { tried } = await campaign(format, {
        seed: Number(process.env.LIMN_SEED ?? 20170917),
        more: (count) => count < (slow[name] ?? usual),
        found: (finding) => found.push(finding),
      });
      expect(tried).toBe(slow[name] ?? usual);
      expect(found.map(({ what }) => what)).toEqual([]);
    },
  );

  it.each(formats.map((format) => [format.name, format] as const))(
    '%s: every whole file is read to its end',
    async (_, format) => {
      const ends = await Promise.all(
        format.seeds.map(async (bytes) => {
          try {
            await format.read(bytes.slice());
            return 'read';
          } catch (error) {
            return (error as Error).message;
          }
        }),
      );
      // One that is refused at once would be damaged to no purpose.
      expect(ends.filter((end) => end !== 'read')).toEqual([]);
    },
  );
});

describe('files that once showed a bug', () => {
  const folder = join(FIXTURES, 'fuzz/found');
  const all = formats.flatMap((format) =>
    existsSync(join(folder, format.name))
      ? readdirSync(join(folder, format.name)).map((file) => [`${format.name}/${file}`, format] as const)
      : [],
  );
  it.each(all)('%s', async (path, format) => {
    expect(await complaint(format, new Uint8Array(readFileSync(join(folder, path))))).toBeUndefined();
  });
});
