export { clusters } from './clusters.ts';
export { type HidingReport, type HidingResult, hideRegion } from './hide.ts';
export { type HideRequest, hideRequest } from './hiderequest.ts';
export {
  type ClustersRequest,
  type ClustersShardRequest,
  clustersRequest,
  clustersShardRequest,
} from './request.ts';
export type { ClustersEvent, ClustersResult, ClustersShard } from './result.ts';
export { clustersShard } from './shard.ts';
