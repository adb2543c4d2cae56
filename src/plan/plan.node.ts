import { dirname, resolve } from 'node:path';
import { readTextFile } from '../common/file.node.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { version } from '../common/version.ts';
import { checkRequest } from '../verbs/request.ts';
import { expandSpec } from './expand.node.ts';
import { writePlan } from './planfile.ts';
import { type PlanRequest, planRequest } from './request.ts';
import { readSpec } from './spec.ts';
import type { Unit } from './unit.ts';

/** The plan that was made. */
export interface PlanResult {
  /** The plan's file. */
  readonly plan: string;
  /** How many units there are of each kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly units: readonly Unit[];
}

/**
 * Lists the trainings, imports and evaluations that a specification asks for, as units for {@link runPlan} or any other
 * executor. Errors: the specification's, by line; definitions, weights and data that are not there.
 */
export async function plan(
  request: PlanRequest,
  { outputs }: { readonly outputs?: Outputs | undefined } = {},
): Promise<PlanResult> {
  if (!outputs) return withOutputs({}, (own) => plan(request, { outputs: own }));
  const { spec, output } = checkRequest(planRequest, request);
  outputs.reads([spec]);
  await outputs.claim([output]);
  const units = await expandSpec(readSpec(await readTextFile(spec, 'a specification in YAML'), spec), output);
  outputs.reads(units.flatMap(({ inputs }) => inputs.map((each) => resolve(dirname(output), each.path))));
  await outputs.write(output, writePlan({ limn: version, units }));
  const counts: Record<string, number> = {};
  for (const { kind } of units) counts[kind] = (counts[kind] ?? 0) + 1;
  return { plan: output, counts, units };
}
