import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesAccess, openLmdb } from '../../src/data/index.ts';
import { compareKeys } from '../../src/data/lmdb/format.ts';
import type { LmdbRecord } from '../../src/data/lmdb/writer.ts';
import { databaseFile } from './databasefile.ts';
import { describeLmdb, latin1, output, python, readAll, saveDatabase } from './databases.ts';
import { temporaryFolder } from './temporary.ts';

const folder = temporaryFolder();

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

/** Keys as a database of images has them, values of all sizes around those at which a value leaves its page. */
function pictures(count: number): LmdbRecord[] {
  const sizes = [0, 1, 7, 500, 1980, 2000, 2029, 2030, 2031, 4079, 4080, 4081, 8176, 8177, 60_000];
  return Array.from({ length: count }, (_, i) => ({
    key: bytes(`${String(i).padStart(8, '0')}_user${i % 7}@N00/landmark_aligned_face.${i}.jpg`),
    value: new Uint8Array(sizes[i % sizes.length] + (i % 3)).fill(i % 251),
  }));
}

const expected = (entries: readonly LmdbRecord[]): [string, string][] =>
  [...entries]
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ key, value }) => [latin1(key), latin1(value)]);

const someEntries = fc
  .uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 511 }), {
    maxLength: 150,
    comparator: (a, b) => compareKeys(a, b) === 0,
  })
  .chain((keys) =>
    fc
      .array(fc.integer({ min: 0, max: 9000 }), { minLength: keys.length, maxLength: keys.length })
      .map((sizes) =>
        keys.map((key, i): LmdbRecord => ({ key, value: new Uint8Array(sizes[i]).fill(sizes[i] % 256) })),
      ),
  );

describe('an LMDB database that limn writes', () => {
  it('is read back whole, whatever the keys, sizes, batches and pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        someEntries,
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom(4096, 16384),
        async (entries, batch, pageSize) => {
          expect(await readAll(databaseFile(entries, batch, pageSize))).toEqual(expected(entries));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives the value of any key, none for others, and goes on from any entry', async () => {
    const entries = pictures(2000);
    const database = await openLmdb(bytesAccess(databaseFile(entries)), 'data.mdb');
    expect(database.entries).toBe(2000);
    for (const { key, value } of entries.filter((_, i) => i % 37 === 0)) {
      expect(latin1((await database.get(key))!)).toBe(latin1(value));
    }
    for (const absent of ['0', '00000100', '99999999_x'])
      expect(await database.get(bytes(absent))).toBeUndefined();
    for (const from of [0, 1, 44, 1999, 2000]) {
      const keys: string[] = [];
      for await (const { key } of database.iterate(from)) keys.push(latin1(key));
      expect(keys).toEqual(entries.slice(from).map(({ key }) => latin1(key)));
    }
    const directory = await database.directory();
    for (const i of [0, 1, 1999, 44, 45, 46, 1000, 999]) {
      const entry = await database.at(i, directory);
      expect([latin1(entry.key), latin1(await entry.value())]).toEqual([
        latin1(entries[i].key),
        latin1(entries[i].value),
      ]);
    }
    await expect(database.at(2000, directory)).rejects.toThrow('data.mdb: no entry 2000: it has 2000');
  });

  it('refuses keys out of order, empty ones and long ones', () => {
    const entry = (key: string): LmdbRecord => ({ key: bytes(key), value: bytes('') });
    expect(() => databaseFile([entry('a'), entry('a')])).toThrow(
      'key "a": it does not come after the key before it',
    );
    expect(() => databaseFile([entry('')])).toThrow('0 bytes; LMDB takes 1 to 511');
    expect(() => databaseFile([entry('x'.repeat(512))])).toThrow('512 bytes; LMDB takes 1 to 511');
  });
});

