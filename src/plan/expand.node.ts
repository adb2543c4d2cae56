import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { count } from '../common/format.ts';
import { draftAnalysis } from './analysis.node.ts';
import type { Draft } from './draft.ts';
import { checkMissingFiles, filesFrom } from './files.node.ts';
import { madeBy, unitOf } from './identity.node.ts';
import { draftEvaluation, draftImport, modelFile } from './model.node.ts';
import { fits } from './pattern.ts';
import { type ShardedDrafts, shardFolder } from './sharded.node.ts';
import { MOST_UNITS, type Spec, type Stage } from './spec.ts';
import { type CaseOf, ofStage } from './stage.node.ts';
import { draftTraining } from './training.node.ts';
import type { Unit } from './unit.ts';
import { caseName, casesOf } from './variables.ts';
import { checkUnit } from './verbs.ts';

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
  checkMissingFiles(files, spec.file);
  return units;
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
    const unit = unitOf(draft, needs, { ...spec, place: caseName(each, spec) });
    ofStage(stage, () => checkUnit(unit));
    units.push(unit);
    return unit;
  };
  const training = spec.train && (await draftTraining(spec.train, given));
  // Its solver is not there; the error comes once all that is missing is known.
  if (spec.train && !training) return [];
  const trained = spec.train && training && add(spec.train, training, []);
  if (!spec.import) return units;
  const weights = trained && madeBy(trained, training.weights);
  const imported = add(spec.import, await draftImport(spec.import, given, weights), trained ? [trained] : []);
  const addAll = (stage: Stage, { shards, whole }: ShardedDrafts) => {
    const parts = shards.map((draft) => add(stage, draft, [imported]));
    const needs = parts.length > 0 ? parts : [imported];
    add(stage, whole(parts.map((part) => madeBy(part, shardFolder))), needs);
  };
  const model = madeBy(imported, modelFile);
  for (const [name, stage] of spec.evaluate) addAll(stage, await draftEvaluation(name, stage, given, model));
  for (const [verb, named] of spec.analyses)
    for (const [name, stage] of named) addAll(stage, await draftAnalysis(verb, name, stage, given, model));
  return units;
}
