import { basename, dirname, extname, join, resolve } from 'node:path';
import { readTextFile } from '../../common/file.node.ts';
import { type Outputs, withOutputs } from '../../common/outputs.node.ts';
import { version } from '../../common/version.ts';
import { checkRequest } from '../../verbs/request.ts';
import type { PlanResult } from '../plan.node.ts';
import { writePlan } from '../planfile.ts';
import { type StudyRequest, studyRequest } from '../request.ts';
import { readStudyFile } from './studyfile.ts';
import { studyUnits } from './units.node.ts';

export interface StudyResult extends PlanResult {
  /** What people should know of the definitions, in sentences without a stop. */
  readonly notes: readonly string[];
}

/**
 * Lists all that a study asks for, from folders of photos to a report, as units for {@link runPlan} or any other executor.
 * Errors: the study's, by line; definitions, weights and photos that are not there; what a definition's paths say wrongly.
 */
export async function planStudy(
  request: StudyRequest,
  { outputs }: { readonly outputs?: Outputs | undefined } = {},
): Promise<StudyResult> {
  if (!outputs) return withOutputs({}, (own) => planStudy(request, { outputs: own }));
  const { study: file, output: given, schedule } = checkRequest(studyRequest, request);
  const folder = given ?? basename(file, extname(file));
  const plan = join(folder, 'plan.json');
  outputs.reads([file]);
  await outputs.claim([plan]);
  const read = readStudyFile(await readTextFile(file, 'a study in YAML'), file);
  const { units, notes } = await studyUnits({ ...read, ...(schedule && { schedule }) }, plan);
  outputs.reads(units.flatMap(({ inputs }) => inputs.map((each) => resolve(dirname(plan), each.path))));
  await outputs.write(plan, writePlan({ limn: version, units }));
  const counts: Record<string, number> = {};
  for (const { kind } of units) counts[kind] = (counts[kind] ?? 0) + 1;
  return { plan, counts, units, notes };
}
