import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/attribution/index.ts';
import { masker } from '../../src/attribution/methods/rise.ts';
import { fillUniform } from '../../src/common/random.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { rise, riseMask } from '../reference/attribution/rise.ts';
import { constant, error, imageOf, images, scoresOf, smallModel, softmax } from './net.ts';

/** The cells and the place of a mask, drawn as limn draws them. */
function drawn(seed: number, sample: number, cells: number, keep: number, sides: readonly [number, number]) {
  const random = new Float32Array(cells * cells + 2);
  fillUniform(random, seed, sample, 0, 1);
  const place = (i: number) => Math.min(sides[i] - 1, Math.floor(random[cells * cells + i] * sides[i]));
  return {
    grid: Array.from(random.subarray(0, cells * cells), (r) => (r < keep ? 1 : 0)),
    top: place(0),
    left: place(1),
  };
}

describe('rise', () => {
  it('has masks as the paper makes them, of any size', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          sample: fc.nat(1000),
          cells: fc.integer({ min: 1, max: 8 }),
          keep: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
          height: fc.integer({ min: 1, max: 20 }),
          width: fc.integer({ min: 1, max: 20 }),
        }),
        ({ seed, sample, cells, keep, height, width }) => {
          const mask = new Float32Array(height * width);
          masker([height, width], { cells, keep, seed })(sample, mask);
          const sides = [Math.ceil(height / cells), Math.ceil(width / cells)] as const;
          const expected = riseMask(drawn(seed, sample, cells, keep, sides), cells, height, width);
          mask.forEach((value, i) => {
            expect(Math.abs(value - expected[i])).toBeLessThan(1e-6);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    { of: 'probability', fill: 'zero' },
    { of: 'score', fill: -0.5 },
  ] as const)('weighs them by the $of', async ({ of, fill }) => {
    const input = images(2, 5);
    const how = { method: 'rise', samples: 11, cells: 3, keep: 0.4, seed: 6, of, fill } as const;
    const session = { threads: 1 };
    const { relevance, description } = await explain(smallModel(), nodeRuntime, input, {
      ...how,
      session,
      target: 2,
      batch: 4,
    });
    expect(description.parameters).toEqual({ samples: 11, cells: 3, keep: 0.4, seed: 6, fill, of });
    const masks = Array.from({ length: 11 }, (_, sample) =>
      riseMask(drawn(6, sample, 3, 0.4, [3, 3]), 3, 8, 8),
    );
    const f = (x: ArrayLike<number>) => (of === 'score' ? scoresOf(x) : softmax(scoresOf(x)))[2];
    for (const image of [0, 1]) {
      const x = imageOf(input, image);
      const plane = rise(masks, 0.4, x, constant(fill === 'zero' ? 0 : fill).data, f);
      const expected = Float64Array.from({ length: 192 }, (_, i) => plane[i % 64] / 3);
      expect(error(imageOf(relevance, image), expected)).toBeLessThan(1e-4);
    }
  });
});
