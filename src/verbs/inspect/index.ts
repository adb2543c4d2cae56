export type { Block } from './blocks.ts';
export { type InspectedLayer, type InspectResult, inspect } from './inspect.ts';
export { type InspectRequest, inspectRequest } from './request.ts';
