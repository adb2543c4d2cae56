export { clusters } from './clusters.ts';
export { type ClustersRequest, clustersRequest } from './request.ts';
export type { ClustersEvent, ClustersResult } from './result.ts';
