import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import { bytesAccess, openLmdb } from '../../src/data/index.ts';
import type { LmdbRecord } from '../../src/data/lmdb/writer.ts';
import { databaseFile } from './databasefile.ts';
import { readAll } from './databases.ts';

const entries: LmdbRecord[] = Array.from({ length: 400 }, (_, i) => ({
  key: new TextEncoder().encode(`${String(i).padStart(8, '0')}_a.jpg`),
  value: new Uint8Array(i % 4 ? 30 : 5000).fill(i),
}));
const whole = databaseFile(entries);

/** Reads all of a damaged file: its error, or undefined. What is no error of limn's is thrown on. */
async function complaint(file: Uint8Array): Promise<string | undefined> {
  try {
    await readAll(file, 'x/data.mdb');
    const database = await openLmdb(bytesAccess(file), 'x/data.mdb');
    for (const { key } of entries.slice(0, 20)) await database.get(key);
    return undefined;
  } catch (error) {
    if (error instanceof LimnError) return error.message;
    throw error;
  }
}

const changed = (change: (view: DataView) => void): Uint8Array => {
  const copy = whole.slice();
  change(new DataView(copy.buffer));
  return copy;
};

describe('a damaged database', () => {
  it('is told apart: truncated, another data version, another machine, no database', async () => {
    expect(await complaint(whole)).toBeUndefined();
    expect(await complaint(whole.slice(0, -4096))).toBe(
      `x/data.mdb: truncated: it should have ${whole.length} bytes and has ${whole.length - 4096}; copy it again, or make it again`,
    );
    expect(await complaint(whole.slice(0, 5000))).toMatch(/truncated/);
    const version2 = changed((view) => {
      view.setUint32(20, 2, true);
      view.setUint32(4096 + 20, 2, true);
    });
    expect(await complaint(version2)).toMatch(/LMDB data version 2; Caffe and limn read version 1/);
    expect(await complaint(changed((view) => view.setUint32(16, 0xbeefc0de, false)))).toMatch(
      /32-bit or big-endian/,
    );
    expect(await complaint(new Uint8Array(20_000))).toMatch(/not an LMDB database/);
    expect(await complaint(new Uint8Array(20))).toMatch(/too short/);
  });

  it('that leads in a circle ends', async () => {
    const root = Number(new DataView(whole.buffer).getBigUint64(4096 + 128, true));
    const circle = changed((view) => {
      const first = view.getUint16(root * 4096 + 16, true);
      const second = view.getUint16(root * 4096 + 18, true);
      view.setUint32(root * 4096 + second, view.getUint32(root * 4096 + first, true), true);
    });
    expect(await complaint(circle)).toMatch(/its keys are not in order/);
  });

  it('with any bytes changed or cut gives an error of limn or entries, never another', async () => {
    // Mostly where the structure is: the meta pages, and the beginnings and ends of pages.
    const place = fc.oneof(
      fc.integer({ min: 0, max: 160 }),
      fc.integer({ min: 4096, max: 4096 + 160 }),
      fc
        .tuple(fc.integer({ min: 2, max: whole.length / 4096 - 1 }), fc.integer({ min: 0, max: 120 }))
        .map(([page, offset]) => page * 4096 + offset),
      fc.integer({ min: 0, max: whole.length - 1 }),
    );
    const mutation = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(mutation, fc.option(fc.nat(whole.length)), async (mutations, length) => {
        const file = whole.slice(0, length ?? undefined);
        for (const [at, byte] of mutations) if (at < file.length) file[at] = byte;
        const message = await complaint(file);
        expect(message ?? 'x/data.mdb').toMatch(/^x\/data\.mdb/);
      }),
      { numRuns: 500 },
    );
  });
});
