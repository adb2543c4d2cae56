import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failRequest } from '../common/error.ts';
import { readText } from '../common/file.node.ts';
import { plural } from '../common/format.ts';
import { version } from '../common/version.ts';
import { gate } from '../plan/attempt.node.ts';
import { type Change, execute, isChosen, type State } from '../plan/execute.node.ts';
import { readPlan, type Unit } from '../plan/index.ts';
import { openBoard } from './board.ts';
import { print, printJson } from './output.ts';
import { listen } from './signals.ts';

/** How a plan is run. */
export interface PlanOptions {
  readonly workers: number;
  readonly only?: readonly string[];
  readonly json?: boolean;
}

/** Runs the units of a plan and says what became of them. */
export async function runPlan(path: string, { workers, only, json }: PlanOptions): Promise<void> {
  const plan = readPlan(await readText(path, 'a plan'), path);
  const chosen = plan.units.filter((unit) => isChosen(unit, only)).length;
  if (only && chosen === 0)
    failRequest('--only', `no unit fits ${only.join(', ')}`, `names are like ${plan.units[0]?.name}`);
  const root = dirname(resolve(path));
  const board = openBoard(root, chosen);
  const signals = listen(() =>
    board.say('stopping: units that run write what they have; once more ends them at once'),
  );
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  try {
    const changes = await execute(plan, {
      root,
      program: [process.execPath, '--import', gate().href, main],
      workers,
      ...(only && { only }),
      limn: version,
      ...signals,
      onChange: board.change,
    });
    board.close();
    tell(path, changes, json);
    if (signals.by) return signals.obey();
    if ([...changes.values()].some(({ state }) => state !== 'done')) process.exitCode = 1;
  } finally {
    board.close();
  }
}

function tell(path: string, changes: ReadonlyMap<Unit, Change>, json: boolean | undefined): void {
  const all = [...changes.values()];
  const counts = countsOf(all.map(({ state }) => state));
  if (json) {
    printJson({
      plan: path,
      counts,
      units: all.map(({ unit, state, what }) => ({
        ...{ id: unit.id, name: unit.name, kind: unit.kind, folder: unit.folder, state },
        ...(what !== undefined && { what }),
      })),
    });
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

function countsOf(states: readonly State[]): Partial<Record<State, number>> {
  const counts: Partial<Record<State, number>> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
