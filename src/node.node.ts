/** What limn needs of Node: sessions, worker threads, and files read and written whole or not at all. */
export { writeFileAtomic } from './common/atomic.node.ts';
export { readBytes } from './common/file.node.ts';
export { type LoadedModel, loadModel, saveModel } from './graph/onnx/file.node.ts';
export { decodeBytes, decodeFile } from './image/decode.node.ts';
export { encodePng, writePng } from './image/encode.node.ts';
export { drawFigure, writeFigure } from './image/figure.node.ts';
export { nodeRuntime } from './runtime/onnxruntime.node.ts';
export { openPool, type PoolOptions } from './runtime/pool.node.ts';
