export * from './graph.ts';
export * from './tensor.ts';
