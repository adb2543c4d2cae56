export * from './reverse.ts';
