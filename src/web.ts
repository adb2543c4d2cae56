/** What limn needs of the browser: a host for verbs, verbs in one call, sessions, and photos in and out. */
export { opfsFiles } from './hosts/opfs.ts';
export { type PageFiles, pageFiles } from './hosts/pagefiles.ts';
export { type WebHostOptions, webHost } from './hosts/web.ts';
export { classify, explain, type PageSource } from './hosts/webcalls.ts';
export { decodeBlob } from './image/pixels/decode.web.ts';
export { encodePng } from './image/pixels/encode.web.ts';
export { type WebRuntime, type WebRuntimeOptions, webRuntime } from './runtime/web.ts';
