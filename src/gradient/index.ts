export * from './gradient.ts';
export * from './reverse.ts';
export { cofactor } from './sum.ts';
