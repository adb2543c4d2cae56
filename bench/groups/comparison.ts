import { agreement } from '../agreement.ts';
import { type Bench, exportNet, type NetName } from '../bench.ts';
import { type Contestant, closeAll, type Entrant, startAll } from '../contestant.ts';
import { quietness, race } from '../race.ts';
import { ms, type Section, type Target, times } from '../section.ts';
import { median, timesFaster } from '../statistics.ts';

/** A comparison of programs that do the same work. */
export interface Comparison {
  readonly title: string;
  readonly net: NetName;
  /** Images that the programs need; 10 unless given. */
  readonly images?: number;
  /** limn first: the others are held against it. */
  readonly same: readonly Entrant[];
  /** Timed with them, though they do other work. */
  readonly beside?: readonly Entrant[];
  /** How far (relative L2) the results of programs that do the same may be apart. */
  readonly bound: number;
  /** Targets, from times by name. */
  readonly targets: (taken: Readonly<Record<string, readonly number[]>>) => readonly Target[];
}

const columns = [
  'network',
  'program',
  'median ms',
  'fastest ms',
  "time by limn's",
  'of medians',
  'apart',
  'peak MB',
];

/** Runs comparisons one after the other and tells of them in one table. */
export async function compare(bench: Bench, comparisons: readonly Comparison[]): Promise<Section> {
  const rows: string[][] = [];
  const targets: Target[] = [];
  const notes = new Set<string>();
  const raw: Record<string, readonly number[]> = {};
  for (const { title, net, images, same, beside = [], bound, ...rest } of comparisons) {
    await exportNet(bench, net, images);
    bench.say(title);
    const { contestants, missing } = await startAll([...same, ...beside]);
    try {
      const alike = contestants.filter(({ name }) => same.some((each) => each.name === name));
      const apart = await agreement(alike, bench.folder, bound);
      const result = await race(contestants, bench);
      rows.push(...(await rowsOf(title, contestants, result.times, apart)));
      targets.push(...rest.targets(result.times));
      for (const [name, taken] of Object.entries(result.times)) raw[`${title}: ${name}`] = taken;
      for (const note of [...missing, ...quietness(result).map((note) => `${title}: ${note}`)])
        notes.add(note);
    } finally {
      await closeAll(contestants);
    }
  }
  return { tables: [{ columns, rows }], targets, notes: [...notes], raw };
}

async function rowsOf(
  title: string,
  contestants: readonly Contestant[],
  taken: Readonly<Record<string, readonly number[]>>,
  apart: Readonly<Record<string, number>>,
): Promise<string[][]> {
  const mine = taken[contestants[0].name];
  const rows: string[][] = [];
  for (const [i, { name, note, memory }] of contestants.entries()) {
    const own = taken[name];
    rows.push([
      i === 0 ? title : '',
      note ? `${name} (${note})` : name,
      ms(median(own)),
      ms(Math.min(...own)),
      i === 0 ? '' : times(timesFaster(mine, own)),
      i === 0 ? '' : times(median(own) / median(mine)),
      apart[name] === undefined ? '' : apart[name].toExponential(0),
      ((await memory()) / 1e6).toFixed(0),
    ]);
  }
  return rows;
}