// Prints key, size and the sum of all bytes of every entry.
const dump = `
import lmdb, sys
with lmdb.open(sys.argv[1], readonly=True, lock=False) as env, env.begin(buffers=False) as txn:
    for key, value in txn.cursor():
        print(key.hex(), len(value), sum(value))
    print(env.stat()['entries'])
`;

const dumped = (entries: readonly [string, string][]): string =>
  [
    ...entries.map(([key, value]) => {
      const sum = bytes(value).reduce((total, byte) => total + byte, 0);
      return `${Buffer.from(key, 'latin1').toString('hex')} ${value.length} ${sum}`;
    }),
    entries.length,
    '',
  ].join('\n');

describeLmdb('LMDB itself', () => {
  it('reads what limn writes: thousands of keys, values in and out of pages', () => {
    const entries = pictures(5000);
    const path = join(folder, 'ours');
    saveDatabase(path, databaseFile(entries));
    expect(output(python, ['-c', dump, path])).toBe(dumped(expected(entries)));
    const statistics = output('mdb_stat', ['-e', path]);
    expect(statistics).toMatch(/Entries: 5000\n/);
    expect(statistics).toMatch(/Page size: 4096/);
    expect(output('mdb_dump', [path]).match(/^ /gm)).toHaveLength(10_000);
  });

  it.each([0, 1, 2, 45, 46, 47])('reads a database of %i entries', (count) => {
    const entries = pictures(count);
    const path = join(folder, `ours${count}`);
    saveDatabase(path, databaseFile(entries));
    expect(output(python, ['-c', dump, path])).toBe(dumped(expected(entries)));
  });

  it('changes what limn wrote, and limn reads the result', async () => {
    const entries = pictures(3000);
    const path = join(folder, 'changed');
    saveDatabase(path, databaseFile(entries, 100));
    // Deleting most entries merges pages at every level: a tree that were not sound would not survive it.
    const change = `
import lmdb, sys
with lmdb.open(sys.argv[1], map_size=2**30) as env:
    for part in range(5):
        with env.begin(write=True) as txn:
            keys = [key for key, _ in txn.cursor()]
            for key in keys[part::3]:
                assert txn.delete(key)
            for i in range(200):
                txn.put(b'%d-new-%d' % (i * 7919 % 1000, part), bytes([part]) * (i * 41))
`;
    output(python, ['-c', change, path]);
    const found = await readAll(new Uint8Array(readFileSync(join(path, 'data.mdb'))));
    expect(found.length).toBeGreaterThan(900);
    expect(dumped(found)).toBe(output(python, ['-c', dump, path]));
  });

  it('writes what limn reads: several transactions, random order, other page layouts', async () => {
    const path = join(folder, 'theirs');
    const write = `
import lmdb, random, sys
random.seed(3)
with lmdb.open(sys.argv[1], map_size=2**30) as env:
    numbers = list(range(4000))
    random.shuffle(numbers)
    for start in range(0, 4000, 1000):
        with env.begin(write=True) as txn:
            for i in numbers[start:start + 1000]:
                txn.put(b'%08d_%d/face.jpg' % (i, i % 13), bytes([i % 256]) * random.choice([0, 3, 900, 2020, 4100, 30000]))
`;
    output(python, ['-c', write, path]);
    const file = new Uint8Array(readFileSync(join(path, 'data.mdb')));
    const found = await readAll(file);
    expect(found).toHaveLength(4000);
    expect(dumped(found)).toBe(output(python, ['-c', dump, path]));
  });

  it('loads a dump, which limn reads', async () => {
    const entries = pictures(500);
    const [from, to] = [join(folder, 'dumped'), join(folder, 'loaded')];
    saveDatabase(from, databaseFile(entries));
    writeFileSync(join(folder, 'dump.txt'), output('mdb_dump', [from]));
    mkdirSync(to);
    output('mdb_load', ['-f', join(folder, 'dump.txt'), to]);
    expect(await readAll(new Uint8Array(readFileSync(join(to, 'data.mdb'))))).toEqual(expected(entries));
  });
});
