import { describe, expect, it } from 'vitest';
import { type GridRecord, readGridRecord } from '../../src/verbs/grid/record.ts';

const models = [{ name: 'A', file: 'a.onnx', sha256: 'f'.repeat(64), network: 'net', head: 'class' }];
const common = { title: 'title', subtitle: 'subtitle', target: 'predicted', models } as const;

const photos: GridRecord = {
  format: 'limn grid 1',
  kind: 'photos',
  ...common,
  explanation: { method: 'lrp', head: 'class', parameters: { composite: 'iccv2017' }, rules: 'all of them' },
  scale: 'row',
  colors: 'bwr',
  photos: [
    {
      photo: 'a.png',
      truth: 'ant',
      cells: [{ model: 'A', target: 'ant', limit: 0.5, scores: [{ label: 'ant', text: '99 %' }] }],
    },
  ],
};

const means: GridRecord = {
  format: 'limn grid 1',
  kind: 'means',
  ...common,
  data: { source: 'faces', pictures: 2, withoutTruth: 0, withoutGroup: 1, notes: ['read so'] },
  by: ['label'],
  groups: [{ group: 'all pictures', counts: { A: 2 } }],
  files: [{ model: 'A', group: 'all pictures', n: 2, mean: '1_mean.npy', deviation: '1_sd.npy' }],
};

describe("a grid's record", () => {
  it.each([photos, means])('is read as it was written: $kind', (record) => {
    expect(readGridRecord(JSON.stringify(record), 'grid.json')).toEqual(record);
  });

  it.each([photos, means])('of the first limn, without a format, is read: $kind', (record) => {
    const { format, ...old } = record;
    expect(readGridRecord(JSON.stringify(old), 'grid.json')).toEqual({ ...old, format });
  });

  it.each([
    ['', 'grid.json: not what limn grid writes; make the grid again, or move it away'],
    ['[]', 'grid.json: not what limn grid writes'],
    ['{"kind":"photos"}', 'grid.json, title: not what limn grid writes'],
    [JSON.stringify({ ...photos, kind: 'other' }), 'grid.json, kind: not what limn grid writes'],
    [
      JSON.stringify({ ...means, groups: [{ group: 'a', counts: { A: 'two' } }] }),
      'grid.json, groups.0.counts.A: not what limn grid writes',
    ],
    [
      JSON.stringify({ ...photos, format: 'limn grid 2' }),
      "grid.json: a 'limn grid 2', this limn reads 'limn grid 1'; update limn",
    ],
  ])('is refused with its place: %s', (text, message) => {
    expect(() => readGridRecord(text, 'grid.json')).toThrow(message);
  });
});
