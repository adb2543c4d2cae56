import { join, relative, resolve } from 'node:path';
import { csvLine } from '../../common/csv.ts';
import { fail } from '../../common/error.ts';
import { readBytes } from '../../common/file.node.ts';
import { count } from '../../common/format.ts';
import { type Outputs, withOutputs } from '../../common/outputs.node.ts';
import { field, words } from '../../common/words.ts';
import { checkRequest } from '../../verbs/request.ts';
import { isDone, readDone } from '../marker.node.ts';
import { openPlan } from '../open.node.ts';
import { type CollectRequest, collectRequest } from '../request.ts';
import type { Unit } from '../unit.ts';

/** Which units were collected. */
export interface CollectResult {
  /** The folder. */
  readonly output: string;
  /** Names of the units whose outputs were collected, and of those that are not done. */
  readonly collected: readonly string[];
  readonly missing: readonly string[];
}

/**
 * Copies what the units of a plan made into one folder, by their names instead of their ids: `net/fold-0/import/model.onnx`; and
 * `units.csv`, which says of each where and how long it ran. Nothing of trainings but their last weights. Errors: units that
 * are not done, unless a part is enough: then nothing is written; a unit of another plan's is in the way.
 */
export async function collectPlan(
  request: CollectRequest,
  { outputs }: { readonly outputs?: Outputs | undefined } = {},
): Promise<CollectResult> {
  if (!outputs) return withOutputs({}, (own) => collectPlan(request, { outputs: own }));
  const { plan: path, only, output, partial } = checkRequest(collectRequest, request);
  const { root, chosen } = await openPlan(path, only);
  const done: Unit[] = [];
  const missing: string[] = [];
  for (const unit of chosen) {
    if (await isDone(unit, root)) done.push(unit);
    else missing.push(unit.name);
  }
  if (missing.length > 0 && !partial) {
    const shown =
      missing.slice(0, 5).join(', ') + (missing.length > 5 ? `, … (${count(missing.length)})` : '');
    fail(path, `not done: ${shown}`, words`wait for them, or collect the others: ${field('partial')}`);
  }
  const table = join(output, 'units.csv');
  const copies = done.flatMap((unit) =>
    unit.outputs.map(
      (file) => [resolve(root, file), join(output, unit.name, relative(unit.folder, file))] as const,
    ),
  );
  outputs.reads([path, ...copies.map(([from]) => from)]);
  await outputs.claim([table, ...copies.map(([, to]) => to)]);
  for (const [from, to] of copies) await outputs.write(to, await readBytes(from));
  await outputs.write(table, await tableOf(done, root));
  return { output, collected: done.map(({ name }) => name), missing };
}

async function tableOf(units: readonly Unit[], root: string): Promise<string> {
  const lines = await Promise.all(
    units.map(async (unit) => {
      const { limn, seconds, host, finished } = (await readDone(unit, root)) ?? {};
      return csvLine([
        unit.name,
        unit.kind,
        unit.id,
        unit.folder,
        seconds ?? '',
        host ?? '',
        finished ?? '',
        limn ?? '',
      ]);
    }),
  );
  return [csvLine(['unit', 'kind', 'id', 'folder', 'seconds', 'host', 'finished', 'limn']), ...lines].join(
    '',
  );
}
