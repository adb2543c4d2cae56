import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/common/files.node.ts';
import { openPredictions } from '../../src/evaluation/journal.ts';

const dir = mkdtempSync(join(tmpdir(), 'limn-journal-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const identity = { model: 'ab', crops: 'ten' };
const entries = [
  [3, { scores: [0.1, 1 / 3], single: 1 }],
  [0, { scores: [5e-324, 1] }],
] as const;

describe('the journal', () => {
  it('gives back exactly what was answered, wherever it was cut off', async () => {
    const path = join(dir, 'a');
    const journal = await openPredictions(path, identity, nodeFiles);
    await journal.add([entries[0]]);
    await journal.add([entries[1]]);
    await journal.close();
    const whole = readFileSync(path);
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const again = await openPredictions(path, identity, nodeFiles);
      const ends = whole.subarray(0, length).filter((byte) => byte === 10).length;
      expect([...again.entries]).toEqual(entries.slice(0, Math.max(ends - 1, 0)));
      // What is answered anew goes where the cut line was.
      await again.add(entries.slice(Math.max(ends - 1, 0)));
      await again.close();
      expect(readFileSync(path)).toEqual(whole);
    }
    rmSync(path);
    expect((await openPredictions(path, identity, nodeFiles)).entries.size).toBe(0);
  });

  it("is refused where it is another evaluation's", async () => {
    const path = join(dir, 'b');
    const begun = await openPredictions(path, identity, nodeFiles);
    await begun.add([entries[0]]);
    await begun.close();
    await expect(
      openPredictions(path, { ...identity, crops: 'center', data: 'x' }, nodeFiles),
    ).rejects.toThrow('begun with another crops, data');
    writeFileSync(path, 'no journal\n');
    await expect(openPredictions(path, identity, nodeFiles)).rejects.toThrow('begun with another');
  });

  it('is in nobody’s way where nothing was kept: not left when it is closed, begun anew where it was killed', async () => {
    const path = join(dir, 'd');
    await (await openPredictions(path, identity, nodeFiles)).close();
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, `${JSON.stringify(identity)}\n`);
    const other = await openPredictions(path, { ...identity, crops: 'center' }, nodeFiles);
    await other.add([entries[0]]);
    await other.close();
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe('{"model":"ab","crops":"center"}');
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
  });

  it('goes on with one that an earlier version began, and names fields of the request', async () => {
    const path = join(dir, 'c');
    writeFileSync(path, '{"model":"ab","--crops":"ten","--person-column":"who"}\n[3,[0.5,0.25],1]\n');
    const { entries: found, close } = await openPredictions(
      path,
      { ...identity, 'person-column': 'who' },
      nodeFiles,
    );
    await close();
    expect([...found]).toEqual([[3, { scores: [0.5, 0.25], single: 1 }]]);
    const other = openPredictions(path, { ...identity, 'person-column': 'whose' }, nodeFiles);
    await expect(other).rejects.toThrow('begun with another personColumn; give another output');
  });
});
