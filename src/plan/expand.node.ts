import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { count } from '../common/format.ts';
import { hashOf } from '../common/hash.node.ts';
import type { Draft } from './draft.ts';
import { filesFrom } from './files.node.ts';
import { draftEvaluation, draftImport, modelFile } from './model.node.ts';
import { fits } from './pattern.ts';
import { type ShardedDrafts, shardFolder } from './sharded.node.ts';
import { MOST_UNITS, type Spec, type Stage } from './spec.ts';
import { type CaseOf, ofStage } from './stage.node.ts';
import { draftStudy } from './study.node.ts';
import { draftTraining, runFolder } from './training.node.ts';
import { shortId, type Unit } from './unit.ts';
import { countedIn, fixedPath, type PlannedPath, requestIn } from './value.ts';
import { type Case, caseName, casesOf } from './variables.ts';
import { checkUnit } from './verbs.ts';

/** Part of every id: another one if what units do, or how their ids are made, changes. */
const contract = 'limn unit 2';

/**
 * The units of a specification, for a plan that will be at `planFile`: for each definition, fold and seed a training, the import of
 * what it made, and the evaluations. Errors name the line of the specification; or definitions, weights and data that are not there.
 */
export async function expandSpec(spec: Spec, planFile: string): Promise<Unit[]> {
  const files = filesFrom(dirname(spec.file), dirname(resolve(planFile)));
  const definitions = await definitionsOf(spec);
  checkCount(spec, definitions.length);
  const units: Unit[] = [];
  for (const each of casesOf(spec, definitions)) {
    units.push(...(await unitsOf({ spec, each, files })));
    if (units.length > MOST_UNITS) tooMany(spec.file, `more than ${count(MOST_UNITS)} units, shards counted`);
  }
  if (files.missing.size > 0) {
    const missing = [...files.missing].sort();
    const shown = missing.slice(0, 5).join(', ') + (missing.length > 5 ? `, … (${missing.length})` : '');
    fail(spec.file, `missing: ${shown}`, 'paths start from the folder of the specification');
  }
  return units;
}

/** Before any is made: a slip in a range must not fill the memory. */
function checkCount(
  { file, folds, seeds, train, import: imported, evaluate }: Spec,
  definitions: number,
): void {
  const perCase = (train ? 1 : 0) + (imported ? 1 : 0) + evaluate.size;
  const parts = [definitions, folds?.length ?? 1, seeds?.length ?? 1, perCase] as const;
  const units = parts.reduce((product, n) => product * n, 1);
  if (units <= MOST_UNITS) return;
  const [, ofFolds, ofSeeds] = parts;
  tooMany(
    file,
    `${count(units)} units (${definitions} definitions × ${ofFolds} folds × ${ofSeeds} seeds × ${perCase}); a plan has at most ${count(MOST_UNITS)}`,
  );
}

function tooMany(file: string, what: string): never {
  return fail(file, what, 'make several plans');
}

/** The definitions' names, sorted. Errors: no such folder, or none that is wanted. */
async function definitionsOf({ file, definitions, only }: Spec): Promise<string[]> {
  const folder = resolve(dirname(file), definitions.text);
  const names = await readdir(folder).catch((error: unknown) => failPath(definitions.text, error));
  const found: string[] = [];
  for (const name of names.sort()) {
    const wanted = only.some((pattern) => fits(name, pattern));
    if (wanted && (await stat(join(folder, name))).isDirectory()) found.push(name);
  }
  if (found.length === 0) {
    fail(
      definitions.where,
      `no folder in ${definitions.text} fits ${only.join(', ')}`,
      `each definition has one`,
    );
  }
  return found;
}

async function unitsOf(given: CaseOf): Promise<Unit[]> {
  const { spec, each } = given;
  const units: Unit[] = [];
  const add = (stage: Stage, draft: Draft, needs: readonly Unit[]): Unit => {
    const unit = unitOf(draft, needs, spec, each);
    ofStage(stage, () => checkUnit(unit));
    units.push(unit);
    return unit;
  };
  const training = spec.train && (await draftTraining(spec.train, given));
  // Its solver is not there; the error comes once all that is missing is known.
  if (spec.train && !training) return [];
  const trained = spec.train && training && add(spec.train, training, []);
  if (!spec.import) return units;
  const weights = trained && made(trained, training.weights);
  const imported = add(spec.import, await draftImport(spec.import, given, weights), trained ? [trained] : []);
  const addAll = (stage: Stage, { shards, whole }: ShardedDrafts) => {
    const parts = shards.map((draft) => add(stage, draft, [imported]));
    const needs = parts.length > 0 ? parts : [imported];
    add(stage, whole(parts.map((part) => made(part, shardFolder))), needs);
  };
  const model = made(imported, modelFile);
  for (const [name, stage] of spec.evaluate) addAll(stage, await draftEvaluation(name, stage, given, model));
  for (const [verb, named] of spec.studies)
    for (const [name, stage] of named) addAll(stage, await draftStudy(verb, name, stage, given, model));
  return units;
}

/** A file that a unit makes counts by its name; which one it is follows from the unit's id. */
const made = ({ folder }: Unit, file: string): PlannedPath => fixedPath(`${folder}/${file}`, file);

function unitOf(draft: Draft, needs: readonly Unit[], spec: Spec, each: Case): Unit {
  const { kind, label, verb, request, resumed, uncounted = [], inputs, outputs, iterations } = draft;
  const place = caseName(each, spec);
  const name = `${place}/${label}`;
  const id = hashOf(
    JSON.stringify([
      ...[contract, spec.version, verb, name],
      countedIn(request, uncounted),
      // The network's files stand in no request, but in the solver.
      inputs.flatMap(({ sha256 }) => sha256 ?? []),
      needs.map((unit) => unit.id),
    ]),
  );
  const folder = `${spec.folder}/${place}/${label}-${shortId(id)}`;
  const inHere = (path: string) => `${folder}/${path}`;
  return {
    ...{ id, name, kind, folder, verb },
    request: requestIn(request, folder),
    ...(resumed && {
      resume: { folder: inHere(runFolder), ending: '.limnstate', request: requestIn(resumed, folder) },
    }),
    inputs,
    outputs: outputs.map(inHere),
    needs: needs.map((unit) => unit.id),
    ...(iterations !== undefined && { progress: { file: inHere(`${runFolder}/log.jsonl`), iterations } }),
  };
}
