import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { failPath } from '../../common/errno.node.ts';
import { fail } from '../../common/error.ts';
import { count, plural } from '../../common/format.ts';
import { type DefinitionName, parseDefinitionName } from '../../data/definitions/name.ts';
import { checkMissingFiles, filesFrom } from '../files.node.ts';
import { unitOf } from '../identity.node.ts';
import { fits } from '../pattern.ts';
import { MOST_UNITS } from '../spec.ts';
import type { Unit } from '../unit.ts';
import { checkUnit } from '../verbs.ts';
import { type AddUnit, studyData } from './data.node.ts';
import { planHeatmaps } from './heatmaps.node.ts';
import { type PlannedModel, type Planning, planNetwork, planTest } from './networks.node.ts';
import { type PlannedTest, planReport } from './report.node.ts';
import type { StudyFile } from './studyfile.ts';

/** The units of a study, and what people should know of its definitions. */
export interface StudyUnits {
  readonly units: readonly Unit[];
  /** In sentences without a stop. */
  readonly notes: readonly string[];
}

/**
 * The units of a study, for a plan that will be at `planFile`: the data that its definitions name, trainings, imports, evaluations
 * and what is made of them. Errors name the place in the study or in a definition; all files that are missing, at once.
 */
export async function studyUnits(study: StudyFile, planFile: string): Promise<StudyUnits> {
  const files = filesFrom(dirname(study.file), dirname(resolve(planFile)));
  const units: Unit[] = [];
  const known = new Map<string, Unit>();
  const notes = new Map<string, string[]>();
  const add: AddUnit = (draft, needs, place) => {
    const name = `${place}/${draft.label}`;
    const found = known.get(name);
    if (found) return found;
    const distinct = [...new Set(needs)];
    const unit = unitOf(draft, distinct, { place, folder: 'units', version: study.version });
    checkUnit(unit);
    units.push(unit);
    known.set(name, unit);
    if (units.length > MOST_UNITS)
      fail(study.file, `more than ${count(MOST_UNITS)} units`, "make several studies, by 'only' and 'folds'");
    return unit;
  };
  const note: Planning['note'] = (definition, text) =>
    void notes.set(definition, [...(notes.get(definition) ?? []), text]);
  const data = await studyData(study, files, add);
  const planning: Planning = { study, files, data, add, note };
  const tests = new Map<string, PlannedTest[]>();
  const trainings: Unit[] = [];
  const last: PlannedModel[] = [];
  for (const definition of await definitionsOf(study)) {
    for (const fold of foldsOf(study, data.folds)) {
      const network = await planNetwork(definition, fold, planning);
      if (!network) continue;
      trainings.push(network.training);
      for (const model of network.models) {
        if (model.isLast) last.push(model);
        for (const [test, sets] of study.tests) {
          const photos = sets[definition.preprocessing];
          if (photos !== 'i' && photos !== 'r') continue;
          const unit = planTest(model, [test, photos], planning);
          const { iteration, isLast } = model;
          tests.set(test, [...(tests.get(test) ?? []), { unit, iteration, isLast }]);
        }
      }
    }
  }
  const regions = study.heatmaps && last.length > 0 ? await planHeatmaps(last, study.heatmaps, planning) : [];
  checkMissingFiles(files, study.file);
  planReport({ tests, trainings, regions }, planning);
  const told = [...notes.values()].map(([first, ...more]) =>
    more.length > 0 ? `${first}, and ${plural(more.length, 'more path')} so` : first,
  );
  return { units, notes: told };
}

/** Errors: a fold that there is not. */
function foldsOf({ folds, file }: StudyFile, known: readonly number[]): readonly number[] {
  const strange = folds?.find((fold) => !known.includes(fold));
  if (strange !== undefined)
    fail(`${file}: folds`, `there is no fold ${strange}`, `there are ${known.join(', ')}`);
  return folds ?? known;
}

/** The definitions that are wanted, by name. Errors: no such folder, none that is wanted, a name that says nothing. */
async function definitionsOf(study: StudyFile): Promise<DefinitionName[]> {
  const { file, definitions, only, targets, preprocessing } = study;
  const folder = resolve(dirname(file), definitions.text);
  const names = await readdir(folder).catch((error: unknown) => failPath(definitions.text, error));
  const found: DefinitionName[] = [];
  for (const name of names.sort()) {
    if (only && !only.some((pattern) => fits(name, pattern))) continue;
    if (!(await stat(join(folder, name))).isDirectory()) continue;
    const definition = parseDefinitionName(name, definitions.where);
    if (targets.includes(definition.target) && preprocessing.includes(definition.preprocessing))
      found.push(definition);
  }
  if (found.length === 0) {
    const wanted = `${targets.join(', ')} and ${preprocessing.join(', ')}${only ? ` in ${only.join(', ')}` : ''}`;
    fail(definitions.where, `no folder in ${definitions.text} is of ${wanted}`, 'each definition has one');
  }
  return found;
}
