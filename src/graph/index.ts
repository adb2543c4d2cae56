export * from './batch.ts';
export * from './builder.ts';
export * from './dim.ts';
export * from './graph.ts';
export * from './info.ts';
export * from './model.ts';
export * from './preprocessing.ts';
export * from './tensor.ts';
