import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import { averageRequest, averageShardRequest } from '../verbs/average/request.ts';
import { classifyRequest, classifyShardRequest } from '../verbs/classify/request.ts';
import { clustersRequest, clustersShardRequest } from '../verbs/clusters/request.ts';
import { compareRequest } from '../verbs/compare/request.ts';
import { conceptsRequest, conceptsShardRequest } from '../verbs/concepts/request.ts';
import {
  dataAdienceRequest,
  dataJoinRequest,
  dataListsRequest,
  dataLmdbRequest,
  dataMeanRequest,
  dataSampleRequest,
  dataSquareRequest,
} from '../verbs/data/request.ts';
import { drawRequest } from '../verbs/draw/request.ts';
import { evaluateRequest } from '../verbs/evaluate/request.ts';
import { saveRequest } from '../verbs/explain/request.ts';
import { facesRequest, facesShardRequest } from '../verbs/faces/request.ts';
import { faithfulnessRequest, faithfulnessShardRequest } from '../verbs/faithfulness/request.ts';
import { gridRequest, gridShardRequest } from '../verbs/grid/request.ts';
import { importCaffeRequest } from '../verbs/import/request.ts';
import { mergeRequest } from '../verbs/merge/request.ts';
import { plotRequest } from '../verbs/plot/request.ts';
import { regionsRequest, regionsShardRequest } from '../verbs/regions/request.ts';
import { reportRequest } from '../verbs/report/request.ts';
import { checkRequest } from '../verbs/request.ts';
import { trainRequest } from '../verbs/train/request.ts';
import type { Task } from './task.ts';
import type { Unit } from './unit.ts';

/** What units can be: verbs by the names that limn/verbs and limn/node export, with what each may be asked. */
export const unitVerbs = {
  train: trainRequest,
  importFromCaffe: importCaffeRequest,
  evaluate: evaluateRequest,
  classify: classifyRequest,
  classifyShard: classifyShardRequest,
  faces: facesRequest,
  facesShard: facesShardRequest,
  faithfulness: faithfulnessRequest,
  faithfulnessShard: faithfulnessShardRequest,
  clusters: clustersRequest,
  clustersShard: clustersShardRequest,
  concepts: conceptsRequest,
  conceptsShard: conceptsShardRequest,
  merge: mergeRequest,
  dataLists: dataListsRequest,
  dataSquare: dataSquareRequest,
  dataLmdb: dataLmdbRequest,
  dataMean: dataMeanRequest,
  dataJoin: dataJoinRequest,
  dataSample: dataSampleRequest,
  dataAdience: dataAdienceRequest,
  saveExplanations: saveRequest,
  average: averageRequest,
  averageShard: averageShardRequest,
  draw: drawRequest,
  regions: regionsRequest,
  regionsShard: regionsShardRequest,
  grid: gridRequest,
  gridShard: gridShardRequest,
  compare: compareRequest,
  plot: plotRequest,
  report: reportRequest,
} as const;

/** The name of a verb that a unit of a plan may be. */
export type UnitVerb = keyof typeof unitVerbs;

const isUnitVerb = (verb: string): verb is UnitVerb => Object.hasOwn(unitVerbs, verb);

/** The verb of a task. Errors: none that a unit can have; a request with fields that it does not know or with wrong values. */
export function checkedVerb({ name, verb, request }: Omit<Task, 'id'>): UnitVerb {
  if (!isUnitVerb(verb))
    return fail(name, `there is no verb ${quoted(verb)}`, `units have ${Object.keys(unitVerbs).join(', ')}`);
  checkRequest(unitVerbs[verb], request as never);
  return verb;
}

/** Errors: as of {@link checkedVerb}, for both of a unit's requests. */
export function checkUnit(unit: Unit): void {
  checkedVerb(unit);
  if (unit.resume) checkedVerb({ ...unit, request: unit.resume.request });
}
