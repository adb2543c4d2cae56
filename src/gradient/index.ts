export * from './gradient.ts';
export * from './reverse.ts';
