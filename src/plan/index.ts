export { fits } from './pattern.ts';
export { looksLikePlan, readPlan, writePlan } from './planfile.ts';
export { readSpec, type Spec } from './spec.ts';
export { type Input, type Plan, type ProgressFile, type Resume, shortId, type Unit } from './unit.ts';
