export * from './compare.ts';
export * from './comparison.ts';
export { type PooledResult, poolFolds, type ResultSource } from './entries.ts';
