import { dirname, resolve } from 'node:path';
import { failRequest } from '../common/error.ts';
import { readTextFile } from '../common/file.node.ts';
import { field, words } from '../common/words.ts';
import { isChosen } from './execution.node.ts';
import { readPlan } from './planfile.ts';
import type { Plan, Unit } from './unit.ts';

/** A plan that was read. */
export interface OpenPlan {
  readonly plan: Plan;
  /** Its folder, from which all paths start. */
  readonly root: string;
  /** The units that are asked for, in its order. */
  readonly chosen: readonly Unit[];
}

/** Reads a plan. Errors: no plan; patterns that no unit fits. */
export async function openPlan(path: string, only: readonly string[] | undefined): Promise<OpenPlan> {
  const plan = readPlan(await readTextFile(path, 'a plan'), path);
  const chosen = plan.units.filter((unit) => isChosen(unit, only));
  if (only && chosen.length === 0) {
    failRequest(
      words`${field('only')}`,
      `no unit fits ${only.join(', ')}`,
      `names are like ${plan.units[0]?.name}`,
    );
  }
  return { plan, root: dirname(resolve(path)), chosen };
}
