export { clusters } from './clusters.ts';
export { type HidingReport, type HidingResult, hideRegion } from './hide.ts';
export { type HideRequest, hideRequest } from './hiderequest.ts';
export { type ClustersRequest, clustersRequest } from './request.ts';
export type { ClustersEvent, ClustersResult } from './result.ts';
