import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opening, scoped } from '../../src/common/scope.ts';

/** Things that note when they are closed; some fail at that, some are released. */
function things(fails: readonly boolean[], closed: number[]) {
  return fails.map((bad, i) => {
    const close = async () => {
      closed.push(i);
      if (bad) throw new Error(`closing ${i}`);
    };
    return i % 2 === 0 ? { close } : { release: close };
  });
}

describe('a scope', () => {
  it('closes all, the last first, however the work ends and whatever closing says', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 6 }), fc.nat(6), async (fails, at) => {
        const closed: number[] = [];
        const opened = Math.min(at, fails.length);
        const isBroken = at < fails.length;
        const work = scoped(async (own) => {
          for (const [i, each] of things(fails, closed).entries()) {
            if (i === at) throw new Error('work');
            own(each);
          }
          expect(closed).toEqual([]);
          return 'result';
        });
        const bad = fails.lastIndexOf(true);
        const error = isBroken ? 'work' : bad >= 0 ? `closing ${bad}` : undefined;
        if (error === undefined) await expect(work).resolves.toBe('result');
        else await expect(work).rejects.toThrow(error);
        expect(closed).toEqual(Array.from({ length: opened }, (_, i) => opened - 1 - i));
      }),
    ));

  it('keeps what was opened open until it is closed, once', async () => {
    const closed: number[] = [];
    const { opened, close } = await opening(async (own) => things([false, false], closed).map(own));
    expect(opened).toHaveLength(2);
    expect(closed).toEqual([]);
    await close();
    await close();
    expect(closed).toEqual([1, 0]);
  });
});
