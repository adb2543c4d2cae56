import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { count } from '../common/format.ts';
import { draftAnalysis, draftFaces, draftRegions, type ExplainedCase } from './analysis.node.ts';
import type { Draft } from './draft.ts';
import { checkMissingFiles, filesFrom } from './files.node.ts';
import { madeBy, unitOf } from './identity.node.ts';
import { draftEvaluation, draftImport, modelFile } from './model.node.ts';
import { fits } from './pattern.ts';
import { type ShardedDrafts, shardFolder } from './sharded.node.ts';
import { MOST_UNITS, type Spec, type Stage } from './spec.ts';
import { type CaseOf, ofStage, stageValues } from './stage.node.ts';
import { draftTraining } from './training.node.ts';
import type { Unit } from './unit.ts';
import { type Case, caseName, casesOf } from './variables.ts';
import { checkUnit } from './verbs.ts';

/** What is of no one network. */
const ofNone: Case = { definition: '', fold: undefined, seed: undefined };

/**
 * The units of a specification, for a plan that will be at `planFile`: searches for faces; for each definition, fold and seed a
 * training, the import of what it made, and what that is asked; then what is of all networks together. Errors name the line of the specification; or definitions, weights and data that are not there.
 */
export async function expandSpec(spec: Spec, planFile: string): Promise<Unit[]> {
  const files = filesFrom(dirname(spec.file), dirname(resolve(planFile)));
  const definitions = await definitionsOf(spec);
  checkCount(spec, definitions.length);
  const units: Unit[] = [];
  const addTo =
    (place: string): AddDraft =>
    (stage, draft, needs) => {
      const unit = unitOf(draft, needs, { ...spec, place });
      ofStage(stage, () => checkUnit(unit));
      units.push(unit);
      if (units.length > MOST_UNITS)
        tooMany(spec.file, `more than ${count(MOST_UNITS)} units, shards counted`);
      return unit;
    };
  const all = { spec, each: ofNone, files };
  for (const [name, stage] of spec.faces)
    addDrafts(addTo('photos'), stage, await draftFaces(name, stage, all), []);
  const explained = new Map<string, { readonly unit: Unit; readonly case: ExplainedCase }[]>();
  for (const each of casesOf(spec, definitions)) {
    const given = { spec, each, files };
    for (const [name, unit] of await unitsOf(given, addTo(caseName(each, spec)))) {
      const known = explained.get(name) ?? [];
      explained.set(name, [...known, { unit, case: { given, folder: madeBy(unit, 'result') } }]);
    }
  }
  for (const [name, stage] of spec.regions) {
    const of = explained.get(stageValues(stage, all).required('explain')) ?? [];
    // Their solvers are not there; the error comes below.
    if (of.length === 0) continue;
    const drafts = draftRegions(
      name,
      stage,
      all,
      of.map((each) => each.case),
    );
    const needs = of.map(({ unit }) => unit);
    addDrafts(addTo('networks'), stage, drafts, needs);
  }
  checkMissingFiles(files, spec.file);
  return units;
}

/** Makes a unit of a draft. */
type AddDraft = (stage: Stage, draft: Draft, needs: readonly Unit[]) => Unit;

/** Makes units of work that may be in shards; the last of them is that of the whole. */
function addDrafts(
  add: AddDraft,
  stage: Stage,
  { shards, whole }: ShardedDrafts,
  needs: readonly Unit[],
): Unit {
  const parts = shards.map((draft) => add(stage, draft, needs));
  return add(stage, whole(parts.map((part) => madeBy(part, shardFolder))), parts.length > 0 ? parts : needs);
}

/** Before any is made: a slip in a range must not fill the memory. */
function checkCount(
  { file, folds, seeds, train, import: imported, evaluate, analyses }: Spec,
  definitions: number,
): void {
  const analysed = [...analyses.values()].reduce((sum, { size }) => sum + size, 0);
  const perCase = (train ? 1 : 0) + (imported ? 1 : 0) + evaluate.size + analysed;
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
  if (!definitions) return [];
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

/** Makes the units of one case; those of its heatmaps, by the names of these. */
async function unitsOf(given: CaseOf, add: AddDraft): Promise<readonly (readonly [string, Unit])[]> {
  const { spec } = given;
  const training = spec.train && (await draftTraining(spec.train, given));
  // Its solver is not there; the error comes once all that is missing is known.
  if (spec.train && !training) return [];
  const trained = spec.train && training && add(spec.train, training, []);
  if (!spec.import) return [];
  const weights = trained && madeBy(trained, training.weights);
  const imported = add(spec.import, await draftImport(spec.import, given, weights), trained ? [trained] : []);
  const model = madeBy(imported, modelFile);
  for (const [name, stage] of spec.evaluate)
    addDrafts(add, stage, await draftEvaluation(name, stage, given, model), [imported]);
  const explained: (readonly [string, Unit])[] = [];
  for (const [verb, named] of spec.analyses)
    for (const [name, stage] of named) {
      const unit = addDrafts(add, stage, await draftAnalysis(verb, name, stage, given, model), [imported]);
      if (verb === 'explain') explained.push([name, unit]);
    }
  return explained;
}
