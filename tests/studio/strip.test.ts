import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stripPhotos } from '../../src/studio/explain/strip.ts';
import type { StudioFile } from '../../src/studio/state/files.ts';

const file = (path: string, from: StudioFile['from']): StudioFile => ({
  ...{ path, from, kind: 'photo', bytes: 1, source: { address: path } },
});

describe('the strip of photos', () => {
  it('has what is looked at and the last that was given, however many a folder holds', () => {
    const froms = fc.array(fc.constantFrom<StudioFile['from']>('folder', 'kept', 'site'), { maxLength: 60 });
    fc.assert(
      fc.property(froms, fc.nat(), fc.integer({ min: 3, max: 20 }), (all, at, most) => {
        const photos = all.map((from, i) => file(`${i}`, from));
        const looked = photos.length > 0 ? [photos[at % photos.length].path] : [];
        const shown = stripPhotos(photos, looked, most);
        expect(shown.length).toBe(Math.min(most, photos.length));
        expect(new Set(shown).size).toBe(shown.length);
        if (photos.length <= most) expect(shown).toEqual(photos);
        for (const path of looked) expect(shown.some((each) => each.path === path)).toBe(true);
        const last = photos.findLast(({ from }) => from === 'kept');
        if (last) expect(shown).toContain(last);
      }),
    );
  });
});
