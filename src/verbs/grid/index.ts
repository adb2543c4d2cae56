export { type GridEvent, type GridResult, grid } from './grid.ts';
export {
  GRID_FILE,
  GRID_PICTURE,
  type GridRecord,
  type MeanGridRecord,
  type PhotoGridRecord,
  readGridRecord,
} from './record.ts';
export { type GridRequest, type GridShardRequest, gridRequest, gridShardRequest } from './request.ts';
export { type GridShard, gridShard } from './shard.ts';
