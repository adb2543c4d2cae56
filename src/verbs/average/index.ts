export { type AverageResult, average } from './average.ts';
export { type AverageRequest, averageRequest } from './request.ts';
