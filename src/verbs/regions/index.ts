export type { LookMeasure } from './looks.ts';
export { parseRegions, REGIONS_FILE, type RegionsResult } from './record.ts';
export { regions } from './regions.ts';
export {
  type RegionsRequest,
  type RegionsShardRequest,
  regionsRequest,
  regionsShardRequest,
} from './request.ts';
export { type RegionsShard, regionsShard } from './shard.ts';
export type { LookComparison, LookContrast, LookEstimate, LookLikeness } from './statistics.ts';
