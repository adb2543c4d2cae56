export { type AverageResult, type AverageShard, average, averageShard } from './average.ts';
export {
  type AverageRequest,
  type AverageShardRequest,
  averageRequest,
  averageShardRequest,
} from './request.ts';
