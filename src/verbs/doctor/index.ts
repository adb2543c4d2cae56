export { checkDefinitions } from './definitions.ts';
export { doctor } from './doctor.ts';
export { type DefinitionsRequest, type DoctorRequest, definitionsRequest, doctorRequest } from './request.ts';
export type {
  DefinitionFinding,
  DefinitionsResult,
  DoctorEvent,
  DoctorFinding,
  DoctorResult,
  Fix,
  PreparationFields,
} from './result.ts';
