import { join, resolve } from 'node:path';
import { type Outputs, withOutputs } from '../../common/outputs.node.ts';
import { shellWord } from '../../common/shell.ts';
import { checkRequest } from '../../verbs/request.ts';
import { isDone } from '../marker.node.ts';
import { openPlan } from '../open.node.ts';
import { type WriteScriptsRequest, writeScriptsRequest } from '../request.ts';
import type { Unit } from '../unit.ts';
import { arraysOf, type UnitArray } from './arrays.ts';
import { dependencyOf, scriptOf } from './script.ts';
import { scriptOptions } from './submit.node.ts';

/** What was written, and how many units it is about. */
export interface WrittenScripts {
  readonly files: readonly string[];
  readonly units: number;
}

/** The number that no task of an array reaches, unless a cluster's administrators say otherwise. */
const usualArraySize = 1001;

/**
 * Writes what {@link submitPlan} would submit: a batch script for each array of units that are not done, and `submit.sh`, which
 * submits them one after the other. Needs no Slurm. Errors: as of {@link openPlan}; files in the way.
 */
export async function writeScripts(
  request: WriteScriptsRequest,
  { outputs }: { readonly outputs?: Outputs | undefined } = {},
): Promise<WrittenScripts> {
  if (!outputs) return withOutputs({}, (own) => writeScripts(request, { outputs: own }));
  const { output, ...fields } = checkRequest(writeScriptsRequest, request);
  const { root, chosen } = await openPlan(fields.plan, fields.only);
  outputs.reads([fields.plan]);
  const todo: Unit[] = [];
  for (const unit of chosen) if (!(await isDone(unit, root))) todo.push(unit);
  const arrays = arraysOf(todo, new Map(), usualArraySize);
  const options = scriptOptions(root, resolve(output), fields);
  const files = arrays.map(
    (array) => [join(output, `${array.name}.sbatch`), scriptOf(array, options)] as const,
  );
  const all = [...files, [join(output, 'submit.sh'), submission(arrays)] as const];
  await outputs.claim(all.map(([path]) => path));
  await outputs.writeAll(all);
  return { files: all.map(([path]) => path), units: todo.length };
}

/** The calls of sbatch, each of which takes the ids of earlier ones. */
function submission(arrays: readonly UnitArray[]): string {
  const variables = arrays.map((_, i) => `$job${i + 1}`);
  const lines = arrays.map((array, i) => {
    const dependency = dependencyOf(array, variables);
    const words = [
      ...(dependency === undefined ? [] : [`--dependency=${dependency}`]),
      shellWord(`${array.name}.sbatch`),
    ];
    return `job${i + 1}=$(sbatch --parsable ${words.join(' ')})`;
  });
  return `#!/bin/bash
# Submits a plan's units, as limn run --on slurm does.
set -euo pipefail
cd "$(dirname "$0")"
${lines.join('\n')}
`;
}
