import fc from 'fast-check';
import { expect, it } from 'vitest';
import { count } from '../../src/common/format.ts';

it('counts as English numbers are written', () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.maxSafeInteger(),
        fc.integer({ min: -1e4, max: 1e7 }),
        // 0 has no sign here.
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
      ),
      (n) => {
        expect(count(n)).toBe(new Intl.NumberFormat('en-US').format(n));
      },
    ),
    { examples: [[0], [999], [1000], [-1000], [-999], [1234567], [Number.MAX_SAFE_INTEGER], [1e21]] },
  ));
