import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellWord } from '../../src/common/shell.ts';
import { arraysOf, rangesOf, type UnitArray } from '../../src/plan/cluster/arrays.ts';
import { dependencyOf } from '../../src/plan/cluster/script.ts';
import type { Unit } from '../../src/plan/index.ts';
import { unit } from './units.ts';

/** Plans of up to 14 units, of which some are done and some in a queue; no unit is done before those that it needs. */
const plans = fc
  .array(
    fc.record({
      label: fc.constantFrom('train', 'import', 'a b'),
      needs: fc.array(fc.nat(), { maxLength: 3 }),
      state: fc.nat(5),
    }),
    { maxLength: 14 },
  )
  .map((drafts) => {
    const units: Unit[] = [];
    for (const [i, { label, needs }] of drafts.entries()) {
      const ids = needs.flatMap((n) => (i > 0 ? units[n % i].id : []));
      units.push(unit(`case-${i}/${label}`, 'nothing', { needs: [...new Set(ids)] }));
    }
    const done = new Set<string>();
    const queued = new Map<string, string>();
    for (const [i, { state }] of drafts.entries()) {
      const { id, needs } = units[i];
      if (state === 0 && needs.every((need) => done.has(need))) done.add(id);
      else if (state === 1 && needs.every((need) => done.has(need) || queued.has(need)))
        queued.set(id, `9_${i}`);
    }
    return { units, todo: units.filter(({ id }) => !done.has(id) && !queued.has(id)), queued };
  });

/** What must be done before a task, by the words that Slurm gets: ids of units, and tasks of other submissions. */
function waitedFor(array: UnitArray, task: number, arrays: readonly UnitArray[]): string[] {
  const [kind, ...ids] =
    dependencyOf(
      array,
      arrays.map((_, i) => `j${i}`),
    )?.split(':') ?? [];
  if (kind === 'aftercorr') return ids.map((id) => arrays[Number(id.slice(1))].units.get(task)!.id);
  return ids.flatMap((id) => {
    if (!id.startsWith('j')) return id;
    const [job, one] = id.slice(1).split('_').map(Number);
    const { units } = arrays[job];
    return one === undefined ? [...units.values()].map((each) => each.id) : units.get(one)!.id;
  });
}

it('puts each unit in one array, after exactly those that it needs', () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 1, max: 5 }), ({ todo, queued }, most) => {
      const arrays = arraysOf(todo, queued, most);
      const all = arrays.flatMap(({ units }) => [...units.values()]);
      expect(all.map(({ id }) => id).sort()).toEqual(todo.map(({ id }) => id).sort());
      expect(new Set(arrays.map(({ name }) => name)).size).toBe(arrays.length);
      for (const [i, array] of arrays.entries()) {
        expect(array.name).toMatch(/^[\w.-]+$/);
        for (const [task, { needs }] of array.units) {
          expect(task).toBeLessThan(most);
          const open = needs.flatMap(
            (id) => queued.get(id) ?? (todo.some((each) => each.id === id) ? id : []),
          );
          const waited = waitedFor(array, task, arrays.slice(0, i));
          expect(waited.sort()).toEqual(open.sort());
        }
      }
    }),
  );
});

it('makes one array of each kind of unit, where each follows its own', () => {
  const names = ['a', 'b', 'c'];
  const trainings = names.map((name) => unit(`${name}/train`, 'nothing'));
  const imports = trainings.map(({ id }, i) => unit(`${names[i]}/import`, 'nothing', { needs: [id] }));
  const last = unit('all/compare', 'nothing', { needs: imports.map(({ id }) => id) });
  const arrays = arraysOf([...trainings, ...imports, last], new Map(), 1000);
  expect(
    arrays.map((array) => [array.name, [...array.units.keys()], dependencyOf(array, ['1', '2', '3'])]),
  ).toEqual([
    ['train', [0, 1, 2], undefined],
    ['import', [0, 1, 2], 'aftercorr:1'],
    ['compare', [0], 'afterok:2'],
  ]);
});

it("follows several arrays, where all of a unit's needs have its number", () => {
  const names = ['a', 'b'];
  const models = names.map((name) => unit(`${name}/import`, 'nothing'));
  const parts = models.flatMap(({ id }, i) =>
    [1, 2].map((n) => unit(`${names[i]}/part-${n}`, 'nothing', { needs: [id] })),
  );
  const wholes = names.map((name) =>
    unit(`${name}/whole`, 'nothing', {
      needs: parts.filter((each) => each.name.startsWith(name)).map(({ id }) => id),
    }),
  );
  const arrays = arraysOf([...models, ...parts, ...wholes], new Map(), 1000);
  expect(
    arrays.map((array) => [array.name, array.units.size, dependencyOf(array, ['1', '2', '3', '4'])]),
  ).toEqual([
    ['import', 2, undefined],
    ['part-1', 2, 'aftercorr:1'],
    ['part-2', 2, 'aftercorr:1'],
    ['whole', 2, 'aftercorr:2:3'],
  ]);
});

it('writes numbers as ranges', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(30)), (numbers) => {
      const read = rangesOf(numbers)
        .split(',')
        .filter((range) => range !== '')
        .flatMap((range) => {
          const [from, to = from] = range.split('-').map(Number);
          return Array.from({ length: to - from + 1 }, (_, i) => from + i);
        });
      expect(read).toEqual([...numbers].sort((a, b) => a - b));
    }),
  );
  expect(rangesOf([5, 0, 1, 2])).toBe('0-2,5');
});

it('writes any text as one word of a shell', () => {
  const texts = fc.sample(fc.string({ minLength: 1, unit: 'binary' }), { numRuns: 200, seed: 1 });
  const words = [...texts, "it's", '$HOME', 'a b', '`x`', '\\', '"', '*'].map((text) =>
    text.replaceAll('\0', ''),
  );
  const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`;
  const said = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(said.split('\0').slice(0, -1)).toEqual(words.map((word) => Buffer.from(word).toString()));
});
