import { hashOf } from '../common/hash.node.ts';
import type { Draft } from './draft.ts';
import { runFolder } from './training.node.ts';
import { shortId, type Unit } from './unit.ts';
import { countedIn, fixedPath, type PlannedPath, requestIn } from './value.ts';

/** Part of every id: another one if what units do, or how their ids are made, changes. */
const contract = 'limn unit 2';

/** Where a unit stands in a plan. */
export interface UnitPlace {
  /** The first part of its name: `age_finetuning_googlenet/fold-0`. */
  readonly place: string;
  /** The folder of all units, from the plan's folder on. */
  readonly folder: string;
  /** Part of every id: another one makes everything anew. */
  readonly version: string;
}

/** A draft with its id, made of all that determines its result, and its folder. */
export function unitOf(
  draft: Draft,
  needs: readonly Unit[],
  { place, folder: all, version }: UnitPlace,
): Unit {
  const { kind, label, verb, request, resumed, uncounted = [], inputs, iterations } = draft;
  const name = `${place}/${label}`;
  const id = hashOf(
    JSON.stringify([
      ...[contract, version, verb, name],
      countedIn(request, uncounted),
      // The network's files stand in no request, but in the solver.
      inputs.flatMap(({ sha256 }) => sha256 ?? []),
      needs.map((unit) => unit.id),
    ]),
  );
  const folder = `${all}/${place}/${label}-${shortId(id)}`;
  const inHere = (path: string) => `${folder}/${path}`;
  return {
    ...{ id, name, kind, folder, verb },
    request: requestIn(request, folder),
    ...(resumed && {
      resume: { folder: inHere(runFolder), ending: '.limnstate', request: requestIn(resumed, folder) },
    }),
    inputs,
    outputs: [...draft.outputs.map(inHere), ...(draft.placed ?? [])],
    needs: needs.map((unit) => unit.id),
    ...(iterations !== undefined && { progress: { file: inHere(`${runFolder}/log.jsonl`), iterations } }),
  };
}

/** A file that a unit makes counts by its name; which one it is follows from the unit's id. */
export const madeBy = ({ folder }: Unit, file: string): PlannedPath => fixedPath(`${folder}/${file}`, file);
