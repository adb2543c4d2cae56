import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, freemem } from 'node:os';
import { basename, join } from 'node:path';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { readBytes } from '../common/file.node.ts';
import { makeFolder } from '../common/folder.node.ts';
import { version } from '../common/version.ts';
import { type Graph, size } from '../graph/index.ts';
import type { Compute, ComputeOptions, Files, Host, Images } from '../verbs/host.ts';

/* Decoders, ONNX Runtime and the reader of models are imported when they are first used: most commands need few of them. */

/** This machine's disk. */
const files: Files = {
  read: readBytes,
  async kindOf(path) {
    const entry = await stat(path).catch(() => undefined);
    return entry && (entry.isDirectory() ? 'folder' : 'file');
  },
  async write(path, data) {
    await makeFolder(join(path, '..'));
    await writeFileAtomic(path, data);
  },
  makeFolder: async (path) => {
    await makeFolder(path);
  },
  readModel: async (path) => (await import('../onnx/file.node.ts')).loadModel(path),
  join,
  basename,
};

const images: Images = {
  decode: async (bytes, name) => (await import('../image/decode.node.ts')).decodeBytes(bytes, name),
  encodePng: async (picture) => (await import('../image/encode.node.ts')).encodePng(picture),
  draw: async (layout) => (await import('../image/figure.node.ts')).drawLayout(layout),
};

/** Node: files on the disk, ONNX Runtime on the processor, through WebGPU, or on CUDA. */
export const nodeHost: Host = {
  files,
  images,
  compute,
  sha256() {
    const hash = createHash('sha256');
    return {
      update(bytes) {
        hash.update(bytes);
        return this;
      },
      digest: () => hash.digest('hex'),
    };
  },
  get versions() {
    const runtime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
    return { limn: version, onnxruntime: runtime.version, node: process.versions.node };
  },
};

/** Fewer images are done before several workers have loaded the model. */
const worthWorkers = 6;

/**
 * One session with all threads for a few images; for many on the CPU a worker thread per core with a single-threaded
 * session each, which is faster, as far as memory goes.
 */
async function compute(
  graph: Graph,
  images: number,
  { provider = 'cpu', threads = availableParallelism() }: ComputeOptions,
): Promise<Compute> {
  const workers =
    provider === 'cpu' && images >= worthWorkers ? Math.min(threads, images, affordable(graph)) : 1;
  if (workers === 1) {
    const { nodeRuntime } = await import('../runtime/onnxruntime.node.ts');
    // A single run is over before rearranging and keeping memory would pay.
    const once = images === 1 ? ({ arena: false, optimise: 'quick' } as const) : {};
    return { runtime: nodeRuntime, session: { provider, threads, ...once }, workers };
  }
  const { openPool } = await import('../runtime/pool.node.ts');
  const each = Math.floor(threads / workers);
  return {
    runtime: { load: (loaded) => openPool(loaded, { provider, workers, threads: each }) },
    session: { provider, threads: each },
    workers,
  };
}

/** How many sessions of a network fit into half of the free memory: each holds its weights and values. */
function affordable(graph: Graph): number {
  const weights = [...graph.constants.values()].reduce((sum, { shape }) => sum + 4 * size(shape), 0);
  return Math.max(1, Math.floor(freemem() / 2 / (2 * weights + 200e6)));
}
