import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { plantedMark } from '../../bench/planted/experiment.ts';

it.each(['tag', 'border'] as const)(
  'a planted %s is found among heatmaps, answers hang on it, and a network trained without it does not mind it',
  async (mark) => {
    const folder = mkdtempSync(join(tmpdir(), 'limn-planted-'));
    try {
      const options = {
        folder,
        mark,
        seed: 1,
        pictures: 240,
        iterations: 120,
        share: 0.5,
        region: 'pictures',
      } as const;
      const { agreement, changed, right } = await plantedMark(options);
      expect(agreement).toBeGreaterThanOrEqual(0.9);
      // What is hidden elsewhere changes few answers, what is hidden in the corner many.
      expect(changed.hidden - changed.elsewhere).toBeGreaterThan(0.2);
      expect(changed.p).toBeLessThan(0.01);
      expect(right.honest - right.cheating).toBeGreaterThan(0.15);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  600_000,
);
