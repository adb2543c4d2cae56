import { existsSync } from 'node:fs';
import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Bench } from '../bench.ts';
import { call } from '../command.ts';
import { makePhotos } from '../photos.ts';
import { below, type Section } from '../section.ts';

/** So many different photos there are; the others are links to them. */
const DIFFERENT = 50;

/** So small that what grows with the number of photos shows beside decoding them. */
const side = 160;

/** How many photos; `LIMN_MANY=100,1000` says others. */
const counts = (process.env.LIMN_MANY ?? '100,1000,10000').split(',').map(Number);

interface Subject {
  readonly name: string;
  readonly words: (model: string, data: string, threads: number) => readonly string[];
}

const subjects: readonly Subject[] = [
  {
    name: 'evaluate',
    words: (model, data) => ['evaluate', model, join(data, 'list.txt'), '--head', 'gender', '--restart'],
  },
  {
    name: 'explain, maps only',
    words: (model, data) => ['explain', model, data, '--head', 'gender', '--no-figure', '--raw', 'none'],
  },
  {
    name: 'faithfulness, complexity',
    words: (model, data) => [
      ...['faithfulness', model, data, '--head', 'gender', '--methods', 'lrp', '--metrics', 'complexity'],
      ...['--resamples', '100', '--no-charts', '--restart'],
    ],
  },
];

/**
 * Whether time and memory stay flat from few photos to many: face-api's network, small photos, of each command the processor
 * time a photo, from the second size on of the photos that are more than in the size before, and the peak of memory.
 */
export async function many(bench: Bench): Promise<Section> {
  await call(['import', 'face-api', '-o', bench.folder]);
  const model = join(bench.folder, 'face-api-age-gender.onnx');
  const rows: string[][] = [];
  const notes: string[] = [];
  const raw: Record<string, readonly number[]> = {};
  const targets: Section['targets'][number][] = [];
  for (const { name, words } of subjects) {
    const found: { count: number; cpu: number; ms: number; memory: number; each: number }[] = [];
    for (const count of counts) {
      bench.say(`${name}, ${count} photos`);
      const data = await makeLinks(bench, count);
      const out = join(bench.folder, `many-${name.split(',')[0]}-${count}`);
      const asked = words(model, data, bench.threads);
      const called = await call([...asked, '--threads', `${bench.threads}`, '-o', out]);
      const before = found.at(-1);
      // Starting takes the same of few and of many.
      const [cpu, photos] = before ? [called.cpu - before.cpu, count - before.count] : [called.cpu, count];
      found.push({ count, ...called, each: cpu / photos });
      rows.push([
        ...[name, `${count}`, (cpu / photos).toFixed(2), ((1000 * count) / called.ms).toFixed(1)],
        (called.memory / 1e6).toFixed(0),
      ]);
    }
    raw[name] = found.map(({ each }) => each);
    const last = found.at(-1)!;
    const first = found.at(found.length > 2 ? 1 : 0)!;
    targets.push(
      below(
        `${name}, ${last.count} photos: 1.15 × the time a photo of ${first.count}`,
        1.15 * first.each,
        last.each,
        'ms',
        2,
      ),
      below(
        `its peak memory: that of ${first.count} + 100 MB`,
        (first.memory + 1e8) / 1e6,
        last.memory / 1e6,
        'MB',
      ),
    );
  }
  notes.push(
    `Photos are ${side}×${side} pixels, ${DIFFERENT} of them and links to these. The first line of a command counts its start, the others do not.`,
  );
  const columns = ['command', 'photos', 'CPU ms a photo', 'photos a second', 'peak MB'];
  return { tables: [{ columns, rows }], targets, notes, raw };
}

/** A folder with so many photos, and a list of them with labels. */
async function makeLinks({ folder }: Bench, count: number): Promise<string> {
  const data = join(folder, `many-${count}`);
  if (existsSync(data)) return data;
  await mkdir(data);
  const small = join(folder, 'small');
  await mkdir(small, { recursive: true });
  const large = await makePhotos(join(folder, 'photos'), DIFFERENT);
  const lines: string[] = [];
  for (const [i, path] of large.entries()) {
    const file = join(small, `${i}.jpg`);
    if (!existsSync(file)) await sharp(path).resize(side, side).jpeg({ quality: 90 }).toFile(file);
  }
  for (let i = 0; i < count; i++) {
    const name = `${`${i}`.padStart(6, '0')}.jpg`;
    await link(join(small, `${i % DIFFERENT}.jpg`), join(data, name));
    lines.push(`${name} ${i % 2}\n`);
  }
  await writeFile(join(data, 'list.txt'), lines.join(''));
  return data;
}
