import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parsePrototxt } from '../../src/caffe/index.ts';
import type { DataSummary } from '../../src/training/batch.ts';
import { readNetFile, readSolver } from '../../src/training/definition.node.ts';
import {
  checkKnownLabels,
  softmaxOutputs,
  unusedClasses,
  watchCeiling,
} from '../../src/training/diagnosis/index.ts';
import { type Note, noteText } from '../../src/training/notes.ts';
import { smallNet } from './net.ts';

const most = -Math.log(2 ** -126);

describe('a loss near its ceiling', () => {
  /** The iterations at which it is told, of runs that are interrupted after some iterations. */
  const told = (losses: readonly number[], stops: readonly number[] = []): number[] => {
    let count = 0;
    return losses.flatMap((loss, i) => {
      // What a snapshot keeps is JSON.
      if (stops.includes(i)) count = JSON.parse(JSON.stringify(count)) as number;
      const watched = watchCeiling(count, new Map([['loss', [loss]]]), ['loss']);
      count = watched.count;
      return watched.note ? [i] : [];
    });
  };

  it('is told once, after ten iterations more than others, however the run is interrupted', () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(most), fc.double({ min: 0, max: most, noNaN: true })), {
          maxLength: 80,
        }),
        fc.array(fc.nat(80)),
        (losses, stops) => {
          let balance = 0;
          const at = losses.findIndex((loss) => {
            balance = Math.max(0, balance + (loss >= most / 4 ? 1 : -1));
            return balance === 10;
          });
          expect(told(losses)).toEqual(at < 0 ? [] : [at]);
          expect(told(losses, stops)).toEqual(told(losses));
        },
      ),
    ));

  it('says what to do', () => {
    const { note } = watchCeiling(
      9,
      new Map([
        ['loss1', [1]],
        ['loss2', [87.33]],
      ]),
      ['loss1', 'loss2'],
    );
    expect(note).toEqual({ kind: 'loss-ceiling', output: 'loss2', value: 87.33, most });
    expect(noteText(note!)).toBe(
      "'loss2' stays near 87.34, the most that a label can cost (it is 87.33): true classes get a probability of 0; " +
        'lower base_lr, give transform_param a mean and a scale, or start from trained weights',
    );
  });

  it('is looked for in means of softmax losses alone', () => {
    const layer = (type: string, top: string, more = '') =>
      `layer { name: "${top}" type: "${type}" bottom: "a" bottom: "label" top: "${top}" ${more} }`;
    const net = [
      layer('SoftmaxWithLoss', 'mean', 'top: "probabilities"'),
      layer('SoftmaxWithLoss', 'sum', 'loss_param { normalization: NONE }'),
      layer('EuclideanLoss', 'distance'),
      layer('Accuracy', 'accuracy'),
    ];
    expect(softmaxOutputs(parsePrototxt(net.join(''), 'net.prototxt'))).toEqual(['mean']);
    expect(watchCeiling(9, new Map([['distance', [1e6]]]), [])).toEqual({ count: 8 });
  });
});

describe('labels that were looked at', () => {
  const net = smallNet();
  const { classes, label, layer } = net.ranges[0];
  const data = net.data.find((top) => top.label === label)!.layer.name;
  const summary = (labels: readonly number[]): ReadonlyMap<string, DataSummary> =>
    new Map([
      [
        data,
        {
          source: 'list.txt',
          pictures: labels.length,
          labels: labels.map((each, i) => ({ label: each, where: `list.txt, ${i}.png` })),
        },
      ],
    ]);

  it('are refused, the first that no class stands for, by its picture', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1, max: classes + 1 }), { minLength: 1, maxLength: 12 }),
        (labels) => {
          const bad = labels.findIndex((each) => each < 0 || each >= classes);
          if (bad < 0) {
            checkKnownLabels(net, summary(labels));
            return;
          }
          const fromOne = Math.min(...labels) === 1 && Math.max(...labels) === classes;
          expect(() => checkKnownLabels(net, summary(labels))).toThrow(
            `list.txt, ${bad}.png: the label ${labels[bad]} is none of the ${classes} classes of layer '${layer}'; ` +
              (fromOne
                ? 'labels count from 0, and these from 1: subtract 1 from each'
                : `labels go from 0 to ${classes - 1}: correct them, or raise num_output`),
          );
        },
      ),
    ));

  it('that name less than half of the classes are told, once for each label', () => {
    const wide = {
      ...net,
      ranges: ['loss1', 'loss2'].map((name) => ({ ...net.ranges[0], classes: 1000, layer: name })),
    };
    const notes = unusedClasses(wide, summary([0, 7, 3]));
    expect(notes).toEqual<Note[]>([
      { kind: 'classes-unused', source: 'list.txt', layer: 'loss1', classes: 1000, largest: 7, looked: 3 },
    ]);
    expect(noteText(notes[0])).toBe(
      "layer 'loss1' has 1000 classes, but of 3 labels in list.txt the largest is 7; num_output: 8 suffices for them",
    );
    expect(unusedClasses(wide, summary([0, 500]))).toEqual([]);
    expect(unusedClasses(wide, new Map())).toEqual([]);
  });
});

describe('how much of its pictures a test shows', () => {
  const coverage = { source: 'val.txt', batches: 50, batchSize: 100, pictures: 400 } as const;

  it.each<[Note, string]>([
    [
      { kind: 'test-repeats', net: 1, ...coverage },
      'test net #1 shows 5000 pictures (test_iter 50 × batch_size 100) of the 400 in val.txt, each 12.5 times; test_iter: 4 shows each once',
    ],
    [
      { kind: 'test-repeats', ...coverage },
      'the test shows 5000 pictures (iterations 50 × batch_size 100) of the 400 in val.txt, each 12.5 times; iterations: 4 shows each once',
    ],
    [
      { kind: 'test-partial', net: 0, ...coverage, batches: 1, pictures: 401 },
      'test net #0 shows 100 pictures (test_iter 1 × batch_size 100) of the 401 in val.txt, another part of them in each test; test_iter: 5 shows all',
    ],
  ])('is said in words', (note, text) => expect(noteText(note)).toBe(text));
});

describe('fields of forks', () => {
  it('that are left out are noted once, of solvers and of networks', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'limn-test-'));
    afterAll(() => rmSync(dir, { recursive: true, force: true }));
    const written = (name: string, text: string) => {
      writeFileSync(join(dir, name), text);
      return join(dir, name);
    };
    const net = written('net.prototxt', 'engine: "MKLDNN"\ninput: "data" input_dim: [1, 1, 2, 2]');
    const solver = written(
      'solver.prototxt',
      'net: "net.prototxt" base_lr: 0.1 lr_policy: "fixed" max_iter: 1\neval_type: "detection"',
    );
    const left = (where: string, field: string, why: string) =>
      ({ kind: 'field-left-out', where, field, why }) satisfies Note;
    const ofNet = left(`${net}:1:1`, 'engine', 'it only chooses how things are computed');
    expect((await readNetFile(net)).notes).toEqual([ofNet]);
    expect((await readSolver(solver)).settings.notes).toEqual([
      left(`${solver}:2:1`, 'eval_type', 'it concerns finding objects'),
    ]);
    expect(noteText(ofNet)).toBe(`${net}:1:1: engine is left out, it only chooses how things are computed`);
  });
});
