import { plural } from '../../common/format.ts';
import type { Change, UnitState } from '../../plan/execute.node.ts';
import { print } from '../output.ts';

/** A unit's state, and, of one on a cluster, what it says of itself there. */
type State = Change & {
  readonly node?: string | undefined;
  readonly task?: string | undefined;
  readonly log?: string | undefined;
};

/** Says which units failed and why, and how many are in which state. */
export function tellStates(units: readonly State[]): void {
  for (const { unit, state, what, log } of units) {
    if (state !== 'failed' && !(state === 'stopped' && log)) continue;
    print(`${state}: ${unit.name}: ${what}\n  ${unit.folder}/output.log${log ? `, ${log}` : ''}\n`);
  }
  const found = units.filter((each) => each.state === 'done' && each.found).length;
  const parts = Object.entries(countsOf(units)).map(([state, n]) =>
    state === 'done' && found > 0 ? `${n} done (${found} before)` : `${n} ${state}`,
  );
  print(`${plural(units.length, 'unit')}: ${parts.join(', ')}\n`);
}

/** The same as plain data. */
export const statesAsJson = (states: readonly State[]) => ({
  counts: countsOf(states),
  units: states.map(({ unit: { id, name, kind, folder }, state, what, node, task, log }) => ({
    ...{ id, name, kind, folder, state, what, node, task, log },
  })),
});

/** 0 if all are done. */
export const exitCodeOf = (units: readonly State[]): number =>
  units.every(({ state }) => state === 'done') ? 0 : 1;

function countsOf(units: readonly State[]): Partial<Record<UnitState, number>> {
  const counts: Partial<Record<UnitState, number>> = {};
  for (const { state } of units) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
