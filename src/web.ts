/** What limn needs of the browser: sessions, and photos in and out. */
export { decodeBlob } from './image/decode.web.ts';
export { encodePng } from './image/encode.web.ts';
export { type WebRuntimeOptions, webRuntime } from './runtime/web.ts';
