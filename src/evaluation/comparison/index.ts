export * from './compare.ts';
export * from './comparison.ts';
export type { Source } from './entries.ts';
