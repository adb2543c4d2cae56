import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import Papa from 'papaparse';
import { beforeAll, expect, it } from 'vitest';
import { cellText } from '../../src/common/csv.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import {
  clusters,
  concepts,
  evaluate,
  faithfulness,
  faithfulnessShard,
  type Host,
  merge,
} from '../../src/verbs/index.ts';
import { tableColumns } from '../../src/verbs/parquet.ts';
import { fixtures, tinyModel } from '../cli/limn.ts';

let dir = '';
const at = (name: string) => join(dir, name);

beforeAll(async () => {
  dir = await fixtures();
  writeFileSync(at('tiny.onnx'), writeOnnx(tinyModel()).bytes);
  mkdirSync(at('faces'));
  const rows = ['=1+1', '2', '3', '4'].map((name, i) => {
    copyFileSync(at('photo.png'), at(`faces/${name}.png`));
    return `${name}.png,${i},${i % 2 ? '' : '@home'}`;
  });
  writeFileSync(at('faces/faces.csv'), `path,label,place\n${rows.join('\n')}\n`);
});

/** A CSV table and the Parquet file beside it hold the same; numbers are numbers, and what is not known is null. */
async function holdsTheSame(csv: string, table: keyof typeof tableColumns, wholes: readonly string[] = []) {
  const [header, ...records] = Papa.parse<string[]>(readFileSync(csv, 'utf8').trim()).data;
  const bytes = new Uint8Array(readFileSync(csv.replace(/csv$/, 'parquet')));
  const rows = await parquetReadObjects({ file: bytes.buffer });
  expect(rows).toHaveLength(records.length);
  const { named } = tableColumns[table];
  expect(header).toEqual(expect.arrayContaining(Object.keys(named)));
  rows.forEach((row, i) => {
    expect(Object.keys(row)).toEqual(header);
    header.forEach((name, j) => {
      const cell = records[i][j];
      const value: unknown = row[name];
      const wanted = typeof value === 'string' ? cellText(cell) : Number(cell);
      expect(value ?? null).toBe(cell === '' ? null : wanted);
      if (wholes.includes(name) && cell !== '') expect(Number.isInteger(value)).toBe(true);
    });
  });
  return rows;
}

const run = { threads: 1 } as const;

it('answers of an evaluation are columns, also of one that is finished, and of merged shards', async () => {
  const asked = { ...run, models: [at('tiny.onnx')], data: at('faces/faces.csv') };
  const output = at('evaluated');
  await evaluate({ ...asked, output }, nodeHost);
  await evaluate({ ...asked, output, parquet: true }, nodeHost);
  const rows = await holdsTheSame(join(output, 'answers.csv'), 'answers', ['truth']);
  expect(rows[0]).toMatchObject({ image: '=1+1.png', truth: 0, group_place: '@home', person: null });
  expect(rows[1].group_place).toBe(null);
  const shards = [1, 2].map((index) => at(`evaluated-${index}`));
  for (const [i, folder] of shards.entries())
    await evaluate({ ...asked, output: folder, shard: { index: i + 1, of: 2 } }, nodeHost);
  await merge({ shards, output: at('merged'), parquet: true }, nodeHost);
  expect(readFileSync(at('merged/answers.parquet'))).toEqual(readFileSync(join(output, 'answers.parquet')));
});

it('values of faithfulness are columns, in one piece and in shards', async () => {
  const asked = {
    ...{ ...run, model: at('tiny.onnx'), data: [at('faces')], parquet: true, charts: false },
    ...({ methods: ['lrp'], metrics: ['complexity'], resamples: 100 } as const),
  };
  const { files } = await faithfulness({ ...asked, output: at('faithful') }, nodeHost);
  expect(files).toContain(at('faithful/values.parquet'));
  await holdsTheSame(at('faithful/values.csv'), 'values');
  await faithfulnessShard({ ...asked, output: at('faithful-1'), shard: { index: 1, of: 1 } }, nodeHost);
  await merge({ shards: [at('faithful-1')], output: at('faithful-merged') }, nodeHost);
  expect(readFileSync(at('faithful-merged/values.parquet'))).toEqual(
    readFileSync(at('faithful/values.parquet')),
  );
});

it('photos of clusters and channels of concepts are columns, also of what is finished', async () => {
  const asked = { ...run, model: at('tiny.onnx'), data: [at('faces/faces.csv')], images: at('faces') };
  for (const parquet of [false, true]) {
    await clusters({ ...asked, output: at('clusters'), resamples: 100, parquet }, nodeHost);
    await concepts({ ...asked, output: at('concepts'), channels: 1, sheets: false, parquet }, nodeHost);
  }
  await holdsTheSame(at('clusters/photos.csv'), 'photos', ['cluster']);
  await holdsTheSame(at('concepts/channels.csv'), 'channels', ['channel', 'photos']);
});

it('is not written where nobody asks for it, and nothing is in its way unnoticed', async () => {
  const asked = { ...run, model: at('tiny.onnx'), data: [at('faces')], charts: false, resamples: 100 };
  const of = { ...asked, methods: ['lrp'], metrics: ['complexity'] as const, output: at('without') };
  await faithfulness(of, nodeHost);
  expect(() => readFileSync(at('without/values.parquet'))).toThrow();
  rmSync(at('without'), { recursive: true });
  const claimed: string[] = [];
  const claim: Host['files']['claim'] = async (paths) => {
    claimed.push(...paths);
  };
  await faithfulness({ ...of, parquet: true }, { ...nodeHost, files: { ...nodeHost.files, claim } });
  expect(claimed).toContain(at('without/values.parquet'));
});
