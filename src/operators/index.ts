export * from './infer.ts';
export * from './linear.ts';
export * from './lower.ts';
export { lrnParameters, lrnScale, lrnWindow, power } from './lrn.ts';
export * from './operator.ts';
export * from './shapes.ts';
export * from './sign.ts';
export * from './site.ts';
export * from './table.ts';
