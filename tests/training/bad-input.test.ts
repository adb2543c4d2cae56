import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePrototxt, parseSolver, upgradeNet } from '../../src/caffe/index.ts';
import { openBatches } from '../../src/training/batches/open.node.ts';
import { pathResolver } from '../../src/training/paths.node.ts';
import { solverSettings } from '../../src/training/solver/index.ts';
import { temporaryFolder } from '../data/temporary.ts';

/* What people get wrong, and what they are told: each in one line that says where, what, and what to do. */

const folder = temporaryFolder();

const solver = `net: "train_val.prototxt"
base_lr: 0.01
lr_policy: "step"
gamma: 0.1
stepsize: 100
max_iter: 450
momentum: 0.9
`;

describe('a solver', () => {
  const read = (text: string) => solverSettings(parseSolver(text, 's.prototxt'), 's.prototxt');

  it('is taken as it is', () => expect(read(solver).maxIter).toBe(450));

  it.each([
    [
      'a field that there is none of',
      'base_lr: 0.01',
      'base_rate: 0.01',
      /^s\.prototxt:2:1: unknown field base_rate in /,
    ],
    [
      'a misspelt field',
      'stepsize',
      'step_size',
      /^s\.prototxt:5:1: unknown field step_size .*; did you mean stepsize\?/,
    ],
    ['a field given twice', 'gamma', 'gamma: 1 gamma', /^s\.prototxt:4:10: gamma is given twice/],
    ['a word for a number', 'max_iter: 450', 'max_iter: many', /^s\.prototxt:6:11: .*many/],
    ['text without an end', '"step"', '"step', /^s\.prototxt:3:\d+: /],
    ['no learning rate', 'base_lr: 0.01', '', /^s\.prototxt: base_lr is missing; add base_lr/],
    ['no end', 'max_iter: 450', '', /^s\.prototxt: max_iter is missing; add max_iter/],
    ['no network', 'net: "train_val.prototxt"', '', /^s\.prototxt: no network to train; add net/],
    [
      'an unknown policy',
      '"step"',
      '"steps"',
      /^s\.prototxt: unknown lr_policy 'steps'; did you mean step\?/,
    ],
    [
      'a policy without its number',
      'gamma: 0.1',
      '',
      /^s\.prototxt: gamma is missing; lr_policy 'step' needs it/,
    ],
    ['an unknown type', 'gamma', 'type: "SDG" gamma', /^s\.prototxt: unknown type 'SDG'; known: SGD, /],
    ['a rate that is no number', '0.01', 'nan', /^s\.prototxt: base_lr is NaN; give a finite number/],
    [
      'a number below what makes sense',
      'gamma',
      'iter_size: 0 gamma',
      /^s\.prototxt: iter_size 0 is less than 1/,
    ],
    ['test batches for no test', 'gamma', 'test_iter: 5 gamma', /^s\.prototxt: test_interval is missing; /],
  ])('with %s', (_, of, by, message) => {
    expect(solver).toContain(of);
    expect(() => read(solver.replace(of, by))).toThrow(message);
  });
});

describe('data', () => {
  const layer = (source: string) => `name: "net" layer { name: "data" type: "Data" top: "data" top: "label"
  data_param { source: "${source}" backend: LMDB batch_size: 2 } }`;
  const open = (source: string, dataRoot?: string) =>
    openBatches(upgradeNet(parsePrototxt(layer(source), 'net.prototxt'), 'net.prototxt').layer, {
      phase: 'train',
      seed: 1,
      file: 'net.prototxt',
      threads: 0,
      ahead: 0,
      resolve: pathResolver({ base: folder, ...(dataRoot !== undefined && { dataRoot }) }),
    });

  it('of a database that is nowhere says where it was looked for, and how to say where it is', async () => {
    await expect(open('/home/someone/lmdb/fold_0')).rejects.toThrow(
      /^net\.prototxt:\d+:\d+: layer 'data': source: '\/home\/someone\/lmdb\/fold_0' is not there \(tried .*\); give --data-root DIR, or --map OLD=NEW$/,
    );
    await expect(open('/home/someone/lmdb/fold_0', folder)).rejects.toThrow(
      /every end of it under .*; give --map OLD=NEW$/,
    );
  });

  it('of a folder that is no database is named', async () => {
    mkdirSync(join(folder, 'fold_1'));
    await expect(open('lmdb/fold_1', folder)).rejects.toThrow(
      /fold_1: no LMDB database: it has no data\.mdb; make one with limn data lmdb$/,
    );
  });
});
