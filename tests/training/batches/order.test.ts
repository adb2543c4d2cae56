import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RecordOrder, recordIndex } from '../../../src/training/batches/order.ts';
import { type ViewRule, viewAt } from '../../../src/training/batches/view.ts';

const orders = fc.record<RecordOrder>({
  size: fc.integer({ min: 1, max: 60 }),
  seed: fc.maxSafeNat(),
  stream: fc.string(),
  shuffle: fc.boolean(),
  randomSkip: fc.constantFrom(0, 1, 7, 100),
});

describe('the order of records', () => {
  it('has every record once in each epoch', () => {
    fc.assert(
      fc.property(orders, fc.integer({ min: 1, max: 5 }), (order, epoch) => {
        const index = recordIndex({ ...order, randomSkip: 0 });
        const seen = Array.from({ length: order.size }, (_, i) => index(epoch * order.size + i));
        expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: order.size }, (_, i) => i));
        if (!order.shuffle) expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      }),
    );
  });

  it('does not depend on what was asked before', () => {
    fc.assert(
      fc.property(orders, fc.array(fc.nat({ max: 300 }), { minLength: 1 }), (order, positions) => {
        const index = recordIndex(order);
        expect(positions.map(index)).toEqual(positions.map((position) => recordIndex(order)(position)));
      }),
    );
  });

  it('differs between epochs, seeds and layers where it is shuffled', () => {
    const order: RecordOrder = { size: 40, seed: 1, stream: 'train data', shuffle: true, randomSkip: 0 };
    const epochs = (of: RecordOrder, epoch: number) =>
      Array.from({ length: 40 }, (_, i) => recordIndex(of)(epoch * 40 + i)).join();
    const all = [
      epochs(order, 0),
      epochs(order, 1),
      epochs({ ...order, seed: 2 }, 0),
      epochs({ ...order, stream: 'test data' }, 0),
    ];
    expect(new Set(all).size).toBe(4);
  });

  it('skips fewer records than rand_skip says, by the seed, in the first epoch only', () => {
    const order: RecordOrder = { size: 10, seed: 0, stream: 'data', shuffle: false, randomSkip: 4 };
    const skips = Array.from({ length: 60 }, (_, seed) => recordIndex({ ...order, seed })(0));
    expect(new Set(skips)).toEqual(new Set([0, 1, 2, 3]));
    const index = recordIndex(order);
    expect(Array.from({ length: 10 }, (_, i) => index(10 - index(0) + i))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });
});

describe('the view of a picture', () => {
  const picture = { height: 12, width: 9 };
  const views = (rule: ViewRule, count = 2000, seed = 3, stream = 'train data') =>
    Array.from({ length: count }, (_, position) => viewAt(rule, picture, seed, stream, position));

  it('is the middle in testing, rounded towards the top left', () => {
    const [view] = views({ crop: 4, mirror: false, phase: 'test' }, 1);
    expect(view).toEqual({ top: 4, left: 2, height: 4, width: 4, mirror: false });
    const [whole] = views({ mirror: false, phase: 'train' }, 1);
    expect(whole).toEqual({ top: 0, left: 0, height: 12, width: 9, mirror: false });
  });

  it('lies everywhere alike in training, and every second one is mirrored', () => {
    const all = views({ crop: 4, mirror: true, phase: 'train' }, 5400);
    const counts = new Map<string, number>();
    for (const { top, left } of all) counts.set(`${top} ${left}`, (counts.get(`${top} ${left}`) ?? 0) + 1);
    // Nine places by six, 100 expected in each; five standard deviations.
    expect(counts.size).toBe(54);
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(50);
    expect(Math.abs(all.filter(({ mirror }) => mirror).length - 2700)).toBeLessThan(184);
    expect(views({ crop: 4, mirror: false, phase: 'train' }).some(({ mirror }) => mirror)).toBe(false);
  });

  it('mirrors in testing too, as Caffe does', () => {
    const mirrored = views({ crop: 4, mirror: true, phase: 'test' }).filter(({ mirror }) => mirror);
    expect(Math.abs(mirrored.length - 1000)).toBeLessThan(112);
  });

  it('follows from seed, layer and position', () => {
    const rule: ViewRule = { crop: 2, mirror: true, phase: 'train' };
    const text = (seed: number, stream: string) => JSON.stringify(views(rule, 20, seed, stream));
    expect(text(1, 'a')).toBe(text(1, 'a'));
    expect(new Set([text(1, 'a'), text(2, 'a'), text(1 + 2 ** 32, 'a'), text(1, 'b')]).size).toBe(4);
  });
});
