import { processes } from '../../plan/processes.node.ts';
import { type RunPlanEvent, runPlan } from '../../plan/run.node.ts';
import { printJson } from '../output.ts';
import { type Board, openBoard } from '../print/board.ts';
import { exitCodeOf, statesAsJson, tellStates } from '../print/units.ts';
import { listen } from '../signals.ts';

/** How a plan is run. */
export interface PlanOptions {
  readonly workers?: number;
  readonly only?: readonly string[];
  readonly settle?: number;
  readonly json?: boolean;
}

/** Runs the units of a plan and says what became of them. */
export async function runOnePlan(plan: string, { workers, only, settle, json }: PlanOptions): Promise<void> {
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
    const result = await runPlan({ plan, workers, only, settle }, processes(), { on, stop, kill });
    board?.close();
    if (json) printJson({ plan, ...statesAsJson(result.units) });
    else tellStates(result.units);
    if (signals.by) return signals.obey();
    process.exitCode = exitCodeOf(result.units);
  } finally {
    board?.close();
  }
}
