import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openJournal } from '../../src/evaluation/journal.node.ts';

const dir = mkdtempSync(join(tmpdir(), 'limn-journal-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const identity = { model: 'ab', '--crops': 'ten' };
const entries = [
  [3, { scores: [0.1, 1 / 3], single: 1 }],
  [0, { scores: [5e-324, 1] }],
] as const;

describe('the journal', () => {
  it('gives back exactly what was answered, wherever it was cut off', async () => {
    const path = join(dir, 'a');
    const journal = await openJournal(path, identity);
    await journal.add([entries[0]]);
    await journal.add([entries[1]]);
    await journal.close();
    const whole = readFileSync(path);
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const again = await openJournal(path, identity);
      const ends = whole.subarray(0, length).filter((byte) => byte === 10).length;
      expect([...again.said]).toEqual(entries.slice(0, Math.max(ends - 1, 0)));
      // What is answered anew goes where the cut line was.
      await again.add(entries.slice(Math.max(ends - 1, 0)));
      await again.close();
      expect(readFileSync(path)).toEqual(whole);
    }
    rmSync(path);
    expect((await openJournal(path, identity)).said.size).toBe(0);
  });

  it("is refused where it is another evaluation's", async () => {
    const path = join(dir, 'b');
    await (await openJournal(path, identity)).close();
    await expect(openJournal(path, { ...identity, '--crops': 'center', data: 'x' })).rejects.toThrow(
      'begun with another --crops, data',
    );
    writeFileSync(path, 'no journal\n');
    await expect(openJournal(path, identity)).rejects.toThrow('begun with another');
  });
});
