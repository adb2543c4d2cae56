import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { availableParallelism, freemem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Write } from '../common/atomic.node.ts';
import { failEnvironment } from '../common/error.ts';
import { nodeFiles } from '../common/files.node.ts';
import { writeInFolder } from '../common/folder.node.ts';
import type { Outputs } from '../common/outputs.node.ts';
import { version } from '../common/version.ts';
import { type Graph, type Model, size } from '../graph/index.ts';
import type { WrittenModel } from '../onnx/index.ts';
import { hasBinary } from '../runtime/binary.node.ts';
import type { Compute, ComputeOptions, Files, Host, Images } from '../verbs/host.ts';
import type { NodeHost } from '../verbs/nodehost.node.ts';

/* Decoders, ONNX Runtime and the reader of models are imported when they are first used: most commands need few of them. */

/** This machine's disk. */
const files: Files = {
  ...nodeFiles,
  readModel: async (path, options) =>
    (await import('../onnx/file.node.ts')).loadModel(path, { onlyKnown: true, ...options }),
  writeModel: (path, model) => writeModel(writeInFolder, path, model),
};

const images: Images = {
  decode: async (bytes, name) => (await import('../image/pixels/decode.node.ts')).decodeBytes(bytes, name),
  measure: async (bytes, name) => (await import('../image/pixels/decode.node.ts')).measureBytes(bytes, name),
  encodePng: async (picture) => (await import('../image/pixels/encode.node.ts')).encodePng(picture),
  drawSvg: async (svg, density) => (await import('../image/figure/figure.node.ts')).drawSvg(svg, density),
  draw: async (layout) => (await import('../image/figure/figure.node.ts')).drawLayout(layout),
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
  async sha256Of(parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  },
  packageFile,
  get versions() {
    const { env } = createRequire(import.meta.url)(
      'onnxruntime-common',
    ) as typeof import('onnxruntime-common');
    const onnxruntime = `${env.versions.common}${hasBinary() ? '' : ' (WebAssembly)'}`;
    return { limn: version, onnxruntime, node: process.versions.node };
  },
};

/** A file of this package is found from here, of another one as its programs would import it. */
async function packageFile(name: string, path: string): Promise<string> {
  if (name === 'limn') return fileURLToPath(new URL(`../../${path}`, import.meta.url));
  try {
    return createRequire(import.meta.url).resolve(`${name}/${path}`);
  } catch {
    return failEnvironment(`npm package ${name}`, 'it is not installed', `npm install ${name}`);
  }
}

/**
 * Node with guarded files: nothing is written over what is read through it, nor over a file that limn did not make, and
 * folders that are made are held as long as `outputs` last.
 */
export function nodeHostWith(outputs: Outputs): NodeHost {
  const resumed = new Set<string>();
  const reads = (path: string) => {
    if (!resumed.has(path)) outputs.reads([path]);
  };
  const guarded: Files = {
    ...files,
    read(path) {
      reads(path);
      return files.read(path);
    },
    open(path) {
      reads(path);
      return files.open(path);
    },
    async readModel(path, options) {
      const loaded = await files.readModel(path, options);
      outputs.reads(loaded.files);
      return loaded;
    },
    writeModel: (path, model) => writeModel(outputs.write, path, model),
    write: outputs.write,
    async grow(path, keep) {
      await outputs.open([path]);
      return files.grow(path, keep);
    },
    remove: outputs.remove,
    makeFolder: outputs.own,
    claim: outputs.claim,
    protect: outputs.reads,
    resume(paths) {
      for (const path of paths) resumed.add(path);
    },
  };
  return { ...nodeHost, files: guarded, outputs };
}

const writeModel = async (write: Write, path: string, model: Model): Promise<WrittenModel> =>
  (await import('../onnx/file.node.ts')).writeModelWith(write, path, model);

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
  const fitting = affordable(graph);
  const workers = provider === 'cpu' && images >= worthWorkers ? Math.min(threads, images, fitting) : 1;
  const limits = {
    workers,
    networks: Math.max(1, Math.floor(fitting / workers)),
    decoders: availableParallelism() + 1,
  };
  if (workers === 1) {
    const { nodeRuntime } = await import('../runtime/onnxruntime.node.ts');
    // A single run is over before rearranging and keeping memory would pay.
    const once = images === 1 ? ({ arena: false, optimise: 'quick' } as const) : {};
    return { runtime: nodeRuntime, session: { provider, threads, ...once }, ...limits };
  }
  const { openPool } = await import('../runtime/pool.node.ts');
  const each = Math.floor(threads / workers);
  return {
    runtime: { load: (loaded) => openPool(loaded, { provider, workers, threads: each }) },
    session: { provider, threads: each },
    ...limits,
  };
}

/** How many sessions of a network fit into half of the free memory: each holds its weights and values. */
function affordable(graph: Graph): number {
  const weights = [...graph.constants.values()].reduce((sum, { shape }) => sum + 4 * size(shape), 0);
  return Math.max(1, Math.floor(freemem() / 2 / (2 * weights + 200e6)));
}
