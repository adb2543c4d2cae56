export * from './compare.ts';
export * from './comparison.ts';
export type { ResultSource } from './entries.ts';
