export { type CacheOptions, cached } from './cache.ts';
export type { Provider, Runtime, Session, SessionOptions, Tensors } from './session.ts';
export { type WebRuntime, type WebRuntimeOptions, webRuntime } from './web.ts';
