export type { LookMeasure } from './looks.ts';
export { REGIONS_FILE, type RegionsResult, regions } from './regions.ts';
export { type RegionsRequest, regionsRequest } from './request.ts';
export type { LookComparison, LookContrast, LookEstimate, LookLikeness } from './statistics.ts';
