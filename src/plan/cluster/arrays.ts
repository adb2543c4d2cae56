import type { Unit } from '../unit.ts';

/** A task of an array, which stands earlier in the same list, or the whole array; or a task that a queue has already. */
export type Prerequisite =
  | { readonly array: number; readonly task?: number | undefined }
  | { readonly queued: string };

/**
 * What must be done before the tasks of an array: for each the tasks of the same number in earlier arrays (`each`), or the same
 * for all.
 */
export type After = { readonly each: readonly number[] } | { readonly all: readonly Prerequisite[] };

/** Units that a queue takes as one job of many tasks. */
export interface UnitArray {
  /** For people, and for files; no two of a list have the same: `train`, `evaluate-test`. */
  readonly name: string;
  /** By the numbers of their tasks. */
  readonly units: ReadonlyMap<number, Unit>;
  /** Undefined where all that its units need is done. */
  readonly after: After | undefined;
}

/** An array while it is filled. */
interface Filling {
  readonly name: string;
  readonly units: Map<number, Unit>;
  /** Of an array whose tasks each follow those of the same number. */
  readonly each?: readonly number[];
  /** Ids of units that all its units need. */
  readonly needs: readonly string[];
}

/**
 * Puts units into as few arrays as their needs allow, each after those that it needs. `units` are those that are to be done, in
 * the plan's order; `queued` says of others, which a queue has already, by what name; what is in neither is done. No
 * array's numbers reach `most`.
 */
export function arraysOf(
  units: readonly Unit[],
  queued: ReadonlyMap<string, string>,
  most: number,
): readonly UnitArray[] {
  const arrays: Filling[] = [];
  const byKey = new Map<string, number>();
  const places = new Map<string, { readonly array: number; readonly task: number }>();
  /** The array of that key that has room for this task, or for any; a new one where all are full. */
  const room = (key: string, task: number | undefined, make: () => Omit<Filling, 'units'>) => {
    for (let n = 0; ; n++) {
      const place = byKey.get(`${key} ${n}`);
      if (place === undefined) {
        byKey.set(`${key} ${n}`, arrays.push({ ...make(), units: new Map() }) - 1);
        return arrays.length - 1;
      }
      const { units: taken } = arrays[place];
      if (task === undefined ? taken.size < most : !taken.has(task)) return place;
    }
  };
  for (const unit of units) {
    const open = unit.needs.filter((id) => places.has(id) || queued.has(id));
    const label = labelOf(unit);
    const before = open.map((id) => places.get(id));
    const [first] = before;
    const alike = first && before.every((place) => place?.task === first.task);
    const each = alike ? [...new Set(before.map((place) => place!.array))] : undefined;
    const array = each
      ? room(`${label} ${each.join(' ')}`, first!.task, () => ({ name: label, each, needs: open }))
      : room(`${label} ${open.join(' ')}`, undefined, () => ({ name: label, needs: open }));
    const task = each ? first!.task : arrays[array].units.size;
    arrays[array].units.set(task, unit);
    places.set(unit.id, { array, task });
  }
  const names = new Set<string>();
  return arrays.map(({ name, units: tasks, each, needs }): UnitArray => {
    const all = () => allOf(needs, arrays, places, queued);
    const after = each !== undefined ? { each } : needs.length > 0 ? { all: all() } : undefined;
    return { name: distinctName(name, names), units: tasks, after };
  });
}

/** What units wait for, whole arrays where that says the same. */
function allOf(
  needs: readonly string[],
  arrays: readonly Filling[],
  places: ReadonlyMap<string, { readonly array: number; readonly task: number }>,
  queued: ReadonlyMap<string, string>,
): Prerequisite[] {
  const tasks = new Map<number, number[]>();
  const before: Prerequisite[] = [];
  for (const id of needs) {
    const place = places.get(id);
    if (place) tasks.set(place.array, [...(tasks.get(place.array) ?? []), place.task]);
    else before.push({ queued: queued.get(id)! });
  }
  for (const [array, numbers] of tasks) {
    if (numbers.length === arrays[array].units.size) before.push({ array });
    else before.push(...numbers.map((task) => ({ array, task })));
  }
  return before;
}

/** `evaluate-test` of `age_net/fold-0/evaluate-test`. */
const labelOf = ({ name }: Unit): string =>
  name
    .split('/')
    .at(-1)!
    .replace(/[^\w.-]+/g, '_');

function distinctName(name: string, taken: Set<string>): string {
  let found = name;
  for (let n = 2; taken.has(found); n++) found = `${name}-${n}`;
  taken.add(found);
  return found;
}

/** Numbers as Slurm writes them: `0-3,7`. */
export function rangesOf(numbers: Iterable<number>): string {
  const ranges: [from: number, to: number][] = [];
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last[1] === n - 1) last[1] = n;
    else ranges.push([n, n]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
