import { plural } from '../../common/format.ts';
import type { UnitState } from '../../plan/execute.node.ts';
import { processes } from '../../plan/processes.node.ts';
import { type RunPlanEvent, type RunPlanResult, runPlan } from '../../plan/run.node.ts';
import { print, printJson } from '../output.ts';
import { type Board, openBoard } from '../print/board.ts';
import { listen } from '../signals.ts';

/** How a plan is run. */
export interface PlanOptions {
  readonly workers: number;
  readonly only?: readonly string[];
  readonly json?: boolean;
}

/** Runs the units of a plan and says what became of them. */
export async function runOnePlan(plan: string, { workers, only, json }: PlanOptions): Promise<void> {
  let board: Board | undefined;
  const on = (event: RunPlanEvent) => {
    if (event.kind === 'start') board = openBoard(event.root, event.units);
    else board?.change(event.change);
  };
  const signals = listen(() =>
    board?.say('stopping: units that run write what they have; once more ends them at once'),
  );
  const { stop, kill } = signals;
  try {
    const result = await runPlan({ plan, workers, only }, processes(), { on, stop, kill });
    board?.close();
    tell(result, json);
    if (signals.by) return signals.obey();
    if (result.units.some(({ state }) => state !== 'done')) process.exitCode = 1;
  } finally {
    board?.close();
  }
}

function tell({ plan, units: all }: RunPlanResult, json: boolean | undefined): void {
  const counts = countsOf(all.map(({ state }) => state));
  if (json) {
    const units = all.map(({ unit: { id, name, kind, folder }, state, what }) => ({
      ...{ id, name, kind, folder, state, what },
    }));
    printJson({ plan, counts, units });
    return;
  }
  for (const { unit, what } of all.filter(({ state }) => state === 'failed')) {
    print(`failed: ${unit.name}: ${what}\n  ${unit.folder}/output.log\n`);
  }
  const found = all.filter((each) => each.state === 'done' && each.found).length;
  const parts = Object.entries(counts).map(([state, n]) =>
    state === 'done' && found > 0 ? `${n} done (${found} before)` : `${n} ${state}`,
  );
  print(`${plural(all.length, 'unit')}: ${parts.join(', ')}\n`);
}

function countsOf(states: readonly UnitState[]): Partial<Record<UnitState, number>> {
  const counts: Partial<Record<UnitState, number>> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
